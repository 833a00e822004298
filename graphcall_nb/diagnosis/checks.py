"""The checks of the doctor and their order: a failed check leaves those that depend on it unreached."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from .._arguments import require_choice
from ..errors import GraphcallError, SetupError
from ..graph.operations import JOINING_CHAT
from ..graph.templates import ALL, Template
from .callback import CallbackEndpoint, check_callback
from .report import Check, Report, Status

CHECK_TIMEOUT_SECONDS = 30.0

MAX_SKEW_SECONDS = 300.0
"""Clock skew within which the tokens of notifications are accepted."""

NOTICEABLE_SKEW_SECONDS = 2.0


@dataclass(frozen=True)
class SignInResult:
    """Result of a sign-in.

    Attributes
    ----------
    detail : description of the sign-in
    roles : permissions in the access token
    skew_seconds : seconds that this machine's clock is ahead; ``None`` when it is unknown
    """

    detail: str
    roles: Collection[str]
    skew_seconds: float | None


class DiagnosisTarget(Protocol):
    """A session, or the settings of one. Each method raises ``GraphcallError`` with the remedy."""

    async def settings(self) -> str:
        """Return a description of the settings."""

    async def sign_in(self) -> SignInResult:
        """Sign in again."""

    async def tunnel(self) -> str:
        """Return a description of the tunnel."""

    async def callback(self) -> CallbackEndpoint:
        """Return the URLs of the listener."""

    async def journal(self) -> str:
        """Check the journal and describe it."""


@dataclass
class _Checks:
    """One method per check, each of which returns its finding or raises ``GraphcallError``."""

    target: DiagnosisTarget
    template: Template
    sign_in_result: SignInResult = field(default_factory=lambda: SignInResult("", (), None))

    async def settings(self) -> str:
        return await self.target.settings()

    async def sign_in(self) -> str:
        self.sign_in_result = await self.target.sign_in()
        return self.sign_in_result.detail

    async def permissions(self) -> str:
        template, roles = self.template, self.sign_in_result.roles
        missing = find_missing_permissions(template.permission, roles)
        if missing:
            raise SetupError(
                f"For “{template.title}” the token lacks {' and '.join(missing)} (it has: "
                f"{', '.join(sorted(roles)) or 'none'}); add it in Entra > App registrations > your application > API "
                "permissions > Microsoft Graph > Application permissions, and have an administrator grant consent."
                f"{_CHAT_ADVICE if any(JOINING_CHAT in each for each in missing) else ''}"
            )
        return f"The token has the permissions for “{template.title}”: {template.permission}."

    async def tunnel(self) -> str:
        return await self.target.tunnel()

    async def callback(self) -> str:
        return await check_callback(await self.target.callback())

    async def journal(self) -> str:
        return await self.target.journal()

    async def clock(self) -> str:
        skew = self.sign_in_result.skew_seconds
        if skew is None:
            return "Entra's response has no date, so the clock cannot be checked."
        if abs(skew) < NOTICEABLE_SKEW_SECONDS:
            return "This machine's clock is right."
        finding = f"This machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
        if abs(skew) > MAX_SKEW_SECONDS:
            raise SetupError(f"{finding}; set it (tokens are accepted within {MAX_SKEW_SECONDS:.0f} s).")
        return f"{finding}, which does no harm."


_CHAT_ADVICE = (
    f" {JOINING_CHAT} is not in a token: it comes with the Teams app in the chat of a meeting, and is enough for that "
    "meeting."
)

CHECKS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("settings", "Settings", ()),
    ("sign_in", "Sign-in", ("settings",)),
    ("permissions", "Permissions", ("sign_in",)),
    ("tunnel", "Tunnel", ("settings",)),
    ("callback", "Callback through the public address", ("tunnel",)),
    ("clock", "Clock", ("sign_in",)),
    ("journal", "Journal", ("settings",)),
)
"""Name, title and dependencies of each check, in their order."""


def get_template(name: str) -> Template:
    """Return the template with a name; ``ValueError`` for an unknown name lists the names."""
    return ALL[require_choice("template", name, ALL)]


def find_missing_permissions(required: str, roles: Collection[str]) -> list[str]:
    """Return the parts of a template's ``permission`` that no role satisfies.

    Examples
    --------
    >>> find_missing_permissions("Calls.Initiate.All and Calls.AccessMedia.All", ["Calls.Initiate.All"])
    ['Calls.AccessMedia.All']
    >>> find_missing_permissions("Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All", [])
    ['Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All']
    """
    clauses = [clause.strip() for clause in re.split(r"\band\b|\bwith\b", required)]
    alternatives = {clause: {role.strip() for role in re.split(r"\bor\b|,", clause)} for clause in clauses if clause}
    return [clause for clause, names in alternatives.items() if not names & set(roles)]


async def run_checks(
    target: DiagnosisTarget,
    *,
    template: str = "peer_to_peer",
    on_change: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Run all checks in their order; each passes, fails with a remedy, or is not reached.

    Parameters
    ----------
    target : the session or settings to check
    template : name of the template whose permissions are checked
    on_change : called with the report after each check

    Raises
    ------
    ValueError
        When the template does not exist. Failures of the target are in the report.
    """
    methods = _Checks(target, get_template(template))
    checks = {name: Check(name, title, "running") for name, title, _ in CHECKS}
    titles = {name: title for name, title, _ in CHECKS}
    for name, title, dependencies in CHECKS:
        failed = [dependency for dependency in dependencies if checks[dependency].status != "pass"]
        if failed:
            detail = f"It requires “{titles[failed[0]]}” to pass first."
            checks[name] = Check(name, title, "not reached", detail)
        else:
            checks[name] = await _run_check(name, title, getattr(methods, name))
        on_change(Report(tuple(checks.values())))
    return Report(tuple(checks.values()))


async def _run_check(name: str, title: str, method: Callable[[], Awaitable[str]]) -> Check:
    started = time.perf_counter()
    status: Status = "fail"
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
            detail = await method()
        status = "pass"
    except TimeoutError:
        detail = f"It did not end within {CHECK_TIMEOUT_SECONDS:.0f} s; check the network."
    except GraphcallError as error:
        detail = str(error)
    except Exception as error:
        # An unexpected error is a finding too; the other checks still run.
        detail = f"It failed unexpectedly ({type(error).__name__}: {error}); please report this."
    return Check(name, title, status, detail, time.perf_counter() - started)
