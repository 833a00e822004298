"""The steps of an examination, and their order: one that failed leaves those that need it unreached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Protocol

from .._arguments import require_choice
from ..errors import GraphcallError, SetupError
from ..graph.templates import ALL, Template
from .permissions import missing_permissions
from .public import Door, knock
from .report import Check, Report, Status

STEP_SECONDS = 30.0
SKEW_SECONDS = 300.0
"""How far a clock may be off: notifications' tokens are believed within this."""


@dataclass(frozen=True)
class SignedIn:
    """What a sign-in showed.

    Attributes
    ----------
    detail : in words
    roles : the permissions that the access token holds
    skew_seconds : how far this machine's clock is ahead; ``None`` when nobody said
    """

    detail: str
    roles: Collection[str]
    skew_seconds: float | None


class Patient(Protocol):
    """What is examined: a session, or what would become one. Each method raises ``GraphcallError`` with the remedy."""

    async def settings(self) -> str:
        """What is known of the tenant, in words."""

    async def sign_in(self) -> SignedIn:
        """Sign in anew."""

    async def tunnel(self) -> str:
        """How the public reaches this machine, in words."""

    async def door(self) -> Door:
        """Where the listener is reached."""


@dataclass
class _Examination:
    patient: Patient
    template: Template
    signed_in: SignedIn = field(default_factory=lambda: SignedIn("", (), None))

    async def settings(self) -> str:
        return await self.patient.settings()

    async def sign_in(self) -> str:
        self.signed_in = await self.patient.sign_in()
        return self.signed_in.detail

    async def permissions(self) -> str:
        template = self.template
        missing = missing_permissions(template.permission, self.signed_in.roles)
        if missing:
            held = ", ".join(sorted(self.signed_in.roles)) or "none at all"
            raise SetupError(
                f"For “{template.title}” the token lacks {' and '.join(missing)} (it holds: {held}); add it in Entra > "
                "App registrations > your application > API permissions > Microsoft Graph > Application permissions, "
                "and have an administrator grant consent."
            )
        return f"The token holds what “{template.title}” needs: {template.permission}."

    async def tunnel(self) -> str:
        return await self.patient.tunnel()

    async def callback(self) -> str:
        return await knock(await self.patient.door())

    async def clock(self) -> str:
        skew = self.signed_in.skew_seconds
        if skew is None:
            return "Entra did not say what time it is."
        if abs(skew) < 2:
            return "This machine's clock is right."
        words = f"This machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
        if abs(skew) > SKEW_SECONDS:
            raise SetupError(f"{words}; set it (tokens are believed within {SKEW_SECONDS:.0f} s).")
        return f"{words}, which does no harm."


# name, title, and what must have passed before
STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("settings", "Settings", ()),
    ("sign_in", "Sign-in", ("settings",)),
    ("permissions", "Permissions", ("sign_in",)),
    ("tunnel", "Tunnel", ("settings",)),
    ("callback", "Callback through the public address", ("tunnel",)),
    ("clock", "Clock", ("sign_in",)),
)


def known_template(name: str) -> Template:
    """The template of a name; ``ValueError`` says which there are."""
    return ALL[require_choice("template", name, ALL)]


async def examine(
    patient: Patient, *, template: str = "peer_to_peer", on_change: Callable[[Report], None] = lambda report: None
) -> Report:
    """Take every step in its order and say of each: pass, fail with the remedy, or not reached.

    Parameters
    ----------
    patient : what is examined
    template : the name of the template whose permissions are looked for
    on_change : is told after each step how far it has come

    Raises
    ------
    ValueError
        When there is no such template. What is wrong with the patient is in the report and raises nothing.
    """
    examination = _Examination(patient, known_template(template))
    checks = {name: Check(name, title, "running") for name, title, _ in STEPS}
    titles = {name: title for name, title, _ in STEPS}
    for name, title, needs in STEPS:
        bad = [need for need in needs if checks[need].status != "pass"]
        if bad:
            detail = f"It needs “{titles[bad[0]]}” to pass first."
            checks[name] = Check(name, title, "not reached", detail)
        else:
            checks[name] = await _taken(name, title, getattr(examination, name))
        on_change(Report(tuple(checks.values())))
    return Report(tuple(checks.values()))


async def _taken(name: str, title: str, step: Callable[[], Awaitable[str]]) -> Check:
    started = time.perf_counter()
    status: Status = "fail"
    try:
        async with asyncio.timeout(STEP_SECONDS):
            detail = await step()
        status = "pass"
    except TimeoutError:
        detail = f"It did not end within {STEP_SECONDS:.0f} s; check the network."
    except GraphcallError as error:
        detail = str(error)
    except Exception as error:
        # A doctor who falls ill himself helps nobody: what was not foreseen is a finding as well.
        detail = f"It broke off ({type(error).__name__}: {error}); please report this."
    return Check(name, title, status, detail, time.perf_counter() - started)
