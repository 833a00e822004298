"""The load generator: many simulated calls through listener processes."""

import asyncio

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import JournalError
from graphcall_nb.load import LoadGenerator, send_load
from graphcall_nb.simulator import Simulator
from graphcall_nb.simulator.delivery import PostResponse

pytestmark = pytest.mark.slow


def test_every_call_is_complete_and_sent_once(journal_url):
    stats = send_load(journal_url, 90, listeners=2, mix={"answered": 60, "busy": 40})
    with gc.simulate(journal=journal_url) as session:
        calls, notifications = session.calls(), session.notifications()
    assert (len(calls), len(notifications)) == (90, stats.notifications)
    assert set(calls["state"]) == {"terminated"}
    assert set(calls["result_code"].dropna()) == {200, 486}
    assert notifications["duplicate_of"].isna().all()


def generate(seed):
    return list(LoadGenerator(Simulator(seed=1), [], version="beta-2018", seed=seed).generate_bodies(range(40)))


def test_same_seed_makes_the_same_calls():
    assert generate(5) == generate(5) != generate(6)


async def test_refused_request_is_sent_again():
    bodies, statuses = [], [503, 202] * 50

    async def post(url, headers, content):
        bodies.append(content)
        return PostResponse(statuses.pop(0))

    generator = LoadGenerator(Simulator(seed=1, post=post), ["https://bot.contoso.com/"], version="v1.0")
    stats = await asyncio.wait_for(generator.run(1), 30)
    assert (stats.calls, stats.requests) == (1, len(set(bodies)))
    assert stats.retries >= stats.requests


def test_progress_is_reported(tmp_path):
    progress = []
    send_load(tmp_path / "load.sqlite", 20, listeners=1, on_progress=lambda stats: progress.append(stats.calls))
    assert progress[-1] == 20


def test_journal_that_cannot_be_opened_is_reported_at_once():
    with pytest.raises(JournalError, match="folder"):
        send_load("/missing/folder/x.sqlite", 5)
