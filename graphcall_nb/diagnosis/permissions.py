"""The permissions that a call needs against those that the access token holds."""

from __future__ import annotations

import re
from collections.abc import Collection


def missing_permissions(needed: str, roles: Collection[str]) -> list[str]:
    """What is missing of a template's ``permission``: each entry is a permission, or several of which one is enough.

    Examples
    --------
    >>> missing_permissions("Calls.Initiate.All and Calls.AccessMedia.All", ["Calls.Initiate.All"])
    ['Calls.AccessMedia.All']
    >>> missing_permissions("Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All", [])
    ['Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All']
    """
    clauses = [clause.strip() for clause in re.split(r"\band\b|\bwith\b", needed)]
    return [clause for clause in clauses if clause and not set(re.split(r"\s*(?:\bor\b|,)\s*", clause)) & set(roles)]
