"""ISO 8601 durations as Azure Monitor writes them, and the same as KQL timespan literals."""

from __future__ import annotations

import re
from datetime import timedelta

from aks_communication_manager.errors import invalid
from aks_communication_manager.text import quoted

FREQUENCIES = ("PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D")
"""Evaluation frequencies of rules over Azure Resource Graph, for which Azure rejects PT1M."""

PATTERN = "P(?=[0-9T])(?:([0-9]{1,6})D)?(?:T(?=[0-9])(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
"""Days, hours, minutes and seconds, in the common part of Python's dialect and ECMAScript's. Sums of such durations fit a `timedelta`."""
FORM = "Use ISO 8601: PT5M is five minutes, PT0S is zero, P1D is one day."


def parse(text: str) -> timedelta:
    """Parse a duration such as ``PT1H30M``. Days, hours, minutes and seconds; whole numbers only.

    Raises `InvalidArgument` for anything else.
    """
    if match := re.fullmatch(PATTERN, text):
        days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if re.fullmatch(re.sub(r"\{1,.\}", "+", PATTERN), text):
        raise invalid("ACM033", f"{quoted(text)} is too long", "Write a shorter one, such as PT5M.")
    raise invalid("ACM033", f"{quoted(text)} is not a duration", FORM)


def iso(duration: timedelta) -> str:
    """The duration as ISO 8601 and Azure Monitor write it: ``PT1H30M``, ``P1D``, ``PT0S``."""
    seconds = round(duration.total_seconds())
    days, seconds = divmod(seconds, 86400)
    parts = ((seconds // 3600, "H"), (seconds % 3600 // 60, "M"), (seconds % 60, "S"))
    time = "".join(f"{number}{unit}" for number, unit in parts if number)
    return f"P{f'{days}D' if days else ''}{f'T{time}' if time else '' if days else 'T0S'}"


def kql(duration: timedelta) -> str:
    """The duration as one KQL timespan literal, in the largest unit that divides it: ``35m``, ``2h``, ``90s``.

    ``ago()`` in a query over Azure Resource Graph takes literals only, so sums are computed here.
    """
    seconds = round(duration.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
