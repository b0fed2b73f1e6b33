"""Options shared by several commands, and parsers of their values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from aks_communication_manager.config.locations import CONFIG, DEFAULT_CONFIG
from aks_communication_manager.errors import InvalidArgument, invalid
from aks_communication_manager.text import quoted

Config = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help=f"The config file.  [default: {CONFIG}, or {DEFAULT_CONFIG}]"),
]
Stack = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only this stack.  [default: all]"),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

LONGEST_TIMEOUT = timedelta(hours=1)

Timeout = Annotated[
    timedelta,
    typer.Option(
        metavar="DURATION",
        parser=lambda text: text if isinstance(text, timedelta) else parse_timeout(text),
        help="Give up when an answer of Azure takes longer (ISO 8601).  [default: PT2M]",
        show_default=False,
    ),
]
DEFAULT_TIMEOUT = timedelta(minutes=2)


def parse_time(text: str) -> datetime:
    """Parse a time as UTC, the default time zone. Raises `ValueError`."""
    time = datetime.fromisoformat(text)
    try:
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except OverflowError as error:  # before the year 1 or after 9999
        raise ValueError(text) from error


def parse_duration(option: str, text: str) -> timedelta:
    """Parse the ISO 8601 duration of an option. Raises `InvalidArgument`."""
    from aks_communication_manager.arm.durations import parse

    try:
        return parse(text)
    except InvalidArgument as error:
        raise InvalidArgument(*(mistake.under(option) for mistake in error.mistakes)) from None


def parse_timeout(text: str) -> timedelta:
    """Parse the value of ``--timeout``. Raises `InvalidArgument`."""
    duration = parse_duration("--timeout", text.upper())
    if not timedelta() < duration <= LONGEST_TIMEOUT:
        raise invalid(
            "ACM171", f"--timeout: {quoted(text)} is not between a second and an hour", "Use PT2M, for example."
        )
    return duration
