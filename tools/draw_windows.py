"""Draws docs/windows.svg, what evaluations cover: ``PYTHONPATH=constructs:. python tools/draw_windows.py``.

Windows are those of the rules with the default options at PT15M, so the picture changes with the code. Colours follow the
reader's light or dark scheme.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from aks_communication_manager.arm.durations import iso
from aks_communication_manager.config.delivery import STATEFUL, STATELESS, Delivery, Mode

FILE = Path(__file__).parents[1] / "docs" / "windows.svg"
FREQUENCY = timedelta(minutes=15)
HOW = Delivery(None, "hardened", FREQUENCY, None, None, None)
EVALUATIONS = [timedelta(hours=12) + number * FREQUENCY for number in range(3)]
LEFT, RIGHT, ROW, WIDTH = 100, 790, 30, 820

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .small { font-size: 12px; fill: #59636e; }
  .axis { stroke: #818b98; stroke-width: 1; }
  .window { fill: #54aeff; fill-opacity: .35; stroke: #0969da; }
  .moment { stroke: #0969da; stroke-width: 2; }
  .event { fill: #bc4c00; }
  .late { stroke: #bc4c00; stroke-width: 1.5; stroke-dasharray: 4 3; fill: none; }
  .sent { fill: #1a7f37; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .axis { stroke: #656c76; }
    .window { fill: #1f6feb; stroke: #4493f8; }
    .moment { stroke: #4493f8; }
    .event { fill: #f0883e; }
    .late { stroke: #f0883e; }
    .sent { fill: #3fb950; }
  }
"""


def _clock(time: timedelta) -> str:
    return f"{time // timedelta(hours=1):02}:{time % timedelta(hours=1) // timedelta(minutes=1):02}"


class _Panel:
    """The evaluations of one mode, below each other, over one axis of time."""

    def __init__(self, mode: Mode, top: int, first: timedelta, last: timedelta, step: timedelta) -> None:
        self._window = HOW.window(mode)
        self._top, self._first, self._last, self._step = top, first, last, step

    def _x(self, time: timedelta) -> float:
        return round(LEFT + (RIGHT - LEFT) * (time - self._first) / (self._last - self._first), 1)

    def draw(self, title: str, event: timedelta, visible: timedelta, words: list[str]) -> Iterator[str]:
        """Bars for what each evaluation covers, the moment of each, and an event that shows up later."""
        bottom = self._top + 26 + ROW * len(EVALUATIONS)
        yield f'<text class="title" x="8" y="{self._top}">{title}</text>'
        for number, (moment, word) in enumerate(zip(EVALUATIONS, words, strict=True)):
            y = self._top + 16 + number * ROW
            start = self._x(max(self._first, moment - self._window.start))
            end = RIGHT if self._window.end is None else self._x(moment - self._window.end)
            yield f'<text x="8" y="{y + 15}">runs {_clock(moment)}</text>'
            yield f'<rect class="window" x="{start}" y="{y}" width="{round(end - start, 1)}" height="{ROW - 10}"/>'
            yield f'<line class="moment" x1="{self._x(moment)}" x2="{self._x(moment)}" y1="{y - 3}" y2="{y + ROW - 7}"/>'
            if word:
                kind = "sent" if word == "notifies" else "small"
                yield f'<text class="{kind}" x="{self._x(moment) + 5}" y="{y + 15}">{word}</text>'
        yield f'<line class="axis" x1="{LEFT}" x2="{RIGHT}" y1="{bottom}" y2="{bottom}"/>'
        tick = self._first
        while tick <= self._last:
            yield f'<text class="small" text-anchor="middle" x="{self._x(tick)}" y="{bottom + 18}">{_clock(tick)}</text>'
            yield f'<line class="axis" x1="{self._x(tick)}" x2="{self._x(tick)}" y1="{bottom}" y2="{bottom + 4}"/>'
            tick += self._step
        yield f'<line class="late" x1="{self._x(event)}" x2="{self._x(event)}" y1="{self._top + 10}" y2="{bottom}"/>'
        yield f'<path class="late" d="M{self._x(event)} {bottom + 30} H{self._x(visible)} V{bottom}"/>'
        yield f'<circle class="event" cx="{self._x(event)}" cy="{bottom + 30}" r="5"/>'
        text = f"an event of {_clock(event)}, visible at {_clock(visible)}"
        yield f'<text text-anchor="end" x="{self._x(event) - 10}" y="{bottom + 35}">{text}</text>'


def drawing() -> str:
    """The picture as SVG."""
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    stateful = _Panel(STATEFUL, 24, 5 * hour, 13 * hour + 30 * minute, hour)
    stateless = _Panel(STATELESS, 210, 11 * hour + 15 * minute, 12 * hour + 45 * minute, 15 * minute)
    parts = [
        *stateful.draw(
            f"stateful: look_back {iso(HOW.window(STATEFUL).start)}, no end",
            8 * hour + 10 * minute,
            12 * hour + 5 * minute,
            ["", "notifies", "alert exists"],
        ),
        *stateless.draw(
            "stateless: ingestion_delay PT15M, overlap PT1M",
            11 * hour + 50 * minute,
            12 * hour + 5 * minute,
            ["", "notifies", ""],
        ),
    ]
    label = "What each evaluation of a stateful and of a stateless rule covers, and when a late event is reported"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 384" width="{WIDTH}" height="384" role="img">',
        f"<title>{label}</title>",
        f"<style>{STYLE}</style>",
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(drawing(), encoding="utf-8")
