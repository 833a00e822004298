"""What all actions of a call's handle have in common: refused where the state forbids them, else sent and noted."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from ..callstates import ACTIONS, why_not
from ..errors import IllegalAction
from ..models import Call, Operation
from ..slips import did_you_mean
from .operations import OperationHandle

if TYPE_CHECKING:
    from ..client import AsyncCalls
    from .core import Session

T = TypeVar("T")

_METHODS = {"hang_up": "delete", "invite": "inviteParticipants", "mute_participants": "muteAll"}
"""What is not Graph's name in Python's spelling."""


class Acting:
    """A call and the session it belongs to."""

    def __init__(self, session: Session, call: Call) -> None:
        self._session = session
        self._heard: set[int] = set()
        self.call = call

    @property
    def id(self) -> str:
        """Graph's id of the call."""
        return self.call.id or ""

    @property
    def state(self) -> str | None:
        """The present state; ``None`` before the first notification."""
        return self._session.standing(self.id).state

    def why_not(self, action: str) -> str | None:
        """Why the present state forbids an action; ``None`` where it does not.

        Before the first notification, the state is the one in the service's answer.

        Parameters
        ----------
        action : the name of a method of this handle, ``"play_prompt"``, or Graph's, ``"playPrompt"``

        Raises
        ------
        ValueError
            When there is no such action.
        """
        return why_not(_graphs_name(action), self.state or self.call.state)

    def _do(self, action: str, ask: Callable[[AsyncCalls], Awaitable[T]], *, method: str = "") -> T:
        """Ask the service for an action, unless the call's state forbids it: then nothing is sent.

        ``method`` is what people call it by here, where Graph's name would not be recognized.
        """
        reason = why_not(action, self.state or self.call.state)
        if reason and method:
            reason = reason.replace(action, f"{method} ({action})", 1)
        if reason:
            raise IllegalAction(f"{reason} Nothing was sent.")
        return self._ask(ask)

    def _operate(self, action: str, ask: Callable[[AsyncCalls], Awaitable[Operation]]) -> OperationHandle:
        return OperationHandle.of(self._do(action, ask), self.wait_for_operation)

    def _ask(self, ask: Callable[[AsyncCalls], Awaitable[T]]) -> T:
        session = self._session

        async def asked() -> T:
            return await ask(session.async_calls)

        return session.run(asked())

    def wait_for_operation(self, operation: Operation | str, timeout: float | None = 30.0) -> Operation:
        """Wait until an operation of this call has ended, as the journal tells it.

        Parameters
        ----------
        operation : what a method of this handle returned, or its id
        timeout : in seconds; ``None`` waits without end. Interrupting the cell ends the wait.

        Returns
        -------
        Operation
            As the service told of its end; ``failed`` and ``result_info`` say how it ended.

        Raises
        ------
        Timeout
            When the time is over.
        CallEnded
            When the call ended before it.
        """
        if not isinstance(operation, Operation | str):
            raise TypeError(f"operation: give what a method returned, or its id, not {type(operation).__name__}.")
        if isinstance(operation, Operation) and operation.done:
            return operation
        id = operation if isinstance(operation, str) else operation.id or ""
        return self._session.run(self._session._operation_ended(self.id, id, timeout))


def _graphs_name(action: str) -> str:
    names = {name: name for name in ACTIONS} | {_in_python(name): name for name in ACTIONS} | _METHODS
    if not isinstance(action, str) or action not in names:
        advice = did_you_mean(str(action), names) or f"there are {', '.join([*ACTIONS, *_METHODS])}."
        raise ValueError(f"There is no action {action!r}; {advice}")
    return names[action]


def _in_python(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
