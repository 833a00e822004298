"""Checks of a call before it is sent: what the service refuses or misunderstands, with fixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .clouds import Cloud, get_cloud
from .findings import Findings
from .lint_cloud_rules import make_cloud_rules
from .lint_rules import MEDIA_RULES, MEMBER_RULES, REQUEST_RULES, TARGET_RULES, Fix, Rule
from .lint_value_rules import NAME_RULES, VALUE_RULES, correct_names
from .models import Call
from .versions import DEFAULT, ApiVersion, VersionName, get_version

RULES: tuple[Rule, ...] = (*NAME_RULES, *MEMBER_RULES, *REQUEST_RULES, *TARGET_RULES, *MEDIA_RULES, *VALUE_RULES)
"""All rules, in the order of their findings."""


def lint(
    call: Call | Mapping[str, Any], version: VersionName | ApiVersion = DEFAULT, *, cloud: str | Cloud | None = None
) -> Findings:
    """Return the problems of a call before it is sent.

    Parameters
    ----------
    call : Call or mapping
        The call as it would be sent, or a dict in Graph's names.
    version : str or ApiVersion
        Version of the API that the call is sent to.
    cloud : str or Cloud, optional
        Microsoft's cloud that the call is sent to, such as ``"usgov"``, for what that cloud lacks.

    Returns
    -------
    Findings
        A list of :class:`Finding`, shown as a table; empty for a good call. ``level`` is ``"error"`` when the service
        refuses the call, ``"advice"`` when the call may not do what was intended. ``fix``, if there is one, returns a
        fixed copy.

    Raises
    ------
    InvalidCall
        When a dict cannot be read as a call.
    ValueError
        For an unknown version or cloud.

    Examples
    --------
    >>> from graphcall_nb import templates
    >>> call = templates.pstn("+1 (425) 555-0100")
    >>> [finding.field for finding in lint(call)]
    ['targets[0].identity.phone.id']
    >>> lint(call)[0].fix(call).targets[0].identity.phone.id
    '+14255550100'
    """
    known_version = get_version(version)
    rules = RULES if cloud is None else (*RULES, *make_cloud_rules(get_cloud(cloud)))
    checked = call if isinstance(call, Call) else Call.from_json_dict(call)
    names = [finding for rule in NAME_RULES for finding in rule.check(checked, known_version)]
    if not names:
        return Findings(checked, (finding for rule in rules for finding in rule.check(checked, known_version)))
    # A misspelt name is one problem; the other rules check what was meant.
    corrected = correct_names(checked, known_version)
    others = [finding for rule in rules if rule not in NAME_RULES for finding in rule.check(corrected, known_version)]
    adapted = (replace(finding, fix=_correct_first(finding.fix, known_version)) for finding in others)
    return Findings(checked, [*names, *adapted])


def _correct_first(fix: Fix | None, version: ApiVersion) -> Fix | None:
    return None if fix is None else lambda call: fix(correct_names(call, version))
