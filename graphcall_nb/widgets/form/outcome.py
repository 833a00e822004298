"""How sending went, in words."""

from __future__ import annotations

from ...errors import GraphcallError, GraphError
from ...graph.models import Call
from ..form import markup

BUSY = '<span class="gcf-note" role="status">Asking the service to place the call …</span>'


def placed(handle: object) -> str:
    """The id of a new call and its state as the service answered it."""
    call = getattr(handle, "call", None)
    state = call.state if isinstance(call, Call) else getattr(handle, "state", None)
    identity = markup.text(getattr(handle, "id", "") or "")
    call_id = f'<code class="gcf-call-id">{identity}</code>'
    tail = f", the service says: <b>{markup.text(state)}</b>" if state else ""
    return f'<span class="gcf-good" role="status"><b>Created.</b> Call {call_id}{tail}.</span>'


def failed(error: BaseException) -> str:
    """An error in words, with Graph's code and request id where there are any."""
    if isinstance(error, GraphError):
        said = markup.text(error.graph_message)
        remedy = f"<br>{markup.text(error.remedy)}" if error.remedy else ""
        ids = [("request-id", error.request_id), ("client-request-id", error.client_request_id)]
        traces = " · ".join(f"{name} <code>{markup.text(value)}</code>" for name, value in ids if value)
        trace = f'<br><span class="gcf-note">{traces}</span>' if traces else ""
        return _bad(f"{error.status} {markup.text(error.code)}", f"{said}{remedy}{trace}")
    if isinstance(error, GraphcallError):
        return _bad("Not created.", markup.text(error))
    return _bad("Not created.", f"{markup.text(type(error).__name__)}: {markup.text(error)}")


def refused(count: int) -> str:
    """Nothing was sent, since there are errors."""
    what = "one field" if count == 1 else f"{count} fields"
    return _bad("Nothing was sent.", f"Fix {what} first; what is wrong stands beside each.")


def _bad(head: str, rest: str) -> str:
    return f'<span class="gcf-bad" role="alert"><b>{head}</b> {rest}</span>'
