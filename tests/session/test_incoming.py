"""Incoming calls: announced, awaited, answered, rejected, redirected, missed."""

import pytest

import graphcall_nb as gc
from graphcall_nb import replay
from graphcall_nb.errors import IllegalAction, Timeout
from graphcall_nb.graph.versions import VERSIONS


@pytest.fixture(scope="module", params=VERSIONS)
def session(request):
    with gc.simulate(version=request.param, speed=20, seed=1) as made:
        yield made


def incoming(session, *arguments, **settings):
    ringing = session.simulator.ring(*arguments, **settings)
    call = session.wait_for_incoming(timeout=20)
    assert call.id == ringing.id
    return call


def test_answered(session):
    call = incoming(session, "+14255550100")
    assert (call.state, call.call.direction, call.call.source.label) == ("incoming", "incoming", "+14255550100")
    call.answer()
    call.wait_for("established", timeout=20)
    session.simulator.hang_up(call.id)
    call.wait_for("terminated", timeout=20)
    assert session.calls().set_index("call_id").loc[call.id, "kind"] == "incoming"


def test_rejected(session):
    call = incoming(session)
    call.reject("busy")
    call.wait_for("terminated", timeout=20)
    with pytest.raises(IllegalAction, match="answer needs a live call"):
        call.answer()


def test_redirected(session):
    call = incoming(session)
    call.redirect(["550fae72-d251-43ec-868c-373732c2704f", "+14255550100"], timeout=20)
    call.wait_for("terminated", timeout=20)


def test_legacy_notification_is_followed_by_one_of_graph(session):
    call = incoming(session, legacy=True)
    call.reject()
    kinds = session.notifications()["entity"].astype(str).tolist()
    assert "legacy" in kinds
    assert "" not in set(session.calls()["call_id"])


def test_missed():
    with gc.simulate(speed=200, seed=1) as session:
        call = incoming(session)
        call.wait_for("terminated", timeout=20)
        assert session.incoming() == []
        with pytest.raises(Timeout, match="No call came in"):
            session.wait_for_incoming(timeout=0)


def test_replay_has_no_simulator(session):
    with replay(session.journal) as played, pytest.raises(IllegalAction, match="from Teams or by phone"):
        played.simulator.ring()
