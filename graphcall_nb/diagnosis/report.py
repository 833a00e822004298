"""What the doctor found, as text and as HTML that survives in a saved notebook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Literal

Status = Literal["pass", "fail", "not reached", "running"]

MARKS: dict[Status, str] = {"pass": "✔", "fail": "✘", "not reached": "–", "running": "…"}
# Behind white letters, so that a light page and a dark one show the same; each has a contrast of 5 and more.
_COLORS: dict[Status, str] = {"pass": "#1a7f37", "fail": "#c62828", "not reached": "#6b6b6b", "running": "#6b6b6b"}


@dataclass(frozen=True)
class Check:
    """One step.

    Attributes
    ----------
    name : for programs, such as ``sign_in``
    title : in words
    status : ``pass``, ``fail``, ``not reached`` or ``running``
    detail : what was found; of a failure, one sentence with the remedy
    seconds : how long it took
    """

    name: str
    title: str
    status: Status
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """All steps, in their order.

    Examples
    --------
    >>> print(Report((Check("clock", "Clock", "pass", "0.2 s off."),)))
    ✔ Clock  pass  0.2 s off.
    """

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every step passed."""
        return all(check.status == "pass" for check in self.checks)

    @property
    def done(self) -> bool:
        """Whether no step is running any more."""
        return all(check.status != "running" for check in self.checks)

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def __str__(self) -> str:
        wide = max(len(check.title) for check in self.checks)
        tall = max(len(check.status) for check in self.checks)
        below = "\n" + " " * (wide + tall + 6)  # a detail of several lines stays in its column
        return "\n".join(
            f"{MARKS[check.status]} {check.title:{wide}}  {check.status:{tall}}  {check.detail}".rstrip().replace(
                "\n", below
            )
            for check in self.checks
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        rows = "".join(map(_row, self.checks))
        return f'<table aria-label="Doctor" style="line-height:1.5"><tbody>{rows}</tbody></table>'


def _row(check: Check) -> str:
    chip = f"background:{_COLORS[check.status]};color:#fff;padding:0 6px;border-radius:8px;white-space:nowrap"
    mark = f'<span aria-hidden="true">{MARKS[check.status]} </span>{check.status}'
    return (
        '<tr style="vertical-align:top">'
        f'<td style="text-align:left"><span style="{chip}">{mark}</span></td>'
        f'<th scope="row" style="text-align:left;white-space:nowrap;padding:0 8px">{escape(check.title)}</th>'
        f'<td style="text-align:left;white-space:pre-line">{escape(check.detail)}</td></tr>'
    )
