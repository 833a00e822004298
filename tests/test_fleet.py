"""A fleet: many simulated calls through listeners in processes of their own."""

import asyncio
import json

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import JournalError
from graphcall_nb.fleet import simulate_fleet
from graphcall_nb.simulator.service import Simulator


def test_every_life_is_whole_and_told_once(journal_url):
    sent = simulate_fleet(journal_url, 90, listeners=2, mix={"answered": 60, "busy": 40})
    with gc.simulate(journal=journal_url) as session:
        calls, notifications = session.calls(), session.notifications()
    assert (len(calls), len(notifications)) == (90, sent.notifications)
    assert set(calls["state"]) == {"terminated"}
    assert set(calls["result_code"].dropna()) == {200, 486}
    assert notifications["duplicate_of"].isna().all()


def lives(seed):
    fleet = Simulator(seed=1).fleet([], version="beta", seed=seed)
    return [json.loads(body) for body, _ in fleet._envelopes(range(40))]


def test_the_same_seed_makes_the_same_calls():
    assert lives(5) == lives(5) != lives(6)


async def test_what_is_refused_is_sent_again():
    answers = iter([b"503 Service Unavailable", b"202 Accepted"] * 50)
    bodies = []

    async def listen(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        bodies.append(await reader.readexactly(int(head.split(b"Length: ")[1].split(b"\r\n")[0])))
        writer.write(b"HTTP/1.1 %b\r\nContent-Length: 0\r\n\r\n" % next(answers))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x"
    sent = await Simulator(seed=1).fleet([url], version="v1.0").run(1)
    assert (sent.calls, sent.requests) == (1, len(set(bodies)))
    assert sent.repeated >= sent.requests
    server.close()


def test_progress_is_told(tmp_path):
    told = []
    simulate_fleet(tmp_path / "fleet.sqlite", 20, listeners=1, on_progress=lambda sent: told.append(sent.calls))
    assert told[-1] == 20


def test_journal_that_cannot_be_opened_is_said_at_once():
    with pytest.raises(JournalError, match="folder"):
        simulate_fleet("/missing/folder/x.sqlite", 5)
