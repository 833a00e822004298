"""A still picture of a sequence diagram as SVG, for saved notebooks and nbconvert."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..._text import shorten_middle
from ..timeline.snapshot import Snapshot
from .model import LANES, Message, SequenceModel, format_elapsed

# Pixels.
_ROW, _HEAD, _MARGIN, _TIME, _ARROW = 34, 62, 12, 90, 7

_LANE_POSITIONS = (0.1, 0.62, 0.92)
"""Positions of the lanes as parts of the width: texts of requests are longer than those of signals."""

_CHARS_PER_PIXEL = 0.15
_INK, _WARNING = "#222", "#8a4b00"
_STYLE = (
    "text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:#222}"
    ".t{font-weight:600;font-size:14px}.l{font-weight:600;text-anchor:middle}.m{text-anchor:middle}"
    ".a{fill:#616161;font-size:11px;text-anchor:end}.s{fill:#8a4b00;font-weight:600;font-size:11px;text-anchor:end}"
    ".i{font-style:italic}.r{fill:#8a4b00;font-size:11px;text-anchor:middle}"
)
_DASHES = {"answer": "6 4", "signal": "2 4"}


def draw_snapshot(model: SequenceModel, *, title: str, simulated: bool, width: int) -> Snapshot:
    """Draw a diagram as it is now."""
    description, messages = model.describe(), list(model)
    height = _HEAD + max(len(messages), 1) * _ROW + _MARGIN
    lanes = [_TIME + (width - _TIME - _MARGIN) * position for position in _LANE_POSITIONS]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(description)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(description)}</title><desc>{escape(model.to_text())}</desc><style>{_STYLE}</style>",
        '<rect width="100%" height="100%" rx="4" fill="#fff"/>',
        f'<text class="t" x="{_MARGIN}" y="20">{escape(title)}</text>',
    ]
    if simulated:
        parts.append(f'<text class="s" x="{width - _MARGIN}" y="19">SIMULATED</text>')
    for x, name in zip(lanes, LANES, strict=True):
        parts.append(f'<text class="l" x="{x:.0f}" y="44">{name}</text>')
        parts.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="52" y2="{height - 6}" stroke="#bbb"/>')
    if not messages:
        parts.append(f'<text class="m" x="{(lanes[0] + lanes[1]) / 2:.0f}" y="{_HEAD + 16}">No messages yet.</text>')
    for at, message in enumerate(messages):
        parts += _draw_row(message, _HEAD + at * _ROW, lanes, message.at_us - messages[0].at_us)
    return Snapshot("\n".join([*parts, "</svg>"]), description)


def _draw_row(message: Message, top: int, lanes: list[float], elapsed_us: int) -> Iterator[str]:
    start, end = lanes[message.sender], lanes[message.receiver]
    y, middle = top + 20, (start + end) / 2
    color = _WARNING if message.remark else message.color or _INK
    dashes = f' stroke-dasharray="{_DASHES[message.kind]}"' if message.kind in _DASHES else ""
    back = _ARROW if end < start else -_ARROW
    text = escape(shorten_middle(message.text, max(12, int(abs(end - start) * _CHARS_PER_PIXEL))))
    style = "m i" if message.kind == "signal" else "m"
    yield f'<text class="a" x="{_TIME - 12}" y="{y + 4}">{format_elapsed(elapsed_us)}</text>'
    yield f'<line x1="{start:.0f}" x2="{end:.0f}" y1="{y}" y2="{y}" stroke="{color}" stroke-width="1.8"{dashes}/>'
    yield f'<path d="M{end:.0f} {y}l{back} -4v8z" fill="{color}"/>'
    yield f'<text class="{style}" x="{middle:.0f}" y="{y - 5}">{text}<title>{escape(message.json)}</title></text>'
    if message.remark:
        yield f'<text class="r" x="{middle:.0f}" y="{y + 12}">{escape(message.remark)}</text>'
