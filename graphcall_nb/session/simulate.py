"""``simulate``: a session against the embedded service.

Only addresses differ from a real tenant: MSAL requests a token, httpx posts over a socket, and the listener checks
signatures against keys that it fetched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack

from ..background import serve
from ..client.sign_in import MsalAuth
from ..client.tls import create_ssl_context
from ..graph.versions import DEFAULT, VersionName, get_version
from ..simulator.call_service import SimulatorOptions
from ..simulator.certificates import CertificateAuthority
from ..simulator.faults import FaultName
from ..simulator.scenario import Scenario
from ..simulator.scenarios import ScenarioName
from ..simulator.simulator import Simulator
from .builder import open_session
from .config import SessionConfig
from .session import Session


def simulate(
    *,
    version: VersionName = DEFAULT,
    scenario: ScenarioName | Scenario = "answered",
    faults: FaultName | Iterable[FaultName] | None = None,
    speed: float = 1.0,
    seed: int | None = None,
    journal: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    virtual_time: bool = False,
    rules: Mapping[str, ScenarioName | Scenario] | None = None,
    tls: bool | str | os.PathLike[str] = False,
    options: SimulatorOptions | None = None,
) -> Session:
    """Start a session against an embedded simulator of Graph's calling service. Nothing needs to be configured.

    Parameters
    ----------
    version : str
        Version of the API: ``"v1.0"``, ``"beta"``, or ``"beta-2018"`` for the page *Create call* of 2018.
    scenario : str or Scenario
        Course of each call: a name in ``simulator.scenarios.SCENARIOS``, for example ``"declined"``, or a
        :class:`~graphcall_nb.Scenario` of your own.
    faults : str or iterable of str, optional
        Faults of the service, one or several of :data:`graphcall_nb.simulator.faults.FAULTS`.
    speed : float
        Speed of simulated time; 100 makes a minute pass in 0.6 s.
    seed : int, optional
        Makes a run repeat: the same ids, the same delays.
    journal : path-like, optional
        A path or URL for the notifications; by default a temporary file, deleted by ``close()``.
    isolated : bool
        Run the listener in a process of its own, which accepts notifications while this one is busy.
    virtual_time : bool
        Time passes in ``session.simulator.advance(seconds)`` alone, and nothing waits. The frames have the virtual
        times; with a seed, they begin in 2026.
    rules : dict, optional
        Scenarios by target, for example ``{"+1425555*": "busy"}``; the first pattern that matches counts.
    tls : bool or path-like
        Serve https, with a certificate of an authority that is kept in this folder, or with ``True`` in
        ``~/.graphcall_nb/tls``. Clients trust the file ``ca.pem`` in it.
    options : SimulatorOptions, optional
        Behavior that Microsoft has not published, and that a test may need otherwise.

    Returns
    -------
    Session
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    ValueError
        For an unknown version, scenario or fault; the message lists the known ones. For virtual time with another
        speed than 1, or with an isolated listener, whose process has a clock of its own. For a folder of ``tls`` that
        cannot be used.
    JournalError
        When the journal cannot be opened, or holds calls of the other kind, simulated or real.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(scenario="declined", speed=100) as session:
    ...     call = session.create_call(gc.templates.pstn("+14255550100"))
    ...     call.wait_for("terminated", timeout=10)
    ...     session.intervals()["state"].tolist()
    ['establishing', 'ringing', 'terminated']

    A minute of a call, without waiting:

    >>> with gc.simulate(scenario="lobby_timeout", virtual_time=True, seed=1) as session:
    ...     call = session.create_call(gc.templates.meet_now())
    ...     session.simulator.advance(90)
    ...     session.calls()["result_subcode"].tolist()
    [5855]
    """
    if virtual_time and isolated:
        raise ValueError("isolated listeners have clocks of their own; leave out isolated=True in virtual time.")
    api_version = get_version(version)
    simulator = Simulator(
        scenario=scenario,
        rules=rules or {},
        faults=() if faults is None else faults,
        speed=speed,
        seed=seed,
        virtual_time=virtual_time,
        options=options,
    )

    authority = CertificateAuthority(None if tls is True else tls) if tls else None

    async def open_service(stack: AsyncExitStack) -> SessionConfig:
        server = await serve(simulator.app, ssl_context=authority.make_server_context() if authority else None)
        stack.push_async_callback(simulator.aclose)
        stack.push_async_callback(server.close)
        info = simulator.info(server.url)
        ca_bundle = str(authority.ca_file) if authority else None
        verify = create_ssl_context(ca_bundle, url=server.url)
        auth = MsalAuth(
            info["tenant_id"], info["client_id"], info["client_secret"], authority=server.url, verify=verify
        )
        stack.callback(auth.close)
        return SessionConfig(
            graph_url=info["graph_url"],
            auth=auth,
            tenant_id=info["tenant_id"],
            client_id=info["client_id"],
            openid_url=info["openid_url"],
            # Without TLS, recordings elsewhere still need the usual authorities, which are loaded on use.
            verify=verify if authority else True,
            ca_bundle=ca_bundle,
            simulated=True,
            simulator=simulator,
            continue_after=simulator.continue_after,
            clock=simulator.clock if virtual_time else None,
            sleep=simulator.pause,
        )

    return open_session(open_service, version=api_version, journal=journal, isolated=isolated)
