"""The asynchronous client of Graph's calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, overload

from .._arguments import require_type
from ..errors import IllegalAction
from ..graph.base import Resource
from ..graph.models import Call, CreatedCall, Participant
from ..graph.operations import (
    Action,
    Delete,
    GetParticipant,
    ListParticipants,
    Operation,
    OperationAction,
    reason_not_in_cloud,
)
from ..graph.requests import (
    Request,
    action_request,
    create_request,
    get_request,
    read_call,
    read_entities,
    read_entity,
    read_operation,
    recording_request,
)
from ..graph.templates import is_example_callback_uri
from .transport import Sender

R = TypeVar("R", bound=Resource)


class AsyncCalls(Sender):
    """Asynchronous client of Graph's calls.

    Parameters
    ----------
    transport : httpx.AsyncBaseTransport, optional
        Replaces the network, for example in tests.
    auth : httpx.Auth, optional
        Signs in; :class:`graphcall_nb.client.sign_in.MsalAuth` does so at Microsoft Entra.
    version : str or ApiVersion
        ``"v1.0"``, ``"beta"``, ``"beta-2018"``, or an :class:`~graphcall_nb.graph.versions.ApiVersion`.
    base_url : str
        URL of Graph; national clouds have their own.
    verify : ssl.SSLContext or bool
        Certificates to trust, if there is no ``transport``.
    on_exchange : callable, optional
        Awaited after each request with a :class:`~graphcall_nb.journal.records.RequestRecord` without secrets.
    sleep, clock : callable
        Pause between attempts, and time in seconds since 1970; tests pass their own.
    max_attempts : int
        Number of attempts for a request; 1 turns retries off. It may be set later.
    backoff : Backoff, optional
        Delays after a failed connection, in seconds; by default 0.25, 0.5 and 1 s, each shortened by up to a tenth.

    Notes
    -----
    The client does not know the state of a call, so the service refuses what the state does not allow.
    :class:`~graphcall_nb.CallHandle` checks the state before it sends.

    At most 32 requests are in flight at once; others wait. A request is retried as follows, each time with the same
    ``client-request-id``.

    ================================  ====================================================================
    429, or 503 with ``Retry-After``  sent again after that time, if it is at most one minute; otherwise
                                      ``Throttled``
    429 without ``Retry-After``       sent again after 1, 2 and 4 s
    503 without ``Retry-After``       raises ``GraphError``; the request may have been processed
    500, 502, 504                     raises ``GraphError``
    connection refused                sent again, since nothing was sent; then ``ServiceUnreachable``
    connection reset, or no response  an idempotent request (get, delete, mute, keepAlive, …) is sent again; another
    for 30 s                          (create, answer, transfer, playPrompt, …) raises ``ServiceUnreachable`` with
                                      ``maybe_sent``
    ================================  ====================================================================

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.run(session.async_calls.create(gc.templates.peer_to_peer()))
    ...     call.state
    'establishing'
    """

    get_callback_uri: Callable[[], str] | None = None
    """Function that returns the address that replaces those of Microsoft's examples, which receive nothing.

    A session sets it.
    """

    async def create(
        self, call: Call, *, application_id: str | None = None, headers: Mapping[str, str] | None = None
    ) -> CreatedCall:
        """Create a call and return it with its ``id``.

        Parameters
        ----------
        call : Call
            The call to create.
        application_id : str, optional
            Application that calls, for a version whose path has it.
        headers : dict, optional
            Further headers of the request.

        Raises
        ------
        GraphError
            When the service refuses the call.
        ServiceUnreachable
            When there was no response; ``maybe_sent`` is true when the service may have created the call.
        """
        require_type("call", call, Call, "a Call; parse_call() and Call.from_json_dict() read one from text and a dict")
        if self.get_callback_uri is not None and is_example_callback_uri(call.callback_uri):
            call = call.model_copy(update={"callback_uri": self.get_callback_uri()})
        return read_call(await self._send(create_request(self.version, call, application_id, headers)))

    async def get(self, call_id: str) -> CreatedCall:
        """Read a call. Raises ``NotFound`` some time after it ended."""
        return read_call(await self._send(get_request(self.version, call_id)))

    async def delete(self, call_id: str) -> None:
        """End a call; of a group call, the application's own leg."""
        await self.perform(call_id, Delete())

    async def participants(self, call_id: str) -> list[Participant]:
        """Read the participants of a call."""
        return await self.fetch_all(Participant, call_id, ListParticipants())

    async def participant(self, call_id: str, participant_id: str) -> Participant:
        """Read one participant of a call.

        Parameters
        ----------
        call_id, participant_id : str
            Graph's ids of the call and of the participant.

        Raises
        ------
        NotFound
            When the call or the participant does not exist.
        """
        return await self.fetch(Participant, call_id, GetParticipant(participant_id=participant_id))

    async def fetch(self, kind: type[R], call_id: str, action: Action) -> R:
        """Send an action whose response is an object other than an operation, and return that object.

        Parameters
        ----------
        kind : type
            Class of the object in :mod:`graphcall_nb.graph.models`, such as ``AudioRoutingGroup``.
        call_id : str
            Graph's id of the call.
        action : Action
            An object of a class of :mod:`graphcall_nb.graph.operations`, such as ``GetAudioRoutingGroup(group_id=id)``.

        Raises
        ------
        NotFound
            When the call or the object does not exist.
        """
        return read_entity(kind, await self._send(self._make_request(call_id, action)))

    async def fetch_all(self, kind: type[R], call_id: str, action: Action) -> list[R]:
        """Send an action whose response is a list of objects, and return them.

        Parameters
        ----------
        kind, call_id, action : type, str, Action
            As in :meth:`fetch`.
        """
        return read_entities(kind, await self._send(self._make_request(call_id, action)))

    async def recording(self, call_id: str, operation: Operation) -> bytes:
        """Fetch the recording that an operation made.

        Parameters
        ----------
        call_id : str
            Graph's id of the call.
        operation : Operation
            An ended :class:`~graphcall_nb.graph.operations.RecordResponse` operation.

        Returns
        -------
        bytes
            The content of the WAV file.
        """
        return (await self._send(recording_request(call_id, operation))).body

    @overload
    async def perform(self, call_id: str, action: OperationAction) -> Operation: ...

    @overload
    async def perform(self, call_id: str, action: Action) -> Operation | None: ...

    async def perform(self, call_id: str, action: Action) -> Operation | None:
        """Send an action on a call.

        Parameters
        ----------
        call_id : str
            Graph's id of the call.
        action : Action
            An object of a class of :mod:`graphcall_nb.graph.operations`, such as ``PlayPrompt(prompts=url)``.

        Returns
        -------
        Operation or None
            The operation that the service started; ``None`` when the action does not start one.

        Raises
        ------
        InvalidCall
            When a limit of the version is broken; ``problems`` names the fields. Nothing was sent.
        IllegalAction
            When the version or the cloud does not have the action. Nothing was sent.
        GraphError
            When the service refuses the request.
        ServiceUnreachable
            When there was no answer; ``maybe_sent`` is true when the service may have acted on it.

        Examples
        --------
        >>> import graphcall_nb as gc
        >>> from graphcall_nb.graph.operations import PlayPrompt
        >>> with gc.simulate(speed=100) as session:
        ...     call = session.create_call(gc.templates.peer_to_peer())
        ...     call.wait_for("established", timeout=10)
        ...     prompt = PlayPrompt(prompts="https://cdn.contoso.com/beep.wav")
        ...     session.run(session.async_calls.perform(call.id, prompt)).status
        'running'
        """
        require_type("action", action, Action, "an action of graphcall_nb.graph.operations, such as KeepAlive()")
        uri = getattr(action, "callback_uri", None)
        if uri and self.get_callback_uri is not None and is_example_callback_uri(uri):
            action = action.model_copy(update={"callback_uri": self.get_callback_uri()})
        response = await self._send(self._make_request(call_id, action))
        if isinstance(action, OperationAction):
            return read_operation(response)
        return read_operation(response) if action.starts_operation and response.body.strip() else None

    def _make_request(self, call_id: str, action: Action) -> Request:
        """Return the request for an action. Raise ``IllegalAction`` if the cloud does not have it."""
        if reason := reason_not_in_cloud(action.name, self.cloud):
            raise IllegalAction(f"{reason} Nothing was sent.")
        return action_request(self.version, call_id, action)
