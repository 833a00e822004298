"""An operation that was asked for in this session, and can be waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from ..models import Operation

Wait = Callable[[Operation, float | None], Operation]


class OperationHandle(Operation):
    """An :class:`~graphcall_nb.models.Operation` that knows the call it belongs to.

    Examples
    --------
    >>> import graphcall_nb as gc
    >>> with gc.simulate(speed=100) as session:
    ...     call = session.create_call(gc.templates.peer_to_peer())
    ...     call.wait_for("established", timeout=10)
    ...     call.play_prompt("https://cdn.contoso.com/beep.wav").wait(timeout=10).status
    'completed'
    """

    _wait: Wait

    @classmethod
    def of(cls, operation: Operation, wait: Wait) -> Self:
        made = cls.from_json_dict(operation.to_json_dict())
        made._wait = wait
        return made

    def wait(self, timeout: float | None = 30.0) -> Self:
        """Wait until the operation has ended; it then says how (``status``, ``result_info``, …).

        Parameters and errors are those of :meth:`graphcall_nb.CallHandle.wait_for_operation`.
        """
        ended = self._wait(self, timeout)
        for name in ended.model_fields_set & type(self).model_fields.keys():
            setattr(self, name, getattr(ended, name))
        if self.model_extra is not None:
            self.model_extra.update(ended.model_extra or {})
        return self
