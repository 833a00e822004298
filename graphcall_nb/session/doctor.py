"""``doctor``: checks of settings before there is a session."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from .._arguments import did_you_mean
from ..background import Background
from ..client.credential import Credential
from ..client.settings import SETTINGS, Settings, read_settings
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult, get_template, run_checks
from ..diagnosis.report import Report
from ..journal.journal import describe_journal, open_journal
from ..tunnels.selection import select_tunnel
from ..tunnels.tunnel import Provider, Tunnel
from .call_store import CallbackAddress
from .config import SessionConfig, start_listener
from .connect import make_config
from .doctor_targets import SessionTarget, sign_in

if TYPE_CHECKING:
    from ..widgets.doctor import Doctor

_PARAMETERS = {*SETTINGS, "issuers", "env_file", "version", "isolated", "template"} - {"client_secret"}
"""Every parameter of ``connect``, so that the same arguments serve for both."""

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
    """Return a checklist for the first run: settings, sign-in, permissions, tunnel, callback, clock and journal.

    A failed check names the remedy.

    Parameters
    ----------
    tenant_id, client_id, client_credential : optional
        As :func:`graphcall_nb.connect` takes them; what is not passed comes from the environment and ``.env``.
    template : str
        The name of the template whose permissions are checked.
    tunnel : str, Provider or Tunnel, optional
        As :func:`graphcall_nb.connect` takes it.
    **settings
        Further parameters of :func:`graphcall_nb.connect`.

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
    if unknown := [name for name in settings if name not in _PARAMETERS]:
        advice = did_you_mean(unknown[0], _PARAMETERS) or f"it takes: {', '.join(sorted(_PARAMETERS))}."
        raise TypeError(f"doctor() got an unexpected argument {unknown[0]!r}; {advice}")
    credential = Credential(client_credential) if client_credential else None
    del client_credential
    values = {"tenant_id": tenant_id, "client_id": client_id, "client_secret": credential, **settings}
    env_file = values.pop("env_file", None)

    def start(on_change: OnChange) -> Future[Report]:
        future: Future[Report] = Future()

        def work() -> None:
            try:
                report = check_settings(
                    values, env_file=env_file, tunnel=tunnel, template=template, on_change=on_change
                )
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(report)

        threading.Thread(target=work, name="graphcall_nb doctor", daemon=True).start()
        return future

    return Doctor(start)


def check_settings(
    values: dict[str, Any],
    *,
    env_file: str | os.PathLike[str] | None = None,
    tunnel: str | Provider | Tunnel | None = None,
    template: str = "peer_to_peer",
    on_change: OnChange = lambda report: None,
) -> Report:
    """Check the settings that ``connect`` would use and return the report; everything opened for it is closed again.

    Parameters
    ----------
    values : dict
        Arguments of ``connect`` by name; ``client_secret`` is a :class:`Credential`.
    env_file : path-like, optional
        A ``.env`` file.
    tunnel : str, Provider or Tunnel, optional
        As ``connect`` takes it.
    template : str
        The name of the template whose permissions are checked.
    on_change : callable
        Called with the report after each step.
    """
    background = Background("graphcall_nb doctor")
    background.start()

    async def check() -> Report:
        async with AsyncExitStack() as stack:
            target = SettingsTarget(stack, values, env_file, tunnel)
            return await run_checks(target, template=template, on_change=on_change)

    try:
        return background.run(check())
    finally:
        background.stop()


class SettingsTarget:
    """Settings of a session that is not open. Its parts are opened step by step, as far as that works."""

    def __init__(
        self,
        stack: AsyncExitStack,
        values: dict[str, Any],
        env_file: str | os.PathLike[str] | None,
        tunnel: str | Provider | Tunnel | None,
    ) -> None:
        self._stack = stack
        self._values = values | ({"tunnel": tunnel} if isinstance(tunnel, str) else {})
        self._env_file = env_file
        self._tunnel = tunnel
        self._settings: Settings
        self._config: SessionConfig
        self._session: SessionTarget

    async def settings(self) -> str:
        """Read the settings and describe their sources."""
        self._settings = read_settings(self._values, env_file=self._env_file)
        self._config = make_config(self._settings, self._stack)
        return self._config.description

    async def sign_in(self) -> SignInResult:
        """Request an access token."""
        return await sign_in(self._config.auth)

    async def tunnel(self) -> str:
        """Start a listener, open a tunnel to it and describe it."""
        spec = self._tunnel if self._tunnel is not None else self._settings.tunnel
        choice = None if spec == "none" else await select_tunnel(spec)
        # This listener accepts only the request of the callback check, so its journal stays empty.
        journal = open_journal()
        self._stack.callback(journal.close)
        config = replace(self._config, tunnel=choice.tunnel if choice else None)
        listener, local_uri = await start_listener(self._stack, journal, config)
        self._session = SessionTarget(config, listener, CallbackAddress(local_uri, config.tunnel), journal)
        description = await self._session.tunnel()
        return f"{description} {choice}" if choice else description

    async def callback(self) -> CallbackEndpoint:
        """Return the addresses of the listener."""
        return await self._session.callback()

    async def journal(self) -> str:
        """Check the journal of the settings and describe it."""
        return await anyio.to_thread.run_sync(describe_journal, self._settings.journal)
