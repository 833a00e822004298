"""What can be asked of a call: what each action needs to know, why it is greyed in a state, what became of it.

The actions themselves are data, in ``buttons``; one is there when the handle of a call has its method.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..._text import show_invisible
from ...errors import GraphcallError, GraphError, IllegalAction
from ...graph.states import STATES, reason_not_allowed

FieldKind = Literal["text", "choice", "flag", "number"]


@dataclass(frozen=True)
class Field:
    """One thing an action needs to know.

    ``name`` is the parameter of the method; ``read`` makes its value of what was typed, and raises ``ValueError`` with
    a sentence when that cannot be.
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    value: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    read: Callable[[str], Any] = str

    def wire(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "kind": self.kind,
            "required": self.required,
            "value": self.value,
            "hint": self.hint,
            "choices": list(self.choices),
        }

    def value_of(self, given: Mapping[str, Any]) -> Any:
        text = str(given.get(self.name, "")).strip()
        if not text and self.required:
            raise ValueError(f"{self.label} is missing.")
        if text and self.choices and text not in self.choices:
            raise ValueError(f"{self.label} must be one of {', '.join(self.choices)}.")
        return self.read(text) if text else None


def whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole number.") from None


def listed(text: str) -> list[str]:
    return [part for part in (one.strip() for one in text.split(",")) if part]


@dataclass(frozen=True)
class Action:
    """One button.

    Attributes
    ----------
    method : of :class:`~graphcall_nb.CallHandle`
    operation : Graph's own name, which decides in which states it makes sense
    label, doing, done : what the button says, and what is said while it works and after
    group : buttons of a group stand together
    quick : whether it stands in the table too, where the state allows it
    """

    method: str
    operation: str
    label: str
    doing: str
    done: str
    group: str = "Call"
    quick: bool = False
    fields: tuple[Field, ...] = ()

    def wire(self) -> dict[str, Any]:
        return {
            "name": self.method,
            "operation": self.operation,
            "label": self.label,
            "group": self.group,
            "quick": self.quick,
            "fields": [field.wire() for field in self.fields],
        }

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The method's arguments; what was left empty is left to the method's own default."""
        values = {field.name: field.value_of(given) for field in self.fields}
        return {name: value for name, value in values.items() if value is not None}

    def reason_not_allowed(self, state: str | None) -> str | None:
        """The reason why it is greyed."""
        reason = reason_not_allowed(self.operation, state)
        return reason and self.in_its_words(reason)

    def in_its_words(self, reason: str) -> str:
        """A reason with the button's word for the operation in place of Graph's."""
        for name in (f"{self.method} ({self.operation})", self.operation):
            if reason.startswith(name):
                return self.label + reason.removeprefix(name)
        return reason


def offered(handle: object, buttons: Iterable[Action]) -> dict[str, Action]:
    """The actions that a handle has, by the name of the method.

    Examples
    --------
    >>> from graphcall_nb import CallHandle
    >>> from graphcall_nb.widgets.cockpit.buttons import ALL
    >>> offered(CallHandle, ALL)["hang_up"].reason_not_allowed("terminated")
    'Hang up needs a live call; this one is terminated.'
    """
    return {action.method: action for action in buttons if hasattr(handle, action.method)}


def reasons(actions: Mapping[str, Action]) -> dict[str, dict[str, str]]:
    """For each state the actions that make no sense in it, with the reason."""
    known = {state: {name: action.reason_not_allowed(state) for name, action in actions.items()} for state in STATES}
    return {state: {name: reason for name, reason in each.items() if reason} for state, each in known.items()}


# ---- what became of it, beside the call


def busy(action: Action) -> dict[str, Any]:
    return {"kind": "busy", "action": action.method, "text": action.doing}


def done(action: Action, answer: Any = None) -> dict[str, Any]:
    """What the service has taken on; of an operation, how far it is."""
    status = getattr(answer, "status", None)
    progress = f" The operation is {status}." if isinstance(status, str) else ""
    return {"kind": "done", "action": action.method, "text": f"{action.label}: {action.done}{progress}"}


def failed(action: Action, error: BaseException) -> dict[str, Any]:
    """An error in words, with Graph's code and ids where there are any."""
    outcome = {"kind": "failed", "action": action.method}
    if isinstance(error, GraphError):
        ids = {"request-id": error.request_id, "client-request-id": error.client_request_id}
        said = f"{action.label}: {error.status} {error.code}. {error.graph_message}"
        return outcome | {
            "text": show_invisible(said),
            "remedy": show_invisible(error.remedy),
            "ids": {k: v for k, v in ids.items() if v},
        }
    if isinstance(error, IllegalAction):
        return outcome | {"text": action.in_its_words(str(error))}
    known = isinstance(error, GraphcallError | ValueError)
    return outcome | {"text": f"{action.label}: {error if known else f'{type(error).__name__}: {error}'}"}
