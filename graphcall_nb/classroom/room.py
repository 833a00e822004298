"""The room: a seat for each student, and the ASGI application that serves all of them beside the simulator."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..background import ASGIApp
from ..errors import JournalError
from ..journal.journal import Journal, open_journal
from ..listener.app import Listener
from ..listener.config import CallbackConfig
from ..listener.serve import make_listener
from ..simulator.simulator import Simulator
from .desk import SeatDesk

MOST_STUDENTS = 500


def size_of_class(students: int) -> int:
    """The number of students, if a class can have so many; ``ValueError`` says how many it can."""
    if not 1 <= students <= MOST_STUDENTS:
        raise ValueError(f"A class has 1 to {MOST_STUDENTS} students, not {students}.")
    return students


@dataclass
class Seat:
    """What one student has.

    Attributes
    ----------
    number : from 1
    secret : opens the seat: its calls, its notifications, nobody else's
    journal : the student's own
    listener : takes the student's notifications
    """

    number: int
    secret: str = field(repr=False)
    journal: Journal
    listener: Listener

    @property
    def path(self) -> str:
        return f"/class/{self.secret}"


class Classroom:
    """A service for many students as an ASGI application; use it with ``async with``, on the loop that serves it.

    Below ``/class/`` are the seats; the rest is the simulator's.

    Parameters
    ----------
    simulator : with as many ``extra_applications`` as there are students
    folder : where the journals of the students are kept; ``None`` keeps them in temporary files

    Attributes
    ----------
    seats : one for each student

    Examples
    --------
    >>> from graphcall_nb.simulator import Simulator
    >>> classroom = Classroom(Simulator(extra_applications=30))
    >>> classroom
    <Classroom for 30 students>
    """

    def __init__(self, simulator: Simulator, *, folder: str | os.PathLike[str] | None = None) -> None:
        size_of_class(len(simulator.tenant.extra_applications))
        self._simulator = simulator
        self._folder = Path(folder) if folder is not None else None
        self._stack = AsyncExitStack()
        self._rooms: dict[str, ASGIApp] = {}
        self._dismissed = asyncio.Event()
        self.seats: list[Seat] = []

    async def open(self, base_url: str) -> None:
        """Make the seats ready; ``base_url`` is where this process itself reaches it, on loopback."""
        info = self._simulator.info(base_url)
        for number, application in enumerate(self._simulator.tenant.extra_applications, 1):
            callback = CallbackConfig(
                audience=application.id,
                tenant_id=info["tenant_id"],
                openid_url=info["openid_url"],
                path=f"/class/notifications/{secrets.token_urlsafe(32)}",
            )
            journal = open_journal(self._journal_of(number))
            self._stack.callback(journal.close)
            listener = await make_listener(self._stack, journal, callback)
            seat = Seat(number, secrets.token_urlsafe(24), journal, listener)
            self.seats.append(seat)
            card = {
                "tenant_id": info["tenant_id"],
                "client_id": application.id,
                "client_secret": application.secret,
                "callback_uri": base_url + callback.path,
                "student": number,
            }
            desk = SeatDesk(card, journal, listener, self._dismissed)
            self._rooms[callback.path] = listener
            self._rooms[seat.path] = desk.card
            self._rooms[f"{seat.path}/notifications"] = desk.notifications

    def _journal_of(self, number: int) -> Path | None:
        if self._folder is None:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{error.strerror}; choose another folder."
            raise JournalError(f"Cannot keep journals in {self._folder}: {reason}") from None
        return self._folder / f"student-{number:02}.sqlite"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request: that of a seat, else that of the simulator, which also says what there is not."""
        await self._rooms.get(scope.get("path", ""), self._simulator.app)(scope, receive, send)

    def dismiss(self) -> None:
        """Let nobody wait for news any longer, so that the server can close."""
        self._dismissed.set()

    async def aclose(self) -> None:
        await self._simulator.aclose()
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Classroom for {len(self._simulator.tenant.extra_applications)} students>"
