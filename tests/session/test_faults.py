"""The client against a service that throttles, is unavailable, is slow or closes connections."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import ServiceUnreachable
from graphcall_nb.graph import templates


def read_attempts(session, operation="create"):
    """Return ``(status, client-request-id)`` of each attempt to send an operation."""
    return [
        (each.status, each.client_request_id) for each in session.journal.read_requests() if each.operation == operation
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "status"), [("throttled", 429), ("unavailable", 503)])
def test_retry_has_the_same_client_request_id(fault, status):
    with gc.simulate(faults=fault, speed=100, seed=1) as session:
        for _ in range(2):  # every other request is refused
            session.create_call(templates.pstn()).wait_for("established", timeout=20)
        attempts = read_attempts(session)
    assert [status for status, _ in attempts].count(201) == 2
    refused = [id for code, id in attempts if code == status]
    assert refused
    assert all((201, id) in attempts for id in refused)


def test_create_without_a_response_is_not_repeated():
    with gc.simulate(faults="connection_reset", speed=50, seed=1) as session:
        with pytest.raises(ServiceUnreachable, match=r"check session\.calls\(\)") as caught:
            create_two_calls(session)  # every other answer is cut off
        assert caught.value.maybe_sent
        assert read_attempts(session)[-1][0] is None
        placed = len([code for code, _ in read_attempts(session) if code == 201])
        while len(session.calls()) < placed + 1:
            assert session.journal.wait_sync(session.journal.last_seq, timeout=20)


def create_two_calls(session):
    for _ in range(2):
        session.create_call(templates.pstn())


def test_slow_response_is_waited_for():
    with gc.simulate(faults="slow_create", speed=10, seed=1) as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=20)
        assert [code for code, _ in read_attempts(session)] == [201]


@pytest.mark.slow
def test_operations_are_retried_like_creates():
    with gc.simulate(faults="throttled", speed=100, seed=1) as session:
        call = session.create_call(templates.peer_to_peer())
        call.wait_for("established", timeout=20)
        for _ in range(2):
            call.keep_alive()
        assert [code for code, _ in read_attempts(session, "keepAlive")].count(200) == 2
