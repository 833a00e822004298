"""Envelopes with very many notifications: stored whole or not at all, and other tasks go on meanwhile."""

import asyncio

import pytest

from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import LARGE_BODY_BYTES, Listener

ITEMS = LARGE_BODY_BYTES // 3 + 1
HEADERS = [(b"content-type", b"application/json"), (b"authorization", b"Bearer x")]


class TrustingChecker:
    async def check(self, authorization, peer):
        return None

    def is_verified(self, authorization):
        return True


@pytest.fixture
def journal():
    journal = open_journal()
    yield journal
    journal.close()


async def post(listener, body):
    statuses = []

    async def receive():
        return {"type": "http.request", "body": body}

    async def send(message):
        statuses.append(message.get("status"))

    await listener({"type": "http", "path": "/calls", "method": "POST", "headers": HEADERS}, receive, send)
    return statuses[0]


async def count_turns(turns):
    while True:
        turns.append(None)
        await asyncio.sleep(0)


@pytest.mark.parametrize(("last", "status", "stored"), [(b"{}", 202, ITEMS), (b"7", 400, 0)])
async def test_other_tasks_have_their_turns(journal, last, status, stored):
    turns, listener = [], Listener(journal, TrustingChecker(), path="/calls")
    counting = asyncio.create_task(count_turns(turns))
    assert await post(listener, b'{"value":[' + b"{}," * (ITEMS - 1) + last + b"]}") == status
    counting.cancel()
    assert len(turns) > ITEMS // 1000
    assert journal.last_seq == stored


async def test_fast_path_stores_a_large_envelope(journal):
    listener, responded = Listener(journal, TrustingChecker(), path="/calls"), asyncio.Event()
    listener.handle(b'{"value":[' + b"{}," * ITEMS + b"{}]}", lambda *_: responded.set())
    await responded.wait()
    assert (listener.accepted, journal.last_seq) == (1, ITEMS + 1)
