"""``open_journal``: a journal or a saved session for reading alone, through the frames and widgets of a session."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpx

from .._arguments import require_path, require_text
from .._text import pluralize
from ..background import Background
from ..client.blocking import BlockingClient
from ..client.calls import AsyncCalls
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult
from ..errors import InvalidCall, JournalError, ReadOnly
from ..graph.json_fields import parse_object
from ..graph.models import Call
from ..graph.versions import get_version, version_from_url
from ..journal.archive import open_recorded
from ..journal.database import MICROSOFT, MIXED, SIMULATED
from ..journal.journal import Journal
from ..journal.replay import Replay
from ..journal.selection import make_selection
from .call import CallHandle
from .call_store import CallStore
from .closer import close_loop, closing_on_error
from .methods import name_forgotten_parentheses
from .session import Session

if TYPE_CHECKING:
    from ..widgets.sequence.diagram import RecordedMessages

_KINDS = {
    SIMULATED: "SIMULATED",
    MICROSOFT: "Microsoft Graph",
    MIXED: "SIMULATED and Microsoft Graph mixed",
    None: "from a listener alone",
}
"""Service of a recorded session. A journal without requests, of a listener alone, may not name it."""

S = TypeVar("S", bound="JournalSession")


def open_journal(path_url_or_journal: str | os.PathLike[str] | Journal) -> JournalSession:
    """Open a journal or a saved session for reading. Nothing is started, sent or changed.

    Everything in it is there at once, through the same frames, plots and widgets as in any session; what other
    processes add to a journal meanwhile is there with the next frame.

    Parameters
    ----------
    path_url_or_journal : path-like or Journal
        Path of a journal in SQLite, URL of a journal, such as ``postgresql+psycopg://user:password@host/database``,
        a file of ``session.save(path)``, or the ``journal`` of a session.

    Returns
    -------
    JournalSession
        Close it with ``close()``, or use it in a ``with`` statement.

    Raises
    ------
    JournalError
        When it does not exist, is not a journal, or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> import graphcall_nb as gc
    >>> path = tempfile.mkdtemp() + "/calls.sqlite"
    >>> with gc.simulate(journal=path, scenario="busy", speed=100) as session:
    ...     _ = session.create_call(gc.templates.pstn()).wait_for("terminated", timeout=10)
    >>> with gc.open_journal(path) as recorded:
    ...     recorded.calls()["state"].tolist()
    ['terminated']
    """
    with closing_on_error() as resources:
        journal = open_source(path_url_or_journal, resources, "path_url_or_journal")
        return make_session(JournalSession, journal, journal, resources)


def open_source(source: str | os.PathLike[str] | Journal, resources: ExitStack, parameter: str) -> Journal:
    """Return the journal that an argument means.

    Parameters
    ----------
    source : path, URL, or a journal that stays open
    resources : closes a journal that was opened
    parameter : name of the argument for errors
    """
    if isinstance(source, Journal):
        return source
    require_path(parameter, source, "a path, a URL or a journal")
    journal = open_recorded(source)
    resources.callback(journal.close)
    return journal


def make_session(make: Callable[..., S], journal: Journal, view: Journal | Replay, resources: ExitStack) -> S:
    """Return a session that reads a journal.

    Parameters
    ----------
    make : class of the session
    journal : names the service
    view : the journal, or its replay, which the session reads
    resources : released when the session is closed
    """
    origin = journal.origin
    first_url = next((request.url for request in journal.read_requests(limit=1)), "")
    version = get_version(origin.version) if origin.version else version_from_url(first_url)
    background, stack = Background(), AsyncExitStack()
    resources.callback(background.stop)
    resources.callback(partial(close_loop, background, stack))
    background.start()
    async_calls = AsyncCalls(transport=ReadOnlyTransport(), version=version)
    stack.push_async_callback(async_calls.aclose)
    readable = cast(Journal, view)  # a session only reads it
    client, calls = BlockingClient(async_calls, background), CallStore(readable)
    resources.callback(client.close)
    resources.callback(calls.close)
    return make(
        _KINDS[origin.service],
        journal=readable,
        client=client,
        calls=calls,
        listener=NullListener(),
        doctor_target=ReadOnlyTarget(),
        resources=resources,
        simulated=origin.service in (SIMULATED, MIXED),
    )


def _make_error() -> ReadOnly:
    return ReadOnly(
        "This session only reads a journal, so nothing is sent; place calls with graphcall_nb.simulate() or connect()."
    )


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    """A transport that refuses every request."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise :class:`~graphcall_nb.errors.ReadOnly`."""
        raise _make_error()


class ReadOnlyTarget:
    """A target of the doctor without anything to check."""

    async def settings(self) -> str:
        """Describe the settings."""
        return "A session that only reads needs none."

    async def sign_in(self) -> SignInResult:
        """Raise :class:`~graphcall_nb.errors.ReadOnly`."""
        raise _make_error()

    async def tunnel(self) -> str:
        """Raise :class:`~graphcall_nb.errors.ReadOnly`."""
        raise _make_error()

    async def callback(self) -> CallbackEndpoint:
        """Raise :class:`~graphcall_nb.errors.ReadOnly`."""
        raise _make_error()


class NullListener:
    """The listener of a session that only reads: it receives nothing."""

    accepted = 0
    refused: dict[int, int] = {}  # noqa: RUF012 - never written to
    last_received_us = None


@name_forgotten_parentheses("session")
class JournalSession(Session):
    """A session that only reads a journal. Made by :func:`graphcall_nb.open_journal`.

    Its cockpit has no form and no actions, and a request raises :class:`~graphcall_nb.errors.ReadOnly`.
    """

    is_read_only = True

    def __init__(self, recorded_kind: str, **parts: Any) -> None:
        super().__init__(**parts)
        self._recorded_kind = recorded_kind

    @property
    def kind(self) -> str:
        """The recorded service in words: ``SIMULATED, read-only``."""
        return f"{self._recorded_kind}, read-only"

    def call(self, id: str) -> CallHandle:
        """Return the handle of a call by its id; for a call that was placed by now, with its targets."""
        self._require_open()
        require_text("id", id, "the id of a call, as session.calls() lists them")
        id = self._calls.complete_id(id)
        requests = self.journal.read_requests()
        body = next((each.request_body for each in requests if each.call_id == id and each.operation == "create"), None)
        try:
            call = Call.from_json_dict(parse_object(body) | {"id": id})
        except InvalidCall:  # the request of another program, or a damaged one
            call = Call(id=id)
        return self._make_handle(call)

    def _get_messages(self, call_id: str | None, limit: int) -> RecordedMessages:
        return self._read_messages(self.journal, call_id, limit)

    def _read_messages(self, journal: Journal, call_id: str | None, limit: int, **position: Any) -> RecordedMessages:
        """Return the first messages of a journal, or those of one call."""
        from ..widgets.sequence.diagram import RecordedMessages
        from ..widgets.sync import Update

        selection = None if call_id is None else make_selection(where={"call_id": call_id})
        notifications = journal.read(limit=limit, selection=selection)
        requests = journal.read_requests(selection=selection, limit=limit)
        return RecordedMessages(Update(notifications, requests), **position)

    def __repr__(self) -> str:
        if self.closed:
            return f"<{type(self).__name__} {self._recorded_kind}, closed>"
        try:
            content = self._describe_content()
        except JournalError:  # a repr must not fail; a frame raises the error
            content = "its journal cannot be read now"
        return f"<{type(self).__name__} {self._recorded_kind}: {content}>"

    def _describe_content(self) -> str:
        calls, notifications = self._calls.count(), self.journal.last_seq
        return f"{pluralize(calls, 'call')}, {pluralize(notifications, 'notification')}, read-only"
