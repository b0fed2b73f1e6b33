"""Output of ``rehearse``: the timeline of notifications, then the outcome of each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from aks_communication_manager.arm.id_parts import name_of
from aks_communication_manager.arm.limits import RATES
from aks_communication_manager.cli.terminal import console
from aks_communication_manager.rehearse.rehearsal import Event, Notification, Rehearsal
from aks_communication_manager.text import printable

MOST_LINES = 200
"""Rows of a table in a terminal; ``--json`` and ``--html`` have all."""

MOST_EVENTS = 50
"""Number of events above which those notified exactly once are not listed."""

MOST_CHARACTERS = 300
"""Characters of a dimension value; the cluster names of a digest can have 2,000."""

WIDE = 110
"""Terminal width in columns below which rule and dimensions share a column."""


LIMITED = " (not sent: Azure's limit)"

_COUNTED = {"email": "address", "sms": "number", "voice": "number", "webhook": "subscription"}

_OF_DIGESTS = {"hour": "hour {}", "plannedTime": "planned {}", "events": "events: {}"}
"""Formats for dimensions of a digest whose values are unclear on their own."""


def cluster_label(event: Event, result: Rehearsal) -> str:
    """Name of the cluster, marked if it was invented for a wide scope."""
    return f"{name_of(event.cluster)}{' (invented)' if event.cluster in result.invented else ''}"


def says(notification: Notification) -> str:
    """Readable dimension values, without ids (unless there is nothing else) and without "-" for unknown values."""
    words = _OF_DIGESTS if "clusters" in notification.dimensions else {}
    values = {name: value for name, value in notification.dimensions.items() if value not in ("", "-")}
    readable = [
        words.get(name, "{}").format(value if len(value) <= MOST_CHARACTERS else f"{value[:MOST_CHARACTERS]} …")
        for name, value in values.items()
        if not value.startswith("/") and value not in notification.events
    ]
    text = " · ".join(readable or values.values())
    return f"{text} (resolved)" if notification.condition == "Resolved" else text


def reached(notification: Notification) -> str:
    """Kinds and names of the receivers, never addresses."""
    if notification.receivers is None:
        return f"{notification.action_group} (its receivers are not known here)"
    return (
        ", ".join(
            f"{one.kind} {one.name}{LIMITED if one in notification.limited else ''}" for one in notification.receivers
        )
        or f"nobody: {notification.action_group} is disabled or empty"
    )


def outcome(event: Event) -> str:
    """How often somebody was notified of the event."""
    if event.notified:
        return "once" if event.notified == 1 else f"{event.notified} times"
    if event.limited:
        return "nobody: Azure's limit"
    return "nobody" if event.wanted else "nobody: no rule asks for it"


def show(result: Rehearsal) -> None:
    """Print the whole result."""
    screen = console()
    sent = [one for one in result.notifications if not one.suppressed_by]
    _timeline(screen, [one for one in sent if one.reaches_somebody or not one.limited])
    suppressed = Counter((one.condition, one.suppressed_by) for one in result.notifications if one.suppressed_by)
    for (condition, by), number in suppressed.items():
        screen.print(printable(f"Not sent: {number:,} × {condition}, suppressed by {by}."), style="dim")
    limited = Counter(receiver for one in sent for receiver in one.limited)
    for receiver, number in limited.items():
        rate = RATES[receiver.kind]
        limit = f"Azure's limit of {rate.most:,} in {rate.words} for each {_COUNTED[receiver.kind]}"
        screen.print(printable(f"Not sent: {number:,} × {receiver.kind} {receiver.name}: {limit}."), style="red")
    _events(screen, result)
    for left_out in result.not_evaluated:
        reason = " ".join(left_out.reason.split())
        where = printable(f" ({left_out.stack}): {reason}")
        screen.print(Text.assemble((printable(f"✗ {left_out.rule}"), "red"), where))


def _timeline(screen: Console, sent: Sequence[Notification]) -> None:
    if not sent:
        screen.print("Nobody is notified of anything.", style="red")
        return
    several = len({one.stack for one in sent}) > 1
    wide = screen.width >= WIDE
    table = _table(
        Column("Time (UTC)", no_wrap=True),
        *(["Rule", "Says"] if wide else ["Says"]),
        Column("Sev", justify="right", no_wrap=True),
        "Receivers",
    )
    for one in sent[:MOST_LINES]:
        rule = printable(f"{one.stack}: {one.rule}" if several else one.rule)
        said = printable(says(one))
        table.add_row(
            f"{one.time:%Y-%m-%d %H:%M}",
            *((rule, said) if wide else (f"{said}\n{rule}",)),
            str(one.severity),
            printable(reached(one)),
            style="dim" if one.condition == "Resolved" else "",
        )
    screen.print(table)
    _left(screen, len(sent), "notifications")


def _events(screen: Console, result: Rehearsal) -> None:
    shown = [one for one in result.events if len(result.events) <= MOST_EVENTS or one.notified != 1]
    unheard = set(result.unheard)
    table = _table(
        Column("Event", no_wrap=True), "Cluster", "Status", "Family", Column("Shown (UTC)", no_wrap=True), "Notified"
    )
    for one in shown[:MOST_LINES]:
        colour = "red" if one in unheard else "dim" if not one.notified else "green" if one.notified == 1 else "yellow"
        shown_at = f"{one.visible_at:%Y-%m-%d %H:%M}"
        cells = map(printable, (one.name[:8], cluster_label(one, result), one.status, one.family, shown_at))
        table.add_row(*cells, Text(outcome(one), colour))
    if shown:
        screen.print(table)
        _left(screen, len(shown), "events")
    once = sum(one.notified == 1 for one in result.events)
    repeated = sum(one.notified > 1 for one in result.events)
    nobody = len(result.events) - once - repeated
    screen.print(f"{len(result.events):,} events: {once:,} notified once, {repeated:,} repeated, {nobody:,} to nobody.")


def _table(*columns: Column | str) -> Table:
    """Create a table whose columns fold long text by default."""
    folding = (Column(column, overflow="fold") if isinstance(column, str) else column for column in columns)
    return Table(*folding, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))


def _left(screen: Console, number: int, what: str) -> None:
    if number > MOST_LINES:
        screen.print(f"and {number - MOST_LINES:,} more {what}: --json or --html has all of them", style="dim")
