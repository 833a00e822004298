"""What widgets ask of a session: its listener's counts, its news, and work that nobody waits for."""

import asyncio

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import SessionClosed


def test_the_listener_counts_what_it_took_and_what_it_refused(session):
    session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    assert httpx.post(session.callback_uri, json={"value": []}).status_code == 401
    assert session.listener.accepted >= 3
    assert session.listener.refused == {401: 1}
    assert session.listener.last_received_us == session.journal.read()[-1][1]


def test_nobody_tunnels_to_a_simulated_session(session):
    assert session.tunnel is None


def test_all_widgets_share_one_watcher_that_ends_with_the_session():
    updates = []
    with gc.simulate(speed=50) as session:
        watcher = session.timeline().watcher
        assert watcher is session.timeline().watcher
        watcher.subscribe(updates.append)
        session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    assert updates[-1].closed
    assert [record.state for update in updates for record in update.notifications][:1] == ["establishing"]
    with pytest.raises(SessionClosed):
        session.timeline()


def test_work_is_begun_without_waiting(session):
    assert session.submit(asyncio.sleep(0, "done")).result(5) == "done"
    session.close()
    with pytest.raises(SessionClosed):
        session.submit(asyncio.sleep(0))


def test_a_session_without_a_tunnel_keeps_nothing_of_each_call(session):
    for _ in range(3):
        session.create_call(gc.templates.pstn())
    assert session._callbacks == {}
