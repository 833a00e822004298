"""A still picture of the timeline as SVG, for saved notebooks, nbconvert and GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Self

from ..._text import shorten_middle
from ...graph.states import TERMINAL
from ...plots.colors import get_color
from .model import TimelineCall, TimelineModel

# Pixels.
_ROW, _BAR, _GUTTER, _HEAD, _FOOT, _MARGIN = 22, 14, 210, 30, 26, 12
_LEGEND_ITEM_WIDTH = 118

_MAX_NAME_CHARS = 30

_STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#222}"
    ".t{font-weight:600;font-size:14px}.a{fill:#616161;font-size:11px}.s{fill:#8a4b00;font-weight:600;font-size:11px}"
)


@dataclass(frozen=True)
class Snapshot:
    """A still picture. A notebook shows it at the end of a cell.

    Attributes
    ----------
    svg : the text of the picture
    description : one sentence that says what it shows
    """

    svg: str
    description: str

    @classmethod
    def draw(cls, model: TimelineModel, *, now: int, title: str, simulated: bool, width: int, max_calls: int) -> Self:
        """Draw the newest ``max_calls`` calls of a timeline at the time ``now``."""
        description = model.describe()
        calls = list(model)[-max_calls:] if max_calls > 0 else []
        return cls(_Drawing(model, calls, now, width).svg(title, simulated, description), description)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the picture to a file; its name should end in ``.svg``."""
        Path(path).write_text(self.svg, "utf-8")

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Snapshot: {self.description}>"


class _Drawing:
    def __init__(self, model: TimelineModel, calls: list[TimelineCall], now: int, width: int) -> None:
        self.model = model
        self.calls = calls
        self.width = max(width, 2 * _GUTTER)
        live = any(not call.history.has_ended for call in calls)
        self.begin = min((call.starts[0] for call in calls), default=0)
        self.end = max([call.starts[-1] for call in calls] + ([now] if live else []), default=self.begin)
        self.scale = (self.width - _GUTTER - 2 * _MARGIN) / max(self.end - self.begin, 1)
        self.used = [index for index in range(len(model.states)) if any(index in call.states for call in calls)]

    def x(self, ms: int) -> float:
        return _GUTTER + _MARGIN + (ms - self.begin) * self.scale

    def svg(self, title: str, simulated: bool, description: str) -> str:
        legend_rows = -(-len(self.used) // self._items_per_row) if self.used else 0
        bottom = _HEAD + len(self.calls) * _ROW
        height = bottom + _FOOT + legend_rows * 20 + _MARGIN
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(description)}" '
            f'width="{self.width}" height="{height}" viewBox="0 0 {self.width} {height}">',
            f"<title>{escape(description)}</title><style>{_STYLE}</style>",
            '<rect width="100%" height="100%" rx="4" fill="#fff"/>',
            *self._head(title or "Timeline", simulated),
            *(piece for at, call in enumerate(self.calls) for piece in self._row(_HEAD + at * _ROW, call)),
            *self._axis(bottom),
            *self._legend(bottom + _FOOT),
            "</svg>",
        ]
        return "\n".join(parts)

    @property
    def _items_per_row(self) -> int:
        return max(1, (self.width - 2 * _MARGIN) // _LEGEND_ITEM_WIDTH)

    def _head(self, title: str, simulated: bool) -> Iterator[str]:
        yield f'<text class="t" x="{_MARGIN}" y="20">{escape(title)}</text>'
        if simulated:
            yield f'<text class="s" x="{self.width - _MARGIN}" y="19" text-anchor="end">SIMULATED</text>'
        if not self.calls:
            yield f'<text class="a" x="{_GUTTER}" y="20">No calls yet.</text>'

    def _row(self, top: int, call: TimelineCall) -> Iterator[str]:
        name = shorten_middle(call.name, _MAX_NAME_CHARS)
        yield f'<line x1="{_MARGIN}" x2="{self.width - _MARGIN}" y1="{top + _ROW}" y2="{top + _ROW}" stroke="#eee"/>'
        yield f'<text x="{_MARGIN}" y="{top + 15}">{escape(name)}<title>{escape(call.call_id)}</title></text>'
        ends = [*call.starts[1:], self.end]
        for index, start, end in zip(call.states, call.starts, ends, strict=True):
            yield self._bar(top, call, self.model.states[index], start, end)

    def _bar(self, top: int, call: TimelineCall, state: str, start: int, end: int) -> str:
        if state == TERMINAL:
            shape = f'x="{self.x(start) - 1.5:.1f}" y="{top + 2}" width="3" height="{_ROW - 4}"'
            tip = f"{state} {call.result}".strip()
        else:
            width = max((end - start) * self.scale, 1)
            shape = f'x="{self.x(start):.1f}" y="{top + 4}" width="{width:.1f}" height="{_BAR}"'
            tip = f"{state}, {(end - start) / 1000:.3f} s"
        return f'<rect {shape} rx="1.5" fill="{get_color(state)}"><title>{escape(f"{call.name}: {tip}")}</title></rect>'

    def _axis(self, top: int) -> Iterator[str]:
        if not self.calls:
            return
        start = datetime.fromtimestamp((self.model.base_ms + self.begin) / 1000, UTC)
        stop = datetime.fromtimestamp((self.model.base_ms + self.end) / 1000, UTC)
        exact = "milliseconds" if self.end - self.begin < 10_000 else "seconds"
        first, last = (moment.time().isoformat(exact) for moment in (start, stop))
        yield f'<text class="a" x="{self.x(self.begin):.0f}" y="{top + 17}">{start.date()} {first} UTC</text>'
        yield f'<text class="a" x="{self.x(self.end):.0f}" y="{top + 17}" text-anchor="end">{last}</text>'

    def _legend(self, top: int) -> Iterator[str]:
        for at, index in enumerate(self.used):
            state = self.model.states[index]
            row, column = divmod(at, self._items_per_row)
            x, y = _MARGIN + column * _LEGEND_ITEM_WIDTH, top + row * 20
            yield f'<rect x="{x}" y="{y + 3}" width="12" height="12" rx="2" fill="{get_color(state)}"/>'
            yield f'<text x="{x + 17}" y="{y + 13}">{escape(state)}</text>'
