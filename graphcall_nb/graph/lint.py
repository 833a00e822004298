"""Advice before sending: what the service will refuse or misunderstand, and how to fix it.

Each rule is a value of :data:`RULES`: a name, a level, where it is written, and a pure function that finds what is
wrong in a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .lint_rules import (
    MEDIA_RULES,
    MEMBER_RULES,
    MEMBER_TYPE,
    REQUEST_RULES,
    TARGET_RULES,
    Finding,
    Level,
    LintResult,
    Rule,
)
from .models import Call
from .versions import DEFAULT, ApiVersion, get_version

__all__ = ["MEMBER_TYPE", "RULES", "Finding", "Level", "LintResult", "Rule", "lint"]

RULES: tuple[Rule, ...] = (*MEMBER_RULES, *REQUEST_RULES, *TARGET_RULES, *MEDIA_RULES)
"""All rules, in the order in which their advice is given."""


def lint(call: Call | Mapping[str, Any], version: str | ApiVersion = DEFAULT) -> list[LintResult]:
    """What is wrong with a call, before it is sent.

    Parameters
    ----------
    call : the call as it would be sent, or a dict in Graph's names
    version : the version of the API it is meant for

    Returns
    -------
    list of Advice
        Empty when nothing is known against the call. ``level`` tells what the service refuses (``"error"``) from what
        it takes but the caller may not have meant (``"advice"``); ``fix``, where there is one, returns a fixed copy.

    Raises
    ------
    InvalidCall
        For a dict that is no call.

    Examples
    --------
    >>> from graphcall_nb import templates
    >>> [item.field for item in lint(templates.pstn("+1 (425) 555-0100"))]
    ['targets[0].identity.phone.id']
    >>> fixed = lint(templates.pstn("+1 (425) 555-0100"))[0].fix(templates.pstn("+1 (425) 555-0100"))
    >>> fixed.targets[0].identity.phone.id
    '+14255550100'
    """
    known = get_version(version)
    sent = call if isinstance(call, Call) else Call.from_json_dict(call)
    return [rule.advice(finding) for rule in RULES for finding in rule.check(sent, known)]
