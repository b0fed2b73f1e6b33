"""The page that ``rehearse --html`` writes: one file, nothing fetched, a timeline of each cluster.

Positions on the time line are percentages, so the same drawing fits a phone and a wide screen without being scaled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from aks_communication_manager.arm.id_parts import name_of, resource_group_of
from aks_communication_manager.cli.rehearse_timeline import outcome, reached, says

if TYPE_CHECKING:
    from aks_communication_manager.rehearse.rehearsal import Event, Notification, Rehearsal

_OPEN_AT_MOST = 12
"""Of so many clusters the lists are open; with more of them a reader opens what is of interest."""

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0;
  --good: #1a7f37; --warn: #9a6700; --bad: #cf222e; --sent: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --ink: #e6edf3; --faint: #9198a1;
  --line: #30363d; --good: #3fb950; --warn: #d29922; --bad: #f85149; --sent: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; }
p { margin: .25rem 0; }
.faint, small { color: var(--faint); font-size: .875rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; }
.figures div { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .none { color: var(--faint); }
section { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
svg { display: block; width: 100%; margin: .75rem 0; overflow: visible; }
svg text { fill: var(--faint); font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
svg .lane { stroke: var(--line); stroke-width: 2; } svg .tick { stroke: var(--line); }
svg .sent { stroke: var(--sent); stroke-width: 3; stroke-linecap: round; }
svg .good { fill: var(--good); } svg .warn { fill: var(--warn); } svg .bad { fill: var(--bad); } svg .none { fill: var(--faint); }
ol { list-style: none; margin: .5rem 0 0; padding: 0; }
ol li { border-top: 1px solid var(--line); padding: .6rem 0; display: grid; grid-template-columns: 10rem 1fr; gap: 0 1rem; }
li time { font-variant-numeric: tabular-nums; color: var(--faint); }
li p { margin: 0; }
.badge { font-weight: 600; }
summary { cursor: pointer; color: var(--sent); }
@media (max-width: 40rem) { body { padding: 1rem .75rem 3rem; } ol li { grid-template-columns: 1fr; } section { padding: .75rem; }
  .wide { display: none; } }
"""


def page(result: Rehearsal) -> str:
    """The whole page."""
    return "\n".join(_page(result))


def _page(result: Rehearsal) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield f"<title>Rehearsal of alert rules</title><style>{_STYLE}</style></head><body>"
    yield from _head(result)
    yield from _left_out(result)
    clusters: dict[str, list[Event]] = defaultdict(list)
    for event in result.events:
        clusters[event.cluster].append(event)
    about: dict[str, list[Notification]] = defaultdict(list)
    for notification in result.notifications:
        for name in notification.events:
            about[name].append(notification)
    for cluster, events in sorted(clusters.items()):
        yield from _cluster(cluster, events, about, len(clusters) <= _OPEN_AT_MOST)
    yield "</body></html>\n"


def _head(result: Rehearsal) -> Iterator[str]:
    yield "<header><h1>Rehearsal of alert rules</h1>"
    times = [event.visible_at for event in result.events] + [one.time for one in result.notifications]
    if times:
        yield f'<p class="faint">{_day(min(times))} to {_day(max(times))}, all times in UTC</p>'
    sent = [one for one in result.notifications if not one.suppressed_by]
    figures = (
        ("events", len(result.events), ""),
        ("notified once", sum(one.notified == 1 for one in result.events), "good"),
        ("repeated", sum(one.notified > 1 for one in result.events), "warn"),
        ("to nobody", sum(not one.notified for one in result.events), "bad"),
        ("notifications", len(sent), ""),
        ("suppressed", len(result.notifications) - len(sent), ""),
    )
    yield '<dl class="figures">'
    for name, number, kind in figures:
        yield f'<div><dt>{name}</dt><dd class="{kind if number else ""}">{number:,}</dd></div>'
    yield "</dl>"
    yield (
        '<p class="faint">On each line: <span class="good">●</span> an event that somebody was notified of once, '
        '<span class="warn">■</span> more than once, <span class="bad">✕</span> never, <span class="none">○</span> never, '
        "as no rule asks for it. Strokes above the line are notifications.</p></header>"
    )


def _left_out(result: Rehearsal) -> Iterator[str]:
    if result.not_evaluated:
        yield '<section><h2 class="bad">Not evaluated</h2><ol>'
        for one in result.not_evaluated:
            yield f"<li><p>{escape(one.stack)}</p><p><b>{escape(one.rule)}</b>: {escape(one.reason)}</p></li>"
        yield "</ol></section>"


def _cluster(
    cluster: str, events: Sequence[Event], about: Mapping[str, Sequence[Notification]], unfolded: bool
) -> Iterator[str]:
    name, group = name_of(cluster), resource_group_of(cluster)
    yield f"<section><h2>{escape(name or 'no cluster')}</h2>"
    if group:
        yield f'<p class="faint">resource group {escape(group)}</p>'
    yield from _drawing(events, about)
    yield f"<details{' open' if unfolded else ''}><summary>{len(events)} events</summary><ol>"
    for event in events:
        yield from _entry(event, about.get(event.name, ()))
    yield "</ol></details></section>"


def _drawing(events: Sequence[Event], about: Mapping[str, Sequence[Notification]]) -> Iterator[str]:
    """A lane for each family, and the days below."""
    sent = [one for event in events for one in about.get(event.name, ()) if not one.suppressed_by]
    times = [event.visible_at for event in events] + [one.time for one in sent]
    first, last = min(times), max(times)
    margin = max((last - first) / 30, timedelta(hours=1))
    first, span = first - margin, last - first + 2 * margin
    lanes = sorted({event.family for event in events})
    bottom = len(lanes) * 52

    def at(time: datetime) -> str:
        return f"{100 * ((time - first) / span):.2f}%"

    yield f'<svg height="{bottom + 22}" role="img" aria-label="Time line of {len(events)} events">'
    for day, wide in _days(first + span / 40, first + 39 * span / 40):
        of_phones = "" if wide else ' class="wide"'
        yield f'<line class="tick{"" if wide else " wide"}" x1="{at(day)}" x2="{at(day)}" y1="0" y2="{bottom}"/>'
        yield f'<text{of_phones} x="{at(day)}" y="{bottom + 16}" text-anchor="middle">{day:%-d %b}</text>'
    for number, lane in enumerate(lanes):
        middle = number * 52 + 36
        yield f'<text x="0" y="{middle - 22}">{escape(lane or "other events")}</text>'
        yield f'<line class="lane" x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'
        for event in (one for one in events if one.family == lane):
            for one in about.get(event.name, ()):
                if not one.suppressed_by:
                    yield (
                        f'<line class="sent" x1="{at(one.time)}" x2="{at(one.time)}" y1="{middle - 16}" y2="{middle - 9}">'
                        f"<title>{escape(f'{_minute(one.time)} {one.rule}: {says(one)}')}</title></line>"
                    )
            yield _mark(event, at(event.visible_at), middle)
    yield "</svg>"


def _mark(event: Event, x: str, y: int) -> str:
    kind = _kind(event)
    title = f"<title>{escape(f'{_minute(event.visible_at)} {event.status}: {outcome(event)}')}</title>"
    shape = {"good": "●", "warn": "■", "bad": "✕", "none": "○"}[kind]
    return f'<text class="{kind}" x="{x}" y="{y + 6}" text-anchor="middle" style="font-size:17px">{title}{shape}</text>'


def _kind(event: Event) -> str:
    if event.notified:
        return "good" if event.notified == 1 else "warn"
    return "bad" if event.wanted else "none"


def _days(first: datetime, last: datetime) -> Iterator[tuple[datetime, bool]]:
    """Some midnights, and whether a narrow screen has room for them too."""
    whole = (last - first).days + 1
    step = max(1, -(-whole // 10))
    midnight = (first + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    number = 0
    while midnight < last:
        yield midnight, number % 3 == 0
        midnight += timedelta(days=step)
        number += 1


def _entry(event: Event, notifications: Sequence[Notification]) -> Iterator[str]:
    kind = _kind(event)
    yield f"<li><time>{_minute(event.visible_at)}</time><div>"
    planned = f", planned for {_minute(event.planned)}" if event.planned else ""
    yield f"<p><b>{escape(event.status)}</b> {escape(event.family)}{planned}</p>"
    yield f'<p class="badge {kind}">{escape(f"Notified: {outcome(event)}")}</p>'
    for one in notifications:
        after = _after(one.time - event.visible_at)
        to = escape(reached(one.receivers, one.action_group))
        what = f"{_minute(one.time)} ({after} later), severity {one.severity}, {escape(one.rule)}: {escape(says(one))}"
        if one.suppressed_by:
            yield f"<p><small>{what} → not sent, suppressed by {escape(one.suppressed_by)}</small></p>"
        else:
            yield f"<p><small>{what} → {to}</small></p>"
    yield f"<p><small>{escape(event.name)}</small></p></div></li>"


def _after(delay: timedelta) -> str:
    minutes = round(delay.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
