"""The list of a call's problems, shown as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from .._text import show_invisible
from .base import redact
from .lint_rules import Finding
from .models import Call

MAX_FIX_CHARS = 80
"""Longest value of a fix in the table."""

_STEP = re.compile(r"@odata\.type|[^.\[\]]++")
_COLUMNS = ("level", "field", "problem", "fix")


class Findings(list[Finding]):
    """The problems of a call: a list that is shown as a table, with the value that each fix writes.

    Parameters
    ----------
    call : Call
        The call that was checked.
    findings : iterable of Finding
        Its problems.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.lint(gc.templates.pstn("001 425 555 0100"))
    error  targets[0].identity.phone.id
        Give the number in E.164 format: a plus, country code and digits, such as +14255550100.
        fix: "+14255550100"
    """

    def __init__(self, call: Call, findings: Iterable[Finding] = ()) -> None:
        super().__init__(findings)
        self._call = call

    def __repr__(self) -> str:
        if not self:
            return "No problems."
        return "\n".join(
            f"{level}  {field}\n    {message}" + (f"\n    fix: {fix}" if fix else "")
            for level, field, message, fix in self._iterate_rows()
        )

    def _repr_html_(self) -> str:
        if not self:
            return "<p>No problems.</p>"
        head = "".join(f'<th scope="col" style="text-align:left">{name}</th>' for name in _COLUMNS)
        rows = "".join(f"<tr>{''.join(map(_format_cell, row))}</tr>" for row in self._iterate_rows())
        return f'<table aria-label="Problems of the call"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'

    def _iterate_rows(self) -> Iterator[tuple[str, ...]]:
        for finding in self:
            row = (finding.level, finding.field, finding.message, _describe_fix(finding, self._call))
            yield tuple(show_invisible(text) for text in row)


def _format_cell(text: str) -> str:
    return f'<td style="text-align:left;vertical-align:top">{escape(text)}</td>'


def _describe_fix(finding: Finding, call: Call) -> str:
    """Return the value that a fix writes into the field, or into the nearest parent that it keeps."""
    if finding.fix is None:
        return ""
    value: Any = redact(finding.fix(call).to_json_dict())
    steps = _STEP.findall(finding.field)
    for number, step in enumerate(steps):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, Mapping) and step in value:
            value = value[step]
        elif number == 0:
            return "rename it" if finding.rule == "member-misspelt" else "remove it"
        else:
            break
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_FIX_CHARS else f"{text[:MAX_FIX_CHARS]}…"
