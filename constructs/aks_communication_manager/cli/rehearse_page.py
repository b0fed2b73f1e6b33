"""The page of ``rehearse --html``: a single file without scripts or external resources, with a timeline for each cluster.

Positions on the timeline are percentages, so that it fits phones and wide screens without scaling. Each status has a shape and a
colour; the colours are those of Okabe and Ito, which are distinguishable with any colour vision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape

from aks_communication_manager.arm.id_parts import name_of, resource_group_of
from aks_communication_manager.cli.rehearse_timeline import cluster_label, outcome, reached, says
from aks_communication_manager.rehearse.rehearsal import Event, Notification, Rehearsal
from aks_communication_manager.text import counted, listed

_OPEN_AT_MOST = 12
"""Number of clusters up to which all lists are open."""

_UNHEARD_AT_MOST = 100
"""Number of unheard events listed at the top."""

_STATUSES: Mapping[str, tuple[str, str, str]] = {
    "scheduled": ("Scheduled", "M-6-6H6V6H-6Z", "hollow"),
    "started": ("Started", "M-5-7L8 0L-5 7Z", ""),
    "completed": ("Completed", "M-7 0A7 7 0 1 0 7 0A7 7 0 1 0-7 0Z", ""),
    "canceled": ("Canceled", "M0-8L8 0L0 8L-8 0Z", ""),
    "failed": ("Failed", "M-6-6L6 6M6-6L-6 6", "line"),
    "support": ("end of support", "M0-8L8 6H-8Z", ""),
    "other": ("another status", "M-6 0H6M0-6V6", "line"),
}
"""Word, path and style by class: a square, an arrow, a disc, a diamond, a cross, a triangle, a plus sign."""


def page(result: Rehearsal, subject: str) -> str:
    """Format a rehearsal as HTML. `subject`: title of the page."""
    return "\n".join(_page(result, subject))


def _page(result: Rehearsal, subject: str) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield f"<title>Rehearsal of {escape(subject)}</title><style>{_STYLE}</style></head><body>"
    yield from _head(result, subject)
    yield from _unheard(result)
    yield from _left_out(result)
    clusters: dict[str, list[Event]] = defaultdict(list)
    for event in result.events:
        clusters[event.cluster].append(event)
    about: dict[str, list[Notification]] = defaultdict(list)
    for notification in result.notifications:
        for name in notification.events:
            about[name].append(notification)
    unheard = set(result.unheard)
    # Clusters with unheard events come first.
    order = sorted(clusters.items(), key=lambda item: (unheard.isdisjoint(item[1]), item[0]))
    for _, events in order:
        yield from _cluster(events, about, result, len(clusters) <= _OPEN_AT_MOST)
    yield "</body></html>\n"


def _head(result: Rehearsal, subject: str) -> Iterator[str]:
    yield f"<header><h1>Rehearsal of alert rules</h1><p>{escape(subject)}</p>"
    times = [event.visible_at for event in result.events] + [one.time for one in result.notifications]
    if times:
        yield f'<p class="faint">{_day(min(times))} to {_day(max(times))}, all times in UTC</p>'
    sent = [one for one in result.notifications if one.reaches_somebody]
    unheard = len(result.unheard)
    figures = (
        ("events", len(result.events), ""),
        ("notified once", sum(one.notified == 1 for one in result.events), "good"),
        ("repeated", sum(one.notified > 1 for one in result.events), "warn"),
        ("to nobody", unheard, "bad"),
        ("not asked for", sum(not one.notified for one in result.events) - unheard, "none"),
        ("notifications", len(sent), ""),
        ("above Azure's limit", sum(bool(one.limited) for one in result.notifications), "bad"),
        ("suppressed", sum(bool(one.suppressed_by) for one in result.notifications), ""),
    )
    yield '<dl class="figures">'
    for name, number, kind in figures:
        if number or name in ("events", "notified once", "to nobody", "notifications"):
            yield f'<div><dt>{escape(name)}</dt><dd class="{kind if number else ""}">{number:,}</dd></div>'
    yield "</dl>"
    if result.events:
        yield from _legend(result)
    yield "</header>"


def _legend(result: Rehearsal) -> Iterator[str]:
    shown = {_class(event) for event in result.events}
    yield '<ul class="legend">'
    for kind, (word, _, _) in _STATUSES.items():
        if kind in shown:
            yield f"<li>{_standalone(kind)} {word}</li>"
    yield '<li><svg width="20" height="20" aria-hidden="true"><path class="sent" d="M10 4V14"/></svg> notification</li>'
    if result.unheard:
        yield f"<li>{_standalone('', ring=True)} nobody was notified</li>"
    if any(not event.notified and not event.wanted for event in result.events):
        yield '<li><svg width="20" height="20" aria-hidden="true"><path class="unasked" d="M3 17H17"/></svg> no rule asks for it</li>'
    yield "</ul>"


def _standalone(kind: str, *, ring: bool = False) -> str:
    inside = '<circle class="ring" cx="10" cy="10" r="9"/>' if ring else ""
    if kind:
        _, path, style = _STATUSES[kind]
        inside += f'<path class="mark {kind} {style}" d="{path}" transform="translate(10 10)"/>'
    return f'<svg width="20" height="20" aria-hidden="true">{inside}</svg>'


def _unheard(result: Rehearsal) -> Iterator[str]:
    unheard = result.unheard
    if not unheard:
        return
    number = counted(len(unheard), "event")
    yield f'<section class="alarm"><h2 class="bad">Nobody was notified of {number}</h2><ol>'
    for event in unheard[:_UNHEARD_AT_MOST]:
        yield f"<li><time>{_minute(event.visible_at)}</time><p>{_standalone(_class(event), ring=True)} "
        yield f"<b>{escape(cluster_label(event, result))}</b> {escape(event.status)} {escape(event.family)}"
        yield f' <span class="faint">{escape(outcome(event))}</span></p></li>'
    yield "</ol>"
    if len(unheard) > _UNHEARD_AT_MOST:
        yield f'<p class="faint">and {len(unheard) - _UNHEARD_AT_MOST:,} more: see the clusters below</p>'
    yield "</section>"


def _left_out(result: Rehearsal) -> Iterator[str]:
    if result.not_evaluated:
        yield '<section><h2 class="bad">Not evaluated</h2><ol>'
        for one in result.not_evaluated:
            yield f"<li><p>{escape(one.stack)}</p><p><b>{escape(one.rule)}</b>: {escape(one.reason)}</p></li>"
        yield "</ol></section>"


def _cluster(
    events: Sequence[Event], about: Mapping[str, Sequence[Notification]], result: Rehearsal, unfolded: bool
) -> Iterator[str]:
    cluster = events[0].cluster
    name, group = name_of(cluster), resource_group_of(cluster)
    invented = ' <span class="faint">invented: the scope is wider</span>' if cluster in result.invented else ""
    yield f"<section><h2>{escape(name or 'no cluster')}{invented}</h2>"
    if group:
        yield f'<p class="faint">resource group {escape(group)}</p>'
    yield from _drawing(events, about)
    yield f"<details{' open' if unfolded else ''}><summary>{counted(len(events), 'event')}</summary><ol>"
    for event in events:
        yield from _entry(event, about.get(event.name, ()))
    yield "</ol></details></section>"


def _drawing(events: Sequence[Event], about: Mapping[str, Sequence[Notification]]) -> Iterator[str]:
    """Draw a timeline with one lane for each family, and the days below."""
    sent = [one for event in events for one in about.get(event.name, ()) if one.reaches_somebody]
    times = [event.visible_at for event in events] + [one.time for one in sent]
    first, last = min(times), max(times)
    margin = max((last - first) / 25, timedelta(hours=1))
    first, span = first - margin, last - first + 2 * margin
    lanes = sorted({event.family for event in events})
    bottom = len(lanes) * 56

    def at(time: datetime) -> str:
        return f"{100 * ((time - first) / span):.2f}%"

    label = f"Time line of {counted(len(events), 'event')}"
    yield f'<svg height="{bottom + 22}" role="img" aria-label="{label}">'
    for day, wide in _days(first + span / 40, first + 39 * span / 40):
        of_phones = "" if wide else ' class="wide"'
        yield f'<line class="tick{"" if wide else " wide"}" x1="{at(day)}" x2="{at(day)}" y1="0" y2="{bottom}"/>'
        yield f'<text{of_phones} x="{at(day)}" y="{bottom + 16}" text-anchor="middle">{day:%-d %b}</text>'
    for number, lane in enumerate(lanes):
        middle = number * 56 + 38
        yield f'<text x="0" y="{middle - 24}">{escape(lane or "other events")}</text>'
        yield f'<line class="lane" x1="0" x2="100%" y1="{middle}" y2="{middle}"/>'
        # The most important events are drawn last, on top of others.
        for event in sorted((one for one in events if one.family == lane), key=_weight):
            for one in about.get(event.name, ()):
                if one.reaches_somebody:
                    yield (
                        f'<line class="sent" x1="{at(one.time)}" x2="{at(one.time)}" y1="{middle - 20}" y2="{middle - 12}">'
                        f"<title>{escape(f'{_minute(one.time)} {one.rule}: {says(one)}')}</title></line>"
                    )
            yield _mark(event, at(event.visible_at), middle)
    yield "</svg>"


def _mark(event: Event, x: str, y: int) -> str:
    kind = _class(event)
    _, path, style = _STATUSES[kind]
    below = ""
    if event.notified > 1:
        below = f'<text class="warn" y="22" text-anchor="middle">{event.notified}</text>'
    elif not event.notified:
        below = '<circle class="ring" r="11"/>' if event.wanted else '<path class="unasked" d="M-7 13H7"/>'
    title = escape(f"{_minute(event.visible_at)} {event.status}: {outcome(event)}")
    return f'<svg x="{x}" y="{y}" class="at"><title>{title}</title><path class="mark {kind} {style}" d="{path}"/>{below}</svg>'


def _weight(event: Event) -> tuple[bool, bool]:
    return event.wanted and not event.notified, _class(event) == "failed"


def _class(event: Event) -> str:
    status = event.status.lower()
    if status == "cancelled":
        return "canceled"
    if "kubernetesversion" in status:
        return "support"
    return status if status in _STATUSES else "other"


def _days(first: datetime, last: datetime) -> Iterator[tuple[datetime, bool]]:
    """Labelled days, and whether a narrow screen shows them too."""
    whole = (last - first).days + 1
    step = max(1, -(-whole // 10))
    midnight = (first + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    number = 0
    while midnight < last:
        yield midnight, number % 3 == 0
        midnight += timedelta(days=step)
        number += 1


def _entry(event: Event, notifications: Sequence[Notification]) -> Iterator[str]:
    yield f"<li><time>{_minute(event.visible_at)}</time><div>"
    planned = f", planned for {_minute(event.planned)}" if event.planned else ""
    kind = _class(event)
    yield f"<p>{_standalone(kind)} <b>{escape(event.status)}</b> {escape(event.family)}{planned}</p>"
    colour = "good" if event.notified == 1 else "warn" if event.notified else "bad" if event.wanted else "none"
    yield f'<p class="badge {colour}">{escape(f"Notified: {outcome(event)}")}</p>'
    for one in notifications:
        if not one.suppressed_by:
            yield f"<p><small>{_said(event, one)} → {escape(reached(one))}</small></p>"
    if quiet := [one for one in notifications if one.suppressed_by]:
        conditions = listed(dict.fromkeys(one.condition for one in quiet))
        yield f"<details><summary>{len(quiet)} suppressed: {escape(conditions)}</summary>"
        for one in quiet:
            yield f"<p><small>{_said(event, one)} → suppressed by {escape(one.suppressed_by)}</small></p>"
        yield "</details>"
    yield f"<p><small>{escape(event.name)}</small></p></div></li>"


def _said(event: Event, one: Notification) -> str:
    after = _after(one.time - event.visible_at)
    return f"{_minute(one.time)} ({after} later), severity {one.severity}, {escape(one.rule)}: {escape(says(one))}"


def _after(delay: timedelta) -> str:
    minutes = round(delay.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0;
  --good: #1a7f37; --warn: #9a6700; --bad: #c4320a; --sent: #0969da;
  --scheduled: #59636e; --started: #0072b2; --completed: #008060; --canceled: #b07d00; --failed: #d55e00; --support: #a84f82; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --ink: #e6edf3; --faint: #9198a1;
  --line: #30363d; --good: #3fb950; --warn: #d29922; --bad: #ff7b54; --sent: #58a6ff;
  --scheduled: #9198a1; --started: #56b4e9; --completed: #22c197; --canceled: #e69f00; --failed: #ff7a2e; --support: #e08fc0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; }
p { margin: .25rem 0; }
.faint, small { color: var(--faint); font-size: .875rem; font-weight: 400; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; }
.figures div { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .none { color: var(--faint); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; font-size: .875rem; color: var(--faint); }
.legend svg, li p > svg { display: inline-block; width: 20px; margin: 0; vertical-align: -4px; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.alarm { border-color: var(--bad); border-width: 2px; }
svg { display: block; width: 100%; margin: .75rem 0; overflow: visible; }
svg .at { width: 1px; height: 1px; }
svg text { fill: var(--faint); font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
svg .lane { stroke: var(--line); stroke-width: 2; } svg .tick { stroke: var(--line); }
svg .sent { stroke: var(--sent); stroke-width: 3; stroke-linecap: round; }
svg .mark { stroke: var(--ground); stroke-width: 1.5; }
svg .line { stroke-width: 3.5; stroke-linecap: round; fill: none; }
svg .scheduled { fill: var(--ground); stroke: var(--scheduled); stroke-width: 2.5; }
svg .started { fill: var(--started); } svg .completed { fill: var(--completed); } svg .canceled { fill: var(--canceled); }
svg .failed { stroke: var(--failed); } svg .support { fill: var(--support); } svg .other { stroke: var(--faint); }
svg .ring { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 3 2; }
svg .unasked { stroke: var(--faint); stroke-width: 2; }
svg text.warn { fill: var(--warn); font-weight: 600; }
ol { list-style: none; margin: .5rem 0 0; padding: 0; }
ol li { border-top: 1px solid var(--line); padding: .6rem 0; display: grid; grid-template-columns: 10rem 1fr; gap: 0 1rem; }
li time { font-variant-numeric: tabular-nums; color: var(--faint); }
li p { margin: 0; }
.badge { font-weight: 600; }
summary { cursor: pointer; color: var(--sent); }
li details summary { font-size: .875rem; }
@media (max-width: 40rem) { body { padding: 1rem .75rem 3rem; } ol li { grid-template-columns: 1fr; } section { padding: .75rem; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .5rem; } .figures div { padding: .5rem; } .wide { display: none; } }
"""
"""Styles for light and dark schemes."""
