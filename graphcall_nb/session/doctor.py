"""``doctor``: for somebody whose first run fails, so that there is no session to ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .._arguments import did_you_mean
from ..background import Background
from ..client.credential import Credential
from ..client.settings import SETTINGS, Settings, read_settings
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult, get_template, run_checks
from ..diagnosis.report import Report
from ..journal.journal import open_journal
from ..tunnels.selection import select_tunnel
from ..tunnels.tunnel import Provider, Tunnel
from .builder import Service, listen
from .connect import service_of
from .doctor_targets import SessionTarget, sign_in

if TYPE_CHECKING:
    from ..widgets.doctor import Doctor

_TAKEN = {*SETTINGS, "issuers", "env_file", "version", "isolated", "template"} - {"client_secret"}
"""What may be given by name: all that ``connect`` takes, so that the same line does for both."""

OnChange = Callable[[Report], None]


def doctor(
    tenant_id: str | None = None,
    client_id: str | None = None,
    client_credential: Any = None,
    *,
    template: str = "peer_to_peer",
    tunnel: str | Provider | Tunnel | None = None,
    **settings: Any,
) -> Doctor:
    """A checklist for the first run: settings, sign-in, permissions, tunnel, callback, clock, each with its remedy.

    Parameters
    ----------
    tenant_id, client_id, client_credential, tunnel, settings
        As :func:`graphcall_nb.connect` takes them; what is not given comes from the environment and ``.env``.
    template : the name of the template whose permissions are looked for

    Returns
    -------
    Doctor
        A widget. Its ``wait()`` returns the report, which is text and HTML.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> report = gc.doctor("contoso.onmicrosoft.com", "8A34A46B", "the secret", authority="http://127.0.0.1:9",
    ...     graph_url="http://127.0.0.1:9").wait()
    >>> [check.status for check in report][:3]
    ['pass', 'fail', 'not reached']
    """
    from ..widgets.doctor import Doctor

    get_template(template)
    if unknown := [name for name in settings if name not in _TAKEN]:
        advice = did_you_mean(unknown[0], _TAKEN) or f"it takes: {', '.join(sorted(_TAKEN))}."
        raise TypeError(f"doctor() takes no {unknown[0]!r}; {advice}")
    credential = Credential(client_credential) if client_credential else None
    del client_credential
    given = {"tenant_id": tenant_id, "client_id": client_id, "client_secret": credential, **settings}
    env_file = given.pop("env_file", None)
    return Doctor(lambda on_change: _in_a_thread(given, env_file, tunnel, template, on_change))


def _in_a_thread(
    given: dict[str, Any], env_file: Any, tunnel: Any, template: str, on_change: OnChange
) -> Future[Report]:
    future: Future[Report] = Future()

    def work() -> None:
        try:
            future.set_result(
                examine_first_run(given, env_file=env_file, tunnel=tunnel, template=template, on_change=on_change)
            )
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name="graphcall_nb doctor", daemon=True).start()
    return future


def examine_first_run(
    given: dict[str, Any],
    *,
    env_file: Any = None,
    tunnel: str | Provider | Tunnel | None = None,
    template: str = "peer_to_peer",
    on_change: OnChange = lambda report: None,
) -> Report:
    """Examine what ``connect`` would be given, and wait for the report; what is opened for that is closed again."""
    background = Background("graphcall_nb doctor")
    background.start()

    async def examined() -> Report:
        async with AsyncExitStack() as stack:
            target = SettingsTarget(stack, given, env_file, tunnel)
            return await run_checks(target, template=template, on_change=on_change)

    try:
        return background.run(examined())
    finally:
        background.stop()


class SettingsTarget:
    """What would become a session. Its parts are opened step by step, as far as that goes."""

    def __init__(self, stack: AsyncExitStack, given: dict[str, Any], env_file: Any, tunnel: Any) -> None:
        self._stack = stack
        self._given = given | ({"tunnel": tunnel} if isinstance(tunnel, str) else {})
        self._env_file = env_file
        self._tunnel = tunnel
        self._settings: Settings
        self._service: Service
        self._live: SessionTarget

    async def settings(self) -> str:
        self._settings = read_settings(self._given, env_file=self._env_file)
        self._service = service_of(self._settings, self._stack)
        return self._service.about

    async def sign_in(self) -> SignInResult:
        return await sign_in(self._service.auth)

    async def tunnel(self) -> str:
        spec = self._tunnel if self._tunnel is not None else self._settings.tunnel
        selected = None if spec == "none" else await select_tunnel(spec)
        # The listener takes nothing here but the doctor's knock, so its journal stays empty.
        journal = open_journal()
        self._stack.callback(journal.close)
        service = replace(self._service, tunnel=selected.tunnel if selected else None)
        self._live = SessionTarget(service, *await listen(self._stack, journal, service, isolated=False))
        found = await self._live.tunnel()
        return f"{found} {selected}" if selected else found

    async def callback(self) -> CallbackEndpoint:
        return await self._live.callback()
