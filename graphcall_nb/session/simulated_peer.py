"""The caller or callee of simulated calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from .._arguments import require_type
from ..client.blocking import BlockingClient
from ..graph.models import Call
from ..simulator.faults import FaultName
from ..simulator.routes import SCENARIO_HEADER
from ..simulator.scenario import Scenario
from ..simulator.scenarios import ScenarioName
from .call import CallHandle
from .call_store import CallStore
from .methods import name_forgotten_parentheses

if TYPE_CHECKING:
    import pandas as pd


AnyScenario = ScenarioName | Scenario | Mapping[str, Any]
"""A scenario: its name, the scenario itself, or its members."""


class SimulatorControl(Protocol):
    """Control of the simulator, in this process or in another one."""

    async def ring(
        self,
        callback_uri: str,
        *,
        version: str,
        caller: Mapping[str, Any] | str | None,
        modalities: Iterable[str],
        meeting: Mapping[str, Any] | None,
        legacy: bool | None,
        policy_recording: bool,
        scenario: AnyScenario | None,
    ) -> str: ...
    async def add_scenario(self, scenario: Scenario) -> str: ...
    async def set_scenario(self, scenario: AnyScenario, call_id: str | None = None) -> None: ...
    async def set_rules(self, rules: Mapping[str, Any]) -> None: ...
    async def set_faults(self, faults: str | Iterable[str]) -> None: ...
    async def read_faults(self) -> list[str]: ...
    async def press(self, call_id: str, *tones: str) -> None: ...
    async def hang_up(self, call_id: str) -> None: ...
    async def sent_states(self) -> dict[str, list[str]]: ...
    async def advance(self, seconds: float) -> None: ...
    async def step(self) -> bool: ...
    async def read_requests(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]: ...
    async def read_deliveries(self, filters: Mapping[str, Any]) -> list[dict[str, Any]]: ...
    async def verify(
        self, operation: str, *, call_id: str | None, body: Any, status: int | None, times: int | None
    ) -> int: ...
    async def resend(self, delivery_id: int) -> object: ...


@name_forgotten_parentheses("session.simulator")
class SimulatedPeer:
    """The user at the other end of simulated calls: ``session.simulator``.

    Parameters
    ----------
    simulator : SimulatorControl
        Carries out the actions.
    client : BlockingClient
        Waits for them.
    calls : CallStore
        Knows the address for notifications, and the state of every call.
    bot_uri : str
        Address for incoming calls of a bot elsewhere, which :meth:`ring` calls.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.simulator.ring("Adele Vance")
    ...     call.wait_for("incoming", timeout=10)
    ...     call.answer()
    ...     call.wait_for("established", timeout=10)
    ...     session.simulator.hang_up(call.id)
    ...     call.wait_for("terminated", timeout=10)
    ...     session.intervals()["state"].tolist()
    ['incoming', 'establishing', 'established', 'terminating', 'terminated']
    """

    def __init__(
        self, simulator: SimulatorControl, client: BlockingClient, calls: CallStore, *, bot_uri: str = ""
    ) -> None:
        self._simulator = simulator
        self._client = client
        self._calls = calls
        self._bot_uri = bot_uri

    @property
    def answer_seconds(self) -> float | None:
        """Real seconds in which the application must answer a call; ``None`` in virtual time and in a class."""
        seconds: float | None = getattr(self._simulator, "answer_seconds", None)
        return seconds

    @property
    def virtual_now(self) -> datetime | None:
        """Time of the simulator in virtual time; ``None`` if it uses the clock of this machine."""
        clock: Callable[[], float] | None = getattr(self._simulator, "clock", None)
        return datetime.fromtimestamp(clock(), UTC) if self.is_stepped and clock else None

    def ring(
        self,
        caller: Mapping[str, Any] | str | None = None,
        *,
        callback_uri: str | None = None,
        modalities: Iterable[str] = ("audio",),
        meeting: Mapping[str, Any] | None = None,
        legacy: bool | None = None,
        policy_recording: bool = False,
        scenario: AnyScenario | None = None,
    ) -> CallHandle:
        """Call the application; it has 15 seconds to answer, reject or redirect (at least 2, at any speed).

        Parameters
        ----------
        caller : str or dict, optional
            A phone number, a name, or an identity set; by default some user.
        callback_uri : str, optional
            Address of the bot to call; by default the one of :func:`graphcall_nb.attach`, or the session's listener.
        modalities : iterable of str
            Modalities that the caller offers.
        meeting : dict, optional
            ``chatInfo`` and ``meetingInfo``, if the application is invited to a group call.
        legacy : bool, optional
            Send the first notification in the format from before Graph; by default if the fault ``legacy_first`` is
            on.
        policy_recording : bool
            Call the application to record a call for a compliance policy, which it has five seconds to answer.
        scenario : str, Scenario or dict, optional
            Behavior of the caller once the application has answered.

        Returns
        -------
        CallHandle
        """
        ringing = self._simulator.ring(
            callback_uri or self._bot_uri or self._calls.callback.uri,
            version=self._client.calls.version.name,
            caller=caller,
            modalities=modalities,
            meeting=meeting,
            legacy=legacy,
            policy_recording=policy_recording,
            scenario=scenario,
        )
        return CallHandle(Call(id=self._client.run(ringing)), self._client, self._calls)

    def press(self, call_id: str, *tones: str) -> None:
        """Press keys at the other end (``"tone0"`` to ``"tone9"``, ``"star"``, ``"pound"``)."""
        self._client.run(self._simulator.press(self._calls.complete_id(call_id), *tones))

    def hang_up(self, call_id: str) -> None:
        """End a call from the other end."""
        self._client.run(self._simulator.hang_up(self._calls.complete_id(call_id)))

    def advance(self, seconds: float) -> None:
        """Move the virtual time; return when what was due meanwhile has been delivered, in order.

        Parameters
        ----------
        seconds : float
            Virtual seconds; 0 delivers what is due now.

        Raises
        ------
        ValueError
            When the simulator runs in real time, and for a number that is negative or not finite.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     session.simulator.advance(60)
        ...     call.state
        'established'
        """
        self._client.run(self._simulator.advance(seconds))

    def step(self) -> bool:
        """Move the virtual time to the next notification, and return when it was delivered.

        Returns
        -------
        bool
            False if no notification is due: without live calls, nothing happens by itself.

        Raises
        ------
        ValueError
            When the simulator runs in real time.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     while call.state != "established":
        ...         session.simulator.step()
        ...         call.state
        True
        'establishing'
        True
        'ringing'
        True
        'established'
        """
        return self._client.run(self._simulator.step())

    @property
    def is_stepped(self) -> bool:
        """True in virtual time in this process: only :meth:`advance` and :meth:`step` let messages go."""
        return bool(getattr(self._simulator, "is_virtual", False))

    def set_scenario(self, scenario: AnyScenario, call_id: str | None = None) -> None:
        """Choose the scenario of one call, or of all calls to come that no rule concerns.

        Parameters
        ----------
        scenario : str, Scenario or dict
            A name, or a :class:`~graphcall_nb.Scenario`.
        call_id : str, optional
            A call, which follows the scenario from its first step that is still to come.

        Raises
        ------
        ValueError
            For an unknown scenario, and for a call that has ended.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     session.simulator.advance(10)
        ...     session.simulator.set_scenario("callee_hangs_up", call.id)
        ...     session.simulator.advance(10)
        ...     call.state
        'terminated'
        """
        whole_id = None if call_id is None else self._calls.complete_id(call_id)
        self._client.run(self._simulator.set_scenario(scenario, whole_id))

    def set_rules(self, rules: Mapping[str, ScenarioName | Scenario]) -> None:
        """Choose the scenarios of calls by their target, for example ``{"+1425555*": "busy"}``.

        Parameters
        ----------
        rules : dict
            Scenario by pattern, instead of all present rules; the first that matches counts.

        Raises
        ------
        ValueError
            For a pattern that nothing matches, and an unknown scenario.
        """
        self._client.run(self._simulator.set_rules(rules))

    @property
    def faults(self) -> list[str]:
        """Names of the present faults of the service."""
        return self._client.run(self._simulator.read_faults())

    def set_faults(self, *names: FaultName) -> None:
        """Replace the faults of the service, from the next request and notification on.

        Parameters
        ----------
        *names : str
            Names of :data:`graphcall_nb.simulator.faults.FAULTS`; none clears the faults.

        Raises
        ------
        ValueError
            For an unknown fault.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate() as session:
        ...     session.simulator.set_faults("duplicated", "delayed")
        ...     session.simulator.faults
        ...     session.simulator.set_faults()
        ...     session.simulator.faults
        ['delayed', 'duplicated']
        []
        """
        self._client.run(self._simulator.set_faults(names))

    def make_headers(self, scenario: AnyScenario) -> dict[str, str]:
        """Return the header of a request to create a call that follows a scenario.

        Parameters
        ----------
        scenario : str, Scenario or dict
            A name, or a :class:`~graphcall_nb.Scenario`, which the simulator keeps.

        Returns
        -------
        dict
        """
        if isinstance(scenario, Mapping):
            scenario = Scenario.from_dict(scenario)
        if isinstance(scenario, Scenario):
            name = self._client.run(self._simulator.add_scenario(scenario))
        else:
            name = require_type("scenario", scenario, str, "a name or a Scenario")
        return {SCENARIO_HEADER: quote(name, safe="")}

    def sent_states(self) -> dict[str, list[str]]:
        """Return the states that the service sent for each call, including notifications that were lost.

        Frames can be compared with it: faults duplicate, delay, reorder and lose notifications, but change no call.
        """
        return self._client.run(self._simulator.sent_states())

    def requests(
        self,
        *,
        operation: str | None = None,
        call_id: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
    ) -> pd.DataFrame:
        """Return the requests that the simulator received, one row each, the oldest first; the last 5,000 are kept.

        Parameters
        ----------
        operation : str, optional
            Only these: ``"create"``, ``"get"``, ``"delete"``, ``"token"`` or an operation, such as ``"playPrompt"``.
        call_id, method, path : str, optional
            Only requests with these values.
        status : int, optional
            Only requests that were responded to with this status.

        Returns
        -------
        pandas.DataFrame
            ``id``, ``at``, ``method``, ``path``, ``operation``, ``call_id``, ``body``, ``status``, ``response`` and
            ``duration``. Bodies are values of JSON, in which tokens and secrets are replaced by ``***``.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     session.simulator.requests(operation="create")["status"].tolist()
        [201]
        """
        from ..frames.simulator_log import REQUEST_COLUMNS, make_log_frame  # pandas takes a while

        call_id = None if call_id is None else self._calls.complete_id(call_id)
        filters = {"operation": operation, "call_id": call_id, "method": method, "path": path, "status": status}
        return make_log_frame(self._client.run(self._simulator.read_requests(_drop_missing(filters))), REQUEST_COLUMNS)

    def deliveries(
        self,
        *,
        call_id: str | None = None,
        state: str | None = None,
        url: str | None = None,
        attempt: int | None = None,
        status: int | None = None,
    ) -> pd.DataFrame:
        """Return the attempts to send notifications, one row each, the oldest first; the last 5,000 are kept.

        Parameters
        ----------
        call_id, state, url : str, optional
            Only attempts with these values; ``state`` is that of the call.
        attempt : int, optional
            Only attempts with this number; 1 is the first one of each notification.
        status : int, optional
            Only attempts that the receiver responded to with this status.

        Returns
        -------
        pandas.DataFrame
            ``id``, ``at``, ``call_id``, ``url``, ``state``, ``attempt``, ``status``, ``error``, ``duration`` and
            ``body``. ``status`` is missing and ``error`` has the reason if no response came.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(scenario="declined", virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.pstn("+14255550100"))
        ...     session.simulator.advance(60)
        ...     session.simulator.deliveries(call_id=call.id)["state"].tolist()
        ['establishing', 'ringing', 'terminated']
        """
        from ..frames.simulator_log import DELIVERY_COLUMNS, make_log_frame

        call_id = None if call_id is None else self._calls.complete_id(call_id)
        filters = {"call_id": call_id, "state": state, "url": url, "attempt": attempt, "status": status}
        entries = self._client.run(self._simulator.read_deliveries(_drop_missing(filters)))
        return make_log_frame(entries, DELIVERY_COLUMNS)

    def verify(
        self,
        operation: str,
        *,
        call_id: str | None = None,
        body: Any = None,
        status: int | None = None,
        times: int | None = None,
    ) -> int:
        """Check that the simulator received a request, and return how often; requests that it refused count.

        Parameters
        ----------
        operation : str
            ``"create"``, ``"get"``, ``"delete"``, ``"token"`` or an operation, such as ``"playPrompt"``.
        call_id : str, optional
            Only requests on this call.
        body : JSON value, optional
            A part of the body: an object may have further members; an array must have as many entries.
        status : int, optional
            Only requests that were responded to with this status.
        times : int, optional
            Expected number; at least one by default.

        Returns
        -------
        int

        Raises
        ------
        VerificationFailed
            For another number than expected; an ``AssertionError``, with the nearest request and its differences.
        ValueError
            For an unknown operation.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> with gc.simulate(virtual_time=True) as session:
        ...     call = session.create_call(gc.templates.pstn("+14255550100"))
        ...     session.simulator.verify("create", body={"targets": [{"identity": {"phone": {"id": "+14255550100"}}}]})
        1
        """
        call_id = None if call_id is None else self._calls.complete_id(call_id)
        verifying = self._simulator.verify(operation, call_id=call_id, body=body, status=status, times=times)
        return self._client.run(verifying)

    def resend(self, delivery_id: int) -> None:
        """Send a notification once more, now; ``delivery_id`` is the ``id`` of a row of :meth:`deliveries`."""
        self._client.run(self._simulator.resend(delivery_id))


def _drop_missing(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}
