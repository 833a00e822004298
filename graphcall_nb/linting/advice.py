"""What a rule is, and what it says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from ..dialects import Dialect
from ..models import Call

Level = Literal["error", "advice"]
Mend = Callable[[Call], Call]


@dataclass(frozen=True)
class Advice:
    """One thing to mend in a call.

    Attributes
    ----------
    field : path of the field in Graph's names, for example ``targets[0].identity.phone.id``
    message : what is wrong, and what to do
    source : where that is written, in words
    mend : returns a mended copy of a call and leaves the call as it is; ``None`` where only a person can know
    level : ``"error"`` when the service refuses the call, ``"advice"`` when it may not do what was meant
    rule : name of the rule
    """

    field: str
    message: str
    source: str
    # A function says nothing about whether two pieces of advice are the same.
    mend: Mend | None = dataclasses.field(default=None, compare=False, repr=False)
    level: Level = "error"
    rule: str = ""


@dataclass(frozen=True)
class Finding:
    """What a rule found: where, what to say, how to mend it."""

    field: str
    message: str
    mend: Mend | None = None


@dataclass(frozen=True)
class Rule:
    """One rule: ``check`` is pure and yields a finding for each place where the rule is broken."""

    name: str
    level: Level
    source: str
    check: Callable[[Call, Dialect], Iterable[Finding]]

    def advice(self, found: Finding) -> Advice:
        return Advice(found.field, found.message, self.source, found.mend, self.level, self.name)


def changed(change: Callable[[Call], None]) -> Mend:
    """A mend from a function that changes a call in place: it is given a copy."""

    def mend(call: Call) -> Call:
        copy = call.model_copy(deep=True)
        change(copy)
        return copy

    return mend


def assign(name: str, value: object) -> Mend:
    """A mend that sets one field of the call."""
    return changed(lambda call: setattr(call, name, value))


def without(*names: str) -> Mend:
    """A mend that leaves fields out, given in Graph's names; a field that is not there is no error."""

    def mend(call: Call) -> Call:
        return Call.from_json_dict({key: value for key, value in call.to_json_dict().items() if key not in names})

    return mend


def respell(name: str, index: int, right: str | None) -> Mend:
    """A mend of one entry of a list of words (in Graph's name): the right word, or none where nobody can know it."""

    def mend(call: Call) -> Call:
        body = call.to_json_dict()
        words = list(body.pop(name, []))
        words[index : index + 1] = [right] if right and right not in words else []
        # An empty list says something else than none.
        return Call.from_json_dict(body | ({name: words} if words else {}))

    return mend
