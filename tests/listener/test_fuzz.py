"""Anything at all, sent to a listener over a real socket; at length: ``python -m tests.fuzzing listener 600``."""

import logging
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings

from graphcall_nb.background import Background
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.serve import receive
from tests.fuzzing.listener import PATH, requests
from tests.fuzzing.target import Target


@pytest.fixture
def target(service, journal_url):
    background, stack, journal = Background(), AsyncExitStack(), open_journal(journal_url)
    background.start()
    _, server = background.run(receive(stack, journal, CallbackConfig(**service.callback, path=PATH)))
    yield Target(server.port, {"bearer": service.bearer})
    background.run(stack.aclose())
    background.stop()
    journal.close()


@pytest.mark.slow
def test_anything_is_answered_and_nothing_breaks(target, caplog):
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(requests)
    def fuzz(request):
        target.check(request)

    caplog.set_level(logging.ERROR)  # uvicorn warns of what is no HTTP
    fuzz()
    assert [record.getMessage() for record in caplog.records] == []
    assert target.answers[202] > 0
