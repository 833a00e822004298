"""The server of a class: an ASGI application with the simulator and an API and a listener for each student."""

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
from .api import StudentApi

MAX_STUDENTS = 500
"""Each student has an open journal, so more would reach the usual limits of open files."""


def check_class_size(students: int) -> int:
    """Return a number of students; raise ``ValueError`` if a class cannot have so many."""
    if not 1 <= students <= MAX_STUDENTS:
        raise ValueError(f"A class has 1 to {MAX_STUDENTS} students, not {students}.")
    return students


@dataclass
class Student:
    """One student of a class.

    Attributes
    ----------
    number : from 1
    secret : part of the address that gives access to the student's calls and notifications
    journal : notifications of the student
    listener : receives them
    """

    number: int
    secret: str = field(repr=False)
    journal: Journal
    listener: Listener

    @property
    def path(self) -> str:
        """Path of the student's address."""
        return f"/class/{self.secret}"


class Classroom:
    """A service for many students as an ASGI application; use it with ``async with``, on the loop that serves it.

    Paths below ``/class/`` belong to the students, all others to the simulator.

    Parameters
    ----------
    simulator : Simulator
        With one additional application for each student.
    folder : path-like, optional
        Folder for the journals of the students; by default they are temporary files.

    Attributes
    ----------
    students : list of Student
        Empty until :meth:`open`.

    Examples
    --------
    >>> from graphcall_nb.simulator import Simulator
    >>> classroom = Classroom(Simulator(extra_applications=30))
    >>> classroom
    <Classroom for 30 students>
    """

    def __init__(self, simulator: Simulator, *, folder: str | os.PathLike[str] | None = None) -> None:
        check_class_size(len(simulator.tenant.extra_applications))
        self._simulator = simulator
        self._folder = Path(folder) if folder is not None else None
        self._stack = AsyncExitStack()
        self._apps: dict[str, ASGIApp] = {}
        self._closing = asyncio.Event()
        self.students: list[Student] = []

    async def open(self, base_url: str) -> None:
        """Open a journal and a listener for each student.

        Parameters
        ----------
        base_url : str
            The address of this application on this machine.
        """
        info = self._simulator.info(base_url)
        for number, application in enumerate(self._simulator.tenant.extra_applications, 1):
            callback = CallbackConfig(
                audience=application.id,
                tenant_id=info["tenant_id"],
                openid_url=info["openid_url"],
                path=f"/class/notifications/{secrets.token_urlsafe(32)}",
            )
            journal = open_journal(self._make_journal_path(number))
            self._stack.callback(journal.close)
            listener = await make_listener(self._stack, journal, callback)
            student = Student(number, secrets.token_urlsafe(24), journal, listener)
            self.students.append(student)
            credentials = {
                "tenant_id": info["tenant_id"],
                "client_id": application.id,
                "client_secret": application.secret,
                "callback_uri": base_url + callback.path,
                "student": number,
            }
            api = StudentApi(credentials, journal, listener, self._closing)
            self._apps[callback.path] = listener
            self._apps[student.path] = api.credentials
            self._apps[f"{student.path}/notifications"] = api.notifications

    def _make_journal_path(self, number: int) -> Path | None:
        if self._folder is None:
            return None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{error.strerror}; choose another folder."
            raise JournalError(f"Cannot keep journals in {self._folder}: {reason}") from None
        return self._folder / f"student-{number:02}.sqlite"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request; the simulator answers those with an unknown path."""
        await self._apps.get(scope.get("path", ""), self._simulator.app)(scope, receive, send)

    def end_waits(self) -> None:
        """Answer all requests that wait for notifications, so that the server can close."""
        self._closing.set()

    async def aclose(self) -> None:
        """Close the simulator and the journals."""
        await self._simulator.aclose()
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Classroom for {len(self._simulator.tenant.extra_applications)} students>"
