"""Random requests to a listener over a real socket; the long form is ``python -m tests.fuzzing listener 600``."""

import logging
from contextlib import AsyncExitStack

import pytest
from hypothesis import HealthCheck, given, settings

from graphcall_nb.background import Background
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.config import CallbackConfig
from graphcall_nb.listener.serve import serve_listener
from tests.fuzzing.listener import PATH, requests
from tests.fuzzing.target import Target


@pytest.fixture
def target(service, journal_url):
    background, stack, journal = Background(), AsyncExitStack(), open_journal(journal_url)
    background.start()
    _, server = background.run(serve_listener(stack, journal, CallbackConfig(**service.callback, path=PATH)))
    yield Target(server.port, {"bearer": service.bearer})
    background.run(stack.aclose())
    background.stop()
    journal.close()


@pytest.mark.slow
def test_random_requests_get_a_response(target, caplog):
    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(requests)
    def fuzz(request):
        target.check(request)

    caplog.set_level(logging.ERROR)  # uvicorn warns about invalid HTTP
    fuzz()
    assert [record.getMessage() for record in caplog.records] == []
    assert target.answers[202] > 0
