"""The sequence diagram: the messages of calls as a ladder that grows, let go one by one where time can stand still."""

from .diagram import SequenceDiagram

__all__ = ["SequenceDiagram"]
