"""Notifications and requests to write down."""

from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.records import RequestRecord


def notification(call_id, **changed):
    empty = dict.fromkeys(Notification._fields)
    said = {"entity": "call", "resource": f"/app/calls/{call_id}", "change_type": "updated", "raw": "{}"}
    return Notification(**empty | said | {"call_id": call_id} | changed)


def exchange(**changed):
    empty = dict.fromkeys(RequestRecord._fields)
    said = {"sent_at_us": 1, "method": "POST", "url": "http://x/beta/app/calls", "operation": "create"}
    return RequestRecord(**empty | said | {"duration_us": 2, "status": 201} | changed)
