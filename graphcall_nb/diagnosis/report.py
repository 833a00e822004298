"""Results of the doctor, as text and as HTML that is kept in a saved notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

Status = Literal["pass", "fail", "not reached", "running"]

SYMBOLS: dict[Status, str] = {"pass": "✔", "fail": "✘", "not reached": "–", "running": "…"}
# Background of white text, the same on light and dark pages; each has a contrast of at least 5.
_COLORS: dict[Status, str] = {"pass": "#1a7f37", "fail": "#c62828", "not reached": "#6b6b6b", "running": "#6b6b6b"}


@dataclass(frozen=True)
class Check:
    """Result of one check.

    Attributes
    ----------
    name : name for programs, such as ``sign_in``
    title : name for people
    status : ``pass``, ``fail``, ``not reached`` or ``running``
    detail : finding; for a failure, one sentence with the remedy
    seconds : duration
    """

    name: str
    title: str
    status: Status
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """Results of all checks, in their order.

    Examples
    --------
    >>> print(Report((Check("clock", "Clock", "pass", "0.2 s off."),)))
    Clock  pass  0.2 s off.
    """

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Return whether every check passed."""
        return all(check.status == "pass" for check in self.checks)

    @property
    def done(self) -> bool:
        """Return whether all checks have ended."""
        return all(check.status != "running" for check in self.checks)

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def __str__(self) -> str:
        title_width = max(len(check.title) for check in self.checks)
        status_width = max(len(check.status) for check in self.checks)
        line_break = "\n" + " " * (title_width + status_width + 4)  # a detail of several lines stays in its column
        lines = (
            # Without symbols: a text may be printed in any encoding, such as cp1252.
            f"{check.title:{title_width}}  {check.status:{status_width}}  " + check.detail.replace("\n", line_break)
            for check in self.checks
        )
        return "\n".join(line.rstrip() for line in lines)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(map(_format_row, self.checks))
        return f'<table aria-label="Doctor" style="line-height:1.5"><tbody>{rows}</tbody></table>'


def _format_row(check: Check) -> str:
    badge = f"background:{_COLORS[check.status]};color:#fff;padding:0 6px;border-radius:8px;white-space:nowrap"
    status = f'<span aria-hidden="true">{SYMBOLS[check.status]} </span>{check.status}'
    return (
        '<tr style="vertical-align:top">'
        f'<td style="text-align:left"><span style="{badge}">{status}</span></td>'
        f'<th scope="row" style="text-align:left;white-space:nowrap;padding:0 8px">{escape(check.title)}</th>'
        f'<td style="text-align:left;white-space:pre-line">{escape(check.detail)}</td></tr>'
    )
