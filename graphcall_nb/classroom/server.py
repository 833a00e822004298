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
from ..simulator.tokens import Application
from .api import StudentApi, send_json

MAX_STUDENTS = 500
"""Each student has an open journal, so more would reach the usual limits of open files."""

MAX_SEAT_DIGITS = 5


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
    application_id : id of the student's application
    journal : notifications of the student
    listener : receives them
    results : exercises that the student checked, and if they are solved
    """

    number: int
    secret: str = field(repr=False)
    application_id: str
    journal: Journal
    listener: Listener
    results: dict[str, bool] = field(default_factory=dict)

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
        self._base_url = ""
        self._apps: dict[str, ASGIApp] = {}
        self._paths: dict[int, tuple[str, ...]] = {}
        self._teacher_path = f"/class/teacher/{secrets.token_urlsafe(24)}/seats/"
        self._closing = asyncio.Event()
        self.students: list[Student] = []

    async def open(self, base_url: str) -> None:
        """Open a journal and a listener for each student.

        Parameters
        ----------
        base_url : str
            The address of this application on this machine.
        """
        self._base_url = base_url
        for number, application in enumerate(self._simulator.tenant.extra_applications, 1):
            journal = open_journal(self._make_journal_path(number))
            self._stack.callback(journal.close)
            self.students.append(await self._open_seat(number, application, journal))

    async def _open_seat(self, number: int, application: Application, journal: Journal) -> Student:
        """Open a seat: a listener that is the application's only callback, and the student's address."""
        info = self._simulator.info(self._base_url)
        callback = CallbackConfig(
            audience=application.id,
            tenant_id=info["tenant_id"],
            openid_url=info["openid_url"],
            path=f"/class/notifications/{secrets.token_urlsafe(32)}",
        )
        callback_uri = self._base_url + callback.path
        self._simulator.callbacks.restrict(application.id, callback_uri)
        listener = await make_listener(self._stack, journal, callback)
        student = Student(number, secrets.token_urlsafe(24), application.id, journal, listener)
        credentials = {
            "tenant_id": info["tenant_id"],
            "client_id": application.id,
            "client_secret": application.secret,
            "callback_uri": callback_uri,
            "student": number,
        }
        api = StudentApi(credentials, journal, listener, self._closing)
        student.results = api.results
        apps: dict[str, ASGIApp] = {
            callback.path: listener,
            student.path: api.credentials,
            f"{student.path}/notifications": api.notifications,
            f"{student.path}/results": api.receive_result,
        }
        self._apps |= apps
        self._paths[number] = tuple(apps)
        return student

    async def withdraw(self, number: int) -> None:
        """Close a seat: its address, its sign-in and its tokens do not work any more, and its calls end.

        Raises
        ------
        ValueError
            For a seat that does not exist or was withdrawn already.
        """
        student = self._find_student(number)
        for path in self._paths.pop(number):
            del self._apps[path]
        self._simulator.tenant.remove_application(student.application_id)
        self._simulator.callbacks.restrict(student.application_id, "")
        await self._simulator.reset(application_id=student.application_id)

    async def renew(self, number: int) -> Student:
        """Replace the address and the credentials of a seat, open or withdrawn; the student's journal stays.

        Raises
        ------
        ValueError
            For a seat that does not exist.
        """
        if number in self._paths:
            await self.withdraw(number)
        former = self._get_student(number)
        student = await self._open_seat(number, self._simulator.tenant.add_application(), former.journal)
        student.results.update(former.results)
        self.students[number - 1] = student
        return student

    def _find_student(self, number: int) -> Student:
        student = self._get_student(number)
        if number not in self._paths:
            raise ValueError(f"Seat {number} was withdrawn already; renew it to open it again.")
        return student

    def _get_student(self, number: int) -> Student:
        if not 1 <= number <= len(self.students):
            raise ValueError(f"Seat {number} does not exist; this class has seats 1 to {len(self.students)}.")
        return self.students[number - 1]

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
        path = scope.get("path", "")
        if path.startswith(self._teacher_path):
            await self._handle_teacher(path.removeprefix(self._teacher_path), scope, send)
        else:
            await self._apps.get(path, self._simulator.app)(scope, receive, send)

    @property
    def teacher_path(self) -> str:
        """Path below which the teacher withdraws and renews seats; a secret."""
        return self._teacher_path.removesuffix("/")

    async def _handle_teacher(self, seat: str, scope: Any, send: Any) -> None:
        """Withdraw a seat (``DELETE /…/seats/3``) or renew it (``POST /…/seats/3``), which returns its new path."""
        number = int(seat) if seat.isdigit() and len(seat) < MAX_SEAT_DIGITS else 0
        try:
            if scope["method"] == "DELETE":
                await self.withdraw(number)
                await send_json(send, {"withdrawn": number})
            elif scope["method"] == "POST":
                await send_json(send, {"path": (await self.renew(number)).path})
            else:
                await send_json(send, {"error": "Use POST to renew the seat, DELETE to withdraw it."}, 405)
        except ValueError as error:
            await send_json(send, {"error": str(error)}, 404)

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
