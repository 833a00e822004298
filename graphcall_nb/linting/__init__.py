"""Advice before sending: what the service will refuse or misunderstand, and how to mend it.

Each rule is a value of :data:`RULES`: a name, a level, where it is written, and a pure function that finds what is
wrong in a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dialects import DEFAULT, Dialect, get_dialect
from ..models import Call
from . import media, members, request, who
from .advice import Advice, Finding, Level, Rule
from .members import MEMBER_TYPE

__all__ = ["MEMBER_TYPE", "RULES", "Advice", "Finding", "Level", "Rule", "lint"]

RULES: tuple[Rule, ...] = (*members.RULES, *request.RULES, *who.RULES, *media.RULES)
"""All rules, in the order in which their advice is given."""


def lint(call: Call | Mapping[str, Any], dialect: str | Dialect = DEFAULT) -> list[Advice]:
    """What is wrong with a call, before it is sent.

    Parameters
    ----------
    call : the call as it would be sent, or a dict in Graph's names
    dialect : the version of the API it is meant for

    Returns
    -------
    list of Advice
        Empty when nothing is known against the call. ``level`` tells what the service refuses (``"error"``) from what
        it takes but the caller may not have meant (``"advice"``); ``mend``, where there is one, returns a mended copy.

    Raises
    ------
    InvalidCall
        For a dict that is no call.

    Examples
    --------
    >>> from graphcall_nb import templates
    >>> [item.field for item in lint(templates.pstn("+1 (425) 555-0100"))]
    ['targets[0].identity.phone.id']
    >>> mended = lint(templates.pstn("+1 (425) 555-0100"))[0].mend(templates.pstn("+1 (425) 555-0100"))
    >>> mended.targets[0].identity.phone.id
    '+14255550100'
    """
    known = get_dialect(dialect)
    sent = call if isinstance(call, Call) else Call.from_json_dict(call)
    return [rule.advice(finding) for rule in RULES for finding in rule.check(sent, known)]
