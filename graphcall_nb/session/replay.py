"""``replay``: a saved session, or a journal, played again through the same frames and widgets."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import httpx

from .._arguments import require_path, require_text
from .._text import pluralize
from .._urls import is_loopback
from ..background import Background
from ..client.blocking import BlockingClient
from ..client.calls import AsyncCalls
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult
from ..errors import InvalidCall, ReadOnly
from ..graph.json_fields import parse_object
from ..graph.models import Call
from ..graph.versions import get_version, version_from_url
from ..journal.archive import ArchiveHeader, is_archive, load
from ..journal.journal import Journal, open_journal
from ..journal.replay import Replay
from .call import CallHandle
from .call_store import CallStore
from .session import Session

if TYPE_CHECKING:
    from ..widgets.player import Player

_KINDS = {True: "SIMULATED", False: "Microsoft Graph", None: "from a listener alone"}
"""Service of a recorded session. A journal without requests, of a listener alone, does not name it."""


def replay(path_or_journal: str | os.PathLike[str] | Journal, *, speed: float = 1.0) -> ReplaySession:
    """Play a saved session or a journal again. Nothing is sent, and nothing is changed.

    Parameters
    ----------
    path_or_journal : path-like or Journal
        A file of ``session.save(path)``, or a journal: its path, its URL, or itself.
    speed : float
        Speed relative to the recording; ``math.inf`` goes to the end at once.

    Returns
    -------
    ReplaySession
        A session with the content of its present time; see :meth:`ReplaySession.player`.

    Raises
    ------
    JournalError
        When the file does not exist or cannot be read.

    Examples
    --------
    >>> import math, tempfile
    >>> import graphcall_nb as gc
    >>> path = tempfile.mkdtemp() + "/session.gcnb"
    >>> with gc.simulate(scenario="busy", speed=100) as session:
    ...     session.create_call(gc.templates.pstn()).wait_for("terminated", timeout=10)
    ...     saved = session.save(path, mask=True)
    >>> with gc.replay(path, speed=math.inf) as again:
    ...     again.calls()["state"].tolist()
    ['terminated']
    """
    with ExitStack() as resources:
        if isinstance(path_or_journal, Journal):
            journal, header = path_or_journal, _read_header(path_or_journal)
        else:
            journal, header = _open(path_or_journal)
            resources.callback(journal.close)
        player = Replay(journal, speed=speed, owned=False)
        background = Background()
        background.start()
        resources.callback(background.stop)
        stack = AsyncExitStack()
        resources.callback(lambda: background.run(stack.aclose()))
        async_calls = AsyncCalls(transport=ReadOnlyTransport(), version=get_version(header.version))
        stack.push_async_callback(async_calls.aclose)
        readable = cast(Journal, player)  # a session only reads it
        client, calls = BlockingClient(async_calls, background), CallStore(readable)
        resources.callback(client.close)
        resources.callback(calls.close)
        return ReplaySession(
            player,
            _KINDS[header.simulated],
            journal=readable,
            client=client,
            calls=calls,
            listener=NullListener(),
            doctor_target=ReplayTarget(),
            resources=resources.pop_all(),
            simulated=bool(header.simulated),
        )


def _open(location: str | os.PathLike[str]) -> tuple[Journal, ArchiveHeader]:
    path = require_path("path_or_journal", location, "a path, a URL or a journal")
    if "://" not in path and is_archive(location):
        return load(location)
    journal = open_journal(location, new=False)
    try:
        journal.check_content()
        return journal, _read_header(journal)
    except BaseException:
        journal.close()
        raise


def _read_header(journal: Journal) -> ArchiveHeader:
    """Return the version and service of a journal, from its first request."""
    url = next((request.url for request in journal.read_requests(limit=1)), "")
    return ArchiveHeader(version_from_url(url).name, simulated=is_loopback(url) if url else None)


def _make_error() -> ReadOnly:
    return ReadOnly(
        "This session is a replay, so nothing is sent; place calls with graphcall_nb.simulate() or connect()."
    )


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    """A transport that refuses every request."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raise :class:`~graphcall_nb.errors.ReadOnly`."""
        raise _make_error()


class ReplayTarget:
    """A target of the doctor without anything to check."""

    async def settings(self) -> str:
        """Describe the settings."""
        return "A replay needs none."

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
    """The listener of a replay: it receives nothing."""

    accepted = 0
    refused: dict[int, int] = {}  # noqa: RUF012 - never written to
    last_received_us = None


class ReplaySession(Session):
    """A recorded session at its present time. Made by :func:`graphcall_nb.replay`.

    Attributes
    ----------
    position : float
        Seconds since its beginning.
    duration : float
        Its length in seconds.
    speed : float
        Speed relative to the recording; can be set.
    playing : bool
        True while the position advances.
    """

    def __init__(self, player: Replay, recorded_kind: str, **parts: Any) -> None:
        super().__init__(**parts)
        self._recorded_kind = recorded_kind
        self._player = player
        self._widgets: WeakSet[Player] = WeakSet()

    @property
    def kind(self) -> str:
        """The recorded service in words: ``SIMULATED, replay``."""
        return f"{self._recorded_kind}, replay"

    @property
    def position(self) -> float:
        """Seconds since the beginning."""
        return self._player.position

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self._player.duration

    @property
    def started_at(self) -> float:
        """Time of the first record, seconds since 1970."""
        return self._player.started_at

    @property
    def speed(self) -> float:
        """Speed relative to the recording."""
        return self._player.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._player.speed = speed

    @property
    def playing(self) -> bool:
        """True while the position advances."""
        return self._player.is_playing

    def call(self, id: str) -> CallHandle:
        """Return the handle of a call by its id; for a call that was placed by now, with its targets."""
        self._require_open()
        require_text("id", id, "the id of a call, as session.calls() lists them")
        requests = self.journal.read_requests()
        body = next((each.request_body for each in requests if each.call_id == id and each.operation == "create"), None)
        try:
            call = Call.from_json_dict(parse_object(body) | {"id": id})
        except InvalidCall:  # the request of another program, or a damaged one
            call = Call(id=id)
        return self._make_handle(call)

    def play(self) -> None:
        """Continue; from the end, begin again."""
        self._player.play()

    def pause(self) -> None:
        """Stop at the present position."""
        self._player.pause()

    def seek(self, seconds: float) -> None:
        """Move to a time after the beginning, in seconds; later records are hidden again."""
        self._player.seek(seconds)

    def player(self) -> Player:
        """Return a slider to move in time, with the timeline of that time: an ipywidget."""
        from ..widgets.player import Player

        self._require_open()
        widget = Player(self._player, simulated=self.simulated)
        self._widgets.add(widget)
        return widget

    def close(self) -> None:
        """Stop; widgets keep their content. Closing twice is allowed."""
        for widget in self._widgets:
            widget.stop()
        super().close()

    def _get_saved_journal(self) -> Journal:
        return self._player.journal

    def __repr__(self) -> str:
        if self.closed:
            return f"<ReplaySession {self._recorded_kind}, closed>"
        calls = pluralize(self._calls.count(), "call")
        return f"<ReplaySession {self._recorded_kind}: {calls} at {self.position:.1f} of {self.duration:.1f} s>"
