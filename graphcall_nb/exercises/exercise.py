"""Base of the exercises: a session, a task in words, and a check that can be repeated."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import Any, Self

from ..classroom.client import check_class_address, send_result
from ..errors import ServiceUnreachable
from ..session.session import Session

_class_address: list[str] = []
"""Address of the student, once results are reported."""


def report_to(url: str | None) -> None:
    """Report each ``check()`` of an exercise to the teacher of a class, from now on.

    Parameters
    ----------
    url : str or None
        Your address in the class, as for :func:`graphcall_nb.join_class`; ``None`` ends the reports.

    Raises
    ------
    InvalidSetting
        When the address is not that of a student.
    ServiceUnreachable
        When the teacher's machine does not answer.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> gc.exercises.report_to("http://teacher:8710/class/your-secret")  # doctest: +SKIP
    """
    _class_address[:] = [] if url is None else [check_class_address(url)]


UNKNOWN_CALL = "this call does not exist here; task.session.calls() lists the calls."


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes
    ----------
    solved : bool
        True if the task is done; also the truth value of the verdict.
    message : str
        What is still wrong, or what was right.
    """

    solved: bool
    message: str

    def __bool__(self) -> bool:
        return self.solved

    def __repr__(self) -> str:
        return f"{self._title}: {self.message}"

    def _repr_html_(self) -> str:
        mark, color = ("✓", "#00734f") if self.solved else ("✗", "#b14700")
        return (
            f'<p><strong><span style="color:{color}">{mark}</span> {self._title}:</strong> {escape(self.message)}</p>'
        )

    @property
    def _title(self) -> str:
        return "Solved" if self.solved else "Not yet"


class Exercise(ABC):
    """A task with its own session; close it when you are done, or use it in a ``with`` statement.

    Attributes
    ----------
    title, task : str
        The task in words.
    session : Session
        The session to solve it with.
    """

    title: str
    task: str

    def __init__(self, session: Session) -> None:
        self.session = session

    def check(self, *answer: Any) -> Verdict:
        """Return a verdict that says whether the task is done, and if not, what is still wrong.

        After :func:`report_to` the teacher of the class sees which exercises are solved.
        """
        verdict = self.evaluate(*answer)
        if _class_address:
            try:
                send_result(_class_address[0], self.title, verdict.solved)
            except ServiceUnreachable as error:
                warnings.warn(f"{error} Your teacher does not see this result; check again later.", stacklevel=2)
        return verdict

    @abstractmethod
    def evaluate(self, *answer: Any) -> Verdict:
        """Return the verdict, without reporting it."""

    def close(self) -> None:
        """Close the session."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{self.title}\n\n{self.task}"

    def _repr_html_(self) -> str:
        paragraphs = "".join(f'<p style="white-space: pre-wrap">{escape(part)}</p>' for part in self.task.split("\n\n"))
        return f"<h4>{escape(self.title)}</h4>{paragraphs}"


def find_call_ids(session: Session, answer: Any) -> set[str]:
    """Return the ids of the calls that an answer means: a handle, an id, a part of one with ``…``, or a subject."""
    text = str(getattr(answer, "id", answer))
    calls = session.calls()
    part = text.strip("…")
    ids = {each for each in calls["call_id"] if each == text or ("…" in text and part and part in each)}
    return ids or set(calls.loc[calls["subject"].fillna("").str.casefold() == text.casefold(), "call_id"])
