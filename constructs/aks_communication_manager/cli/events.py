"""``events``: what Azure has scheduled for the clusters of the config."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.cli import shared_options
from aks_communication_manager.cli.azure_session import azure_session
from aks_communication_manager.cli.terminal import console, note, print_json
from aks_communication_manager.errors import InvalidArgument
from aks_communication_manager.text import printable, quoted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from aks_communication_manager.arm.ids import ArmId
    from aks_communication_manager.notices.record import Record

MOST_LINES = 200
"""Rows of a table in a terminal; ``--json`` prints all."""

COLOURS = {"Failed": "red", "Canceled": "yellow", "Started": "cyan", "Completed": "green"}


class Status(StrEnum):
    """Statuses of an event."""

    scheduled = "scheduled"
    started = "started"
    completed = "completed"
    canceled = "canceled"
    failed = "failed"


def events(
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only later events: P7D, PT12H, 2026-12-01 or 2026-12-01T08:00Z."),
    ] = None,
    status: Annotated[
        list[Status] | None,
        typer.Option(
            metavar="STATUS",
            case_sensitive=False,
            help="Only this one of scheduled, started, completed, canceled, failed. Repeatable.",
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and show new events as they come.")] = False,
    interval: Annotated[int, typer.Option(min=5, metavar="SECONDS", help="With --watch: how often to look.")] = 60,
    config: shared_options.Config = None,
    stack: shared_options.Stack = None,
    json: shared_options.Json = False,
    timeout: shared_options.Timeout = shared_options.DEFAULT_TIMEOUT,
) -> None:
    """Show the scheduled events of the clusters, the newest first.

    Reads Azure Resource Graph, which shows what the login may read. Times are in UTC. Exit status 2 where Azure cannot be
    asked.

    \b
    Examples:
      aks-communication-manager events
      aks-communication-manager events --since P30D --status failed --status canceled
      aks-communication-manager events --watch
    """
    from aks_communication_manager.azure import scheduled_events as room
    from aks_communication_manager.azure.stack_ids import StackIds
    from aks_communication_manager.compiler import compile_config
    from aks_communication_manager.config.locations import config_file

    oldest = _time(since) if since else None
    if watch and json:
        raise typer.BadParameter("--json prints once; leave out one of them.", param_hint="--watch")
    if watch and not sys.stdout.isatty():
        raise typer.BadParameter("it needs a terminal; leave it out, or run --json in a loop.", param_hint="--watch")
    scopes = list(
        dict.fromkeys(
            scope
            for compiled in compile_config(config_file(config)).chosen(stack)
            for scope in StackIds(compiled).watched
        )
    )

    def chosen(found: Sequence[Record]) -> list[Record]:
        wanted = [event for event in found if not status or event.status.lower() in status]
        # Events without a time are kept: they may be recent.
        return [event for event in wanted if not oldest or not event.time or event.time >= oldest]

    if watch:
        with suppress(KeyboardInterrupt):
            _watch(scopes, chosen, interval, timeout)
        return
    with azure_session(timeout) as arm:
        found = room.scheduled_events(arm, scopes)
        silence = "" if found else room.explain_silence(arm, scopes)
    shown = chosen(found)
    count = "The only event is" if len(found) == 1 else f"All {len(found):,} events are"
    reason = silence or ("" if shown else f"{count} left out by --since or --status.")
    if json:
        print_json({"events": [room.as_json(event) for event in shown], "explanation": reason or None})
        return
    if shown:
        console().print(_table(shown, console().width))
    if len(shown) > MOST_LINES:
        note(f"and {len(shown) - MOST_LINES:,} older events: --json has all of them")
    if reason:
        note(reason)


def _table(found: Sequence[Record], width: int, new: frozenset[str] = frozenset()) -> RenderableType:
    from rich import box
    from rich.table import Column, Table
    from rich.text import Text

    columns = [
        Column("Updated (UTC)", no_wrap=True),
        Column("Cluster", overflow="fold"),
        Column("Notice", overflow="fold"),
        Column("Status", no_wrap=True),
        Column("Planned (UTC)", no_wrap=True),
        Column("Description", overflow="fold"),
    ]
    shown = columns if width >= 100 else columns[:-1]
    table = Table(*shown, box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for event in found[:MOST_LINES]:
        cells = (
            _minute(event.time),
            printable(name_of(event.cluster)),
            ", ".join(event.notices) or "none of ours",
            Text(printable(event.status), COLOURS.get(event.status, "")),
            _minute(event.planned),
            printable(event.description),
        )
        table.add_row(*cells[: len(shown)], style="bold" if event.name in new else "")
    return table


def _watch(
    scopes: Sequence[ArmId], chosen: Callable[[Sequence[Record]], list[Record]], interval: int, timeout: timedelta
) -> None:
    """Show a table until Ctrl-C; events that appeared since the start are bold."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from aks_communication_manager.azure.failures import Stalled, Throttled, Unexpected, Unreachable
    from aks_communication_manager.azure.scheduled_events import scheduled_events

    screen = console()
    known: set[str] | None = None
    shown: list[Record] = []
    with azure_session(timeout, progress=False) as arm, Live(console=screen, auto_refresh=False) as live:
        while True:
            now = f"{datetime.now(UTC):%H:%M:%S} UTC"
            line = f"{now}, again every {interval} seconds; Ctrl-C ends it"
            try:
                shown = chosen(scheduled_events(arm, scopes))
                known = {event.name for event in shown} if known is None else known
            except (Stalled, Throttled, Unexpected, Unreachable) as failure:
                # A short loss of the connection must not close the table.
                line = f"{now}: {failure.problem}; trying again every {interval} seconds"
            new = frozenset(event.name for event in shown if event.name not in (known or ()))
            rows = shown[: max(screen.height - 6, 1)]
            body = _table(rows, screen.width, new) if rows else Text("No events.")
            live.update(Group(body, Text(line, "dim")), refresh=True)
            time.sleep(interval)


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "not set"


def _time(text: str) -> datetime:
    """A time, given as one or as a duration before now."""
    try:
        if text.upper().startswith("P"):
            return datetime.now(UTC) - shared_options.parse_duration("--since", text.upper())
        return shared_options.parse_time(text)
    except (InvalidArgument, ValueError):
        fix = "write it as P7D, PT12H, 2026-12-01 or 2026-12-01T08:00Z"
        raise typer.BadParameter(f"{quoted(text)} is not a time; {fix}.", param_hint="--since") from None
