"""The parts of a session that widgets use: counts of the listener, updates, and work without waiting."""

import asyncio

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import SessionClosed


def test_listener_counts_accepted_and_refused_requests(session):
    session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    assert httpx.post(session.callback_uri, json={"value": []}).status_code == 401
    assert session.listener.accepted >= 3
    assert session.listener.refused == {401: 1}
    received_at = session.notifications()["received_at"].iloc[-1]
    assert session.listener.last_received_us == received_at.value // 1000


def test_simulated_session_has_no_tunnel(session):
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


def test_submit_starts_work_without_waiting(session):
    assert session.submit(asyncio.sleep(0, "done")).result(5) == "done"
    session.close()
    with pytest.raises(SessionClosed):
        session.submit(asyncio.sleep(0))
