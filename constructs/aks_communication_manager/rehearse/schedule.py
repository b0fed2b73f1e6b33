"""Evaluation times of alert rules: regular, or with jitter, skipped evaluations and outages.

Azure promises neither evenly spaced evaluations nor that a skipped one is caught up, so both can be varied.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOREVER = 1 << 62


def microseconds(moment: datetime) -> int:
    """Convert a time to microseconds since 1970: integers compare faster, and a rehearsal mostly compares times."""
    return (moment - EPOCH) // MICROSECOND


@dataclass(frozen=True, slots=True)
class Schedule:
    """Irregularity of evaluations, reproducible by its seed."""

    jitter: timedelta = timedelta(0)
    """Maximum deviation of an evaluation, early or late."""

    skip: float = 0.0
    """Probability that an evaluation is skipped."""

    outages: tuple[tuple[datetime, datetime], ...] = ()
    """Periods without evaluations."""

    seed: int = 0

    def moments(self, rule: str, frequency: timedelta, start: datetime, end: datetime) -> Sequence[int]:
        """Evaluations of a rule between two moments, in microseconds since 1970. Rule name and seed determine the phase."""
        chance = random.Random(f"{self.seed} {rule}")
        step, jitter = frequency // MICROSECOND, self.jitter // MICROSECOND
        first, last = microseconds(start), microseconds(end)
        outages = [(microseconds(begin), microseconds(over)) for begin, over in self.outages]
        moments = []
        phase = chance.randrange(frequency // timedelta(seconds=1)) * 1_000_000
        for even in range(first + phase, last + 1, step):
            moment = even + (round(chance.uniform(-jitter, jitter)) if jitter else 0)
            skipped = self.skip and chance.random() < self.skip
            if not skipped and not any(begin <= moment < over for begin, over in outages):
                moments.append(moment)
        return sorted(moments)
