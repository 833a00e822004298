"""``replay``: a saved session, or a journal, played again through the same frames and widgets."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

import httpx

from .._arguments import require_path, require_text
from .._text import pluralize
from .._urls import is_loopback
from ..background import Background
from ..client.calls import AsyncCalls
from ..diagnosis.callback import CallbackEndpoint
from ..diagnosis.checks import SignInResult
from ..errors import ReadOnly, SessionClosed
from ..graph.models import Call
from ..graph.versions import get_version, version_from_url
from ..journal.archive import ArchiveHeader, is_archive, load
from ..journal.journal import Journal, open_journal
from ..journal.replay import Replay
from .call import CallHandle
from .call_store import CallStore
from .session import CLOSED, Parts, Session

if TYPE_CHECKING:
    from ..frames import Frames
    from ..widgets.player import Player


def replay(path_or_journal: str | os.PathLike[str] | Journal, *, speed: float = 1.0) -> ReplaySession:
    """Play a session again that was saved, or that a journal holds. Nothing is sent, and nothing is changed.

    Parameters
    ----------
    path_or_journal
        A file of ``session.save(path)``, or a journal: its path, its URL, or itself.
    speed
        How many times faster than it was; ``math.inf`` is at the end at once.

    Returns
    -------
    ReplaySession
        A session that knows what was known at its present time; see :meth:`ReplaySession.player`.

    Raises
    ------
    JournalError
        When there is no such file, or it cannot be read.

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
    if isinstance(path_or_journal, Journal):
        journal, about = path_or_journal, _about(path_or_journal)
    else:
        journal, about = _opened(path_or_journal)
    try:
        player = Replay(journal, speed=speed, owned=journal is not path_or_journal)
        return _session(player, about)
    except BaseException:
        if journal is not path_or_journal:
            journal.close()
        raise


def _opened(where: str | os.PathLike[str]) -> tuple[Journal, ArchiveHeader]:
    path = require_path("path_or_journal", where, "a path, a URL or a journal")
    if "://" not in path and is_archive(where):
        return load(where)
    journal = open_journal(where, new=False)
    return journal, _about(journal)


def _about(journal: Journal) -> ArchiveHeader:
    """What a journal does not say is seen from its first request."""
    url = next((request.url for request in journal.read_requests(limit=1)), "")
    return ArchiveHeader(version_from_url(url).name, simulated=is_loopback(url) if url else None)


def _session(player: Replay, about: ArchiveHeader) -> ReplaySession:
    background = Background()
    background.start()
    version = get_version(about.version)
    parts = Parts(
        background=background,
        journal=cast(Journal, player),  # its reading side is all that a session needs
        calls=AsyncCalls(transport=ReadOnlyTransport(), version=version),
        version=version,
        local_uri="",
        simulated=bool(about.simulated),
        stack=AsyncExitStack(),
        listener=NullListener(),
        patient=ReplayTarget(),
    )
    return ReplaySession(parts, player, kind=_KINDS[about.simulated])


_KINDS = {True: "SIMULATED", False: "Microsoft Graph", None: "from a listener alone"}
"""Who was asked; a listener that stood alone was told, and cannot say by whom."""


def _refusal() -> ReadOnly:
    return ReadOnly(
        "This session is a replay, so nothing is sent; place calls with graphcall_nb.simulate() or connect()."
    )


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise _refusal()


class ReplayTarget:
    """What the doctor finds: nothing that could be fixed."""

    async def settings(self) -> str:
        return "A replay needs none."

    async def sign_in(self) -> SignInResult:
        raise _refusal()

    async def tunnel(self) -> str:
        raise _refusal()

    async def callback(self) -> CallbackEndpoint:
        raise _refusal()


class NullListener:
    """The listener of a replay: nothing comes in."""

    accepted = 0
    refused: dict[int, int] = {}  # noqa: RUF012 - nobody adds to it
    last_received_us = None


class ReplaySession(Session):
    """A session that was, at some time of it. Made by :func:`graphcall_nb.replay`.

    Attributes
    ----------
    position : seconds since its beginning
    duration : how long it was, in seconds
    speed : how many times faster than it was; may be set
    playing : whether time goes on
    """

    def __init__(self, parts: Parts, player: Replay, *, kind: str) -> None:
        super().__init__(parts)
        self._asked = kind
        self._player = player
        self._rewind_count = player.rewind_count
        self._shown: WeakSet[Player] = WeakSet()
        """The widgets that follow the recording."""

    @property
    def kind(self) -> str:
        """That it is a replay, and of what: ``SIMULATED, replay``."""
        return f"{self._asked}, replay"

    @property
    def position(self) -> float:
        return self._player.position

    @property
    def duration(self) -> float:
        return self._player.duration

    @property
    def speed(self) -> float:
        return self._player.speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._player.speed = speed

    @property
    def playing(self) -> bool:
        return self._player.is_playing

    def call(self, id: str) -> CallHandle:
        """The handle of a call by its id; one that was placed by now says whom it was for."""
        if self.closed:
            raise SessionClosed(CLOSED)
        require_text("id", id, "the id of a call, as session.calls() lists them")
        requests = self.journal.read_requests()
        bodies = (each.request_body for each in requests if each.call_id == id and each.operation == "create")
        body = next(bodies, None)
        return self._handle(Call.from_json_dict(json.loads(body or "{}") | {"id": id}))

    def play(self) -> None:
        """Let time go on; from the end, begin again."""
        self._player.play()

    def pause(self) -> None:
        """Stop time where it is."""
        self._player.pause()

    def seek(self, seconds: float) -> None:
        """Move to so many seconds after the beginning; what came later is unknown again."""
        self._player.seek(seconds)

    def player(self) -> Any:
        """A slider to move about in time, and the timeline as it was then: an ipywidget."""
        from ..widgets.player import Player

        if self.closed:
            raise SessionClosed(CLOSED)
        made = Player(self._player, simulated=self.simulated)
        self._shown.add(made)
        return made

    def close(self) -> None:
        """Stop; what widgets show stays. Closing twice is fine."""
        for player in self._shown:
            player.stop()
        super().close()

    def _whole_journal(self) -> Journal:
        super()._whole_journal()
        return self._player.journal

    @contextmanager
    def _refreshed(self) -> Iterator[Frames]:
        self._forget()
        with super()._refreshed() as frames:
            yield frames

    @contextmanager
    def _followed(self) -> Iterator[CallStore]:
        self._forget()
        with super()._followed() as tracker:
            yield tracker

    def _forget(self) -> None:
        """After a move back, what was read is not known yet."""
        if self._rewind_count == self._player.rewind_count:
            return
        with self._frames_lock, self._tracker_lock:
            self._rewind_count = self._player.rewind_count
            self._frames, self._tracker = None, CallStore()

    def __repr__(self) -> str:
        if self.closed:
            return f"<ReplaySession {self._asked}, closed>"
        with self._followed() as tracker:
            calls = tracker.heard_of
        at = f"{self.position:.1f} of {self.duration:.1f} s"
        return f"<ReplaySession {self._asked}: {pluralize(calls, 'call')} at {at}>"
