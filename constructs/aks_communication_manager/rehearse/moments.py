"""Moments as whole microseconds since 1970: comparing these is what a rehearsal mostly does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FOREVER = 1 << 62


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND
