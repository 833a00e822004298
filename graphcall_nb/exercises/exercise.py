"""Base of the exercises: a session, a task in words, and a check that can be repeated."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, Self

from ..session.session import Session


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

    title: ClassVar[str]
    task: ClassVar[str]

    def __init__(self, session: Session) -> None:
        self.session = session

    @abstractmethod
    def check(self, *answer: Any) -> Verdict:
        """Return a verdict that says whether the task is done, and if not, what is still wrong."""

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
