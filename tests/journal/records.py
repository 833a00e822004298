"""Notifications and requests for tests."""

from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.records import RequestRecord


def make_notification(call_id, **fields):
    """Return an update of a call."""
    empty = dict.fromkeys(Notification._fields)
    update = {"entity": "call", "resource": f"/app/calls/{call_id}", "change_type": "updated", "raw": "{}"}
    return Notification(**empty | update | {"call_id": call_id} | fields)


def make_request(**fields):
    """Return a request that created a call."""
    empty = dict.fromkeys(RequestRecord._fields)
    create = {"seq": 0, "sent_at_us": 1, "method": "POST", "url": "http://x/beta/app/calls", "operation": "create"}
    return RequestRecord(**empty | create | {"duration_us": 2, "status": 201} | fields)
