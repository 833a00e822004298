"""``replay``: a saved session, or a journal, played again through the same frames and widgets."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from .._text import pluralize
from ..journal.journal import Journal
from ..journal.replay import Replay
from .closer import closing_on_error
from .methods import name_forgotten_parentheses
from .open_journal import JournalSession, make_session, open_source

if TYPE_CHECKING:
    from ..widgets.player import Player
    from ..widgets.sequence.diagram import RecordedMessages


def replay(path_or_journal: str | os.PathLike[str] | Journal, *, speed: float = 1.0) -> ReplaySession:
    """Play a saved session or a journal again. Nothing is sent, and nothing is changed.

    Parameters
    ----------
    path_or_journal : path-like or Journal
        A file of ``session.save(path)``, or a journal: its path, its URL, or itself.
    speed : float
        Speed relative to the recording; ``math.inf`` goes to the end at once. At any other speed the session waits at
        the beginning for :meth:`ReplaySession.play`, or for the button of its player.

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
    with closing_on_error() as resources:
        journal = open_source(path_or_journal, resources, "path_or_journal")
        player = Replay(journal, speed=speed, owned=False, waits=True)
        return make_session(partial(ReplaySession, player), journal, player, resources)


@name_forgotten_parentheses("session")
class ReplaySession(JournalSession):
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
        super().__init__(recorded_kind, **parts)
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

    def _get_messages(self, call_id: str | None, limit: int) -> RecordedMessages:
        def move(to: float) -> None:
            self.pause()
            self.seek(to - self.started_at)

        return self._read_messages(self._player.journal, call_id, limit, shown_until=self._player.now(), on_move=move)

    def close(self) -> None:
        """Stop; widgets keep their content. Closing twice is allowed."""
        for widget in self._widgets:
            widget.stop()
        super().close()

    def _get_saved_journal(self) -> Journal:
        return self._player.journal

    def _describe_content(self) -> str:
        return f"{pluralize(self._calls.count(), 'call')} at {self.position:.1f} of {self.duration:.1f} s"
