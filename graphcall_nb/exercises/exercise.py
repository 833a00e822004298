"""What exercises have in common: a session, a task in words, and a check that is asked as often as one likes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, Self

from ..session.session import Session


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes
    ----------
    solved : whether the task is done
    words : what is still wrong, or what was right
    """

    solved: bool
    words: str

    def __bool__(self) -> bool:
        return self.solved

    def __repr__(self) -> str:
        return f"{'Solved' if self.solved else 'Not yet'}: {self.words}"

    def _repr_html_(self) -> str:
        mark, color = ("✓", "#00734f") if self.solved else ("✗", "#b14700")
        head = "Solved" if self.solved else "Not yet"
        return f'<p><strong><span style="color:{color}">{mark}</span> {head}:</strong> {escape(self.words)}</p>'


class Exercise(ABC):
    """A task with a session of its own; close it when you are done, or use it in a ``with`` statement.

    Attributes
    ----------
    title, task : what to do, in words
    session : what to do it with
    """

    title: ClassVar[str]
    task: ClassVar[str]

    def __init__(self, session: Session) -> None:
        self.session = session

    @abstractmethod
    def check(self, *answer: Any) -> Verdict:
        """Say whether the task is done, and if not, what is still wrong."""

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
        paragraphs = "".join(f"<p>{escape(part)}</p>" for part in self.task.split("\n\n"))
        return f"<h4>{escape(self.title)}</h4>{paragraphs}"
