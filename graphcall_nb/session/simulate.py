"""``simulate``: a session against the embedded service.

Only addresses differ from a real tenant: real MSAL asks a token endpoint, real httpx posts over a socket, the real
listener checks a real signature against a key set that it fetched.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AsyncExitStack

from ..background import serve
from ..client.sign_in import MsalAuth
from ..graph.versions import DEFAULT, get_version
from ..simulator.call_service import SimulatorOptions
from ..simulator.simulator import Simulator
from .builder import Service, assemble
from .session import Session
from .simulated_peer import SimulatedPeer


def simulate(
    *,
    version: str = DEFAULT,
    scenario: str = "answered",
    faults: str | Iterable[str] | None = None,
    speed: float = 1.0,
    seed: int | None = None,
    journal: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    options: SimulatorOptions | None = None,
) -> Session:
    """Start a session against an embedded simulator of Graph's calling service. Nothing needs to be configured.

    Parameters
    ----------
    version : how the service is spoken to, ``"beta"`` or ``"v1.0"``
    scenario : what becomes of a call, a name in ``simulator.scenarios.SCENARIOS``, for example ``"declined"``
    faults : what goes wrong on the way, one or several of :data:`graphcall_nb.simulator.faults.FAULTS`
    speed : how many times faster than life; 100 makes a minute pass in 0.6 s
    seed : makes a run repeat: the same ids, the same delays
    journal : a path or URL where the notifications are kept; by default a temporary file, deleted on ``close``
    isolated : whether the listener is in a process of its own, which takes notifications whatever this one is busy with
    options : behavior that Microsoft has not published, and that a test may need otherwise,
        :class:`graphcall_nb.simulator.SimulatorOptions`

    Returns
    -------
    Session
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    ValueError
        For an unknown version, scenario or fault; the message lists those there are.
    JournalError
        When the journal cannot be opened.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(scenario="declined", speed=100) as session:
    ...     call = session.create_call(gc.templates.pstn("+14255550100"))
    ...     call.wait_for("terminated", timeout=10)
    ...     session.intervals()["state"].tolist()
    ['establishing', 'ringing', 'terminated']
    """
    names = () if faults is None else faults
    simulator = Simulator(scenario=scenario, faults=names, speed=speed, seed=seed, options=options)

    async def open_service(stack: AsyncExitStack) -> Service:
        server = await serve(simulator.app)
        stack.push_async_callback(simulator.aclose)
        stack.push_async_callback(server.close)
        info = simulator.info(server.url)
        auth = MsalAuth(info["tenant_id"], info["client_id"], info["client_secret"], authority=server.url)
        stack.callback(auth.close)
        return Service(
            graph_url=info["graph_url"],
            tenant_id=info["tenant_id"],
            client_id=info["client_id"],
            openid_url=info["openid_url"],
            auth=auth,
            simulated=True,
        )

    session = assemble(open_service, version=get_version(version), journal=journal, isolated=isolated)
    session.simulator = SimulatedPeer(session, simulator)
    return session
