"""A journal that a test fills in the notebook's kernel: this file is copied beside the notebooks."""

import json
import time

from graphcall_nb.background import Background
from graphcall_nb.graph.notifications import Notification
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.records import RequestRecord


class Feed:
    """A journal: ``say("a", "ringing")`` appends a notification, ``place("a", "Test", "Heidi")`` a create request."""

    def __init__(self):
        self.background = Background()
        self.background.start()
        self.journal = open_journal()

    def close(self):
        self.journal.close()
        self.background.stop()

    def say(self, call_id, state, at=None, **more):
        self.say_all([(call_id, state)], at, **more)

    def say_all(self, pairs, at=None, **more):
        empty = dict.fromkeys(Notification._fields)
        fixed = {"entity": "call", "resource": "/app/calls/x", "change_type": "updated", "raw": "{}"}
        items = [
            Notification(**(empty | fixed | {"call_id": call_id, "state": state} | more)) for call_id, state in pairs
        ]
        moment = time.time() if at is None else at
        self.background.run(self.journal.append(items, int(moment * 1e6)))

    def place(self, call_id, subject, target="Heidi Steen", at=None):
        body = {"subject": subject, "targets": [{"identity": {"user": {"id": "1", "displayName": target}}}]}
        empty = dict.fromkeys(RequestRecord._fields)
        fixed = {"method": "POST", "url": "http://x", "operation": "create", "status": 201, "duration_us": 1}
        said = {
            "sent_at_us": int((time.time() if at is None else at) * 1e6),
            "call_id": call_id,
            "request_body": json.dumps(body),
        }
        self.background.run(self.journal.append_request(RequestRecord(**(empty | fixed | said))))
