"""The facts in the bar at the top of the cockpit."""

from types import SimpleNamespace

import pytest

import graphcall_nb as gc
from graphcall_nb.tunnels.tunnel import TunnelStatus
from graphcall_nb.widgets.cockpit.status import collect_facts


@pytest.fixture
def session():
    with gc.simulate(speed=50, seed=1) as made:
        yield made


def with_tunnel(session, state, url=None, stranded=()):
    """Return the facts of a session whose tunnel has this state."""
    status = TunnelStatus(state, "Why it is so.", 0.0, url)
    names = "simulated", "version", "closed", "listener", "is_read_only"
    said = {name: getattr(session, name) for name in names} | {
        "tunnel": SimpleNamespace(status=status),
        "calls_with_stale_callback": stranded,
    }
    return collect_facts(SimpleNamespace(**said), "Title")["tunnel"]


def test_simulated_session_needs_no_tunnel(session):
    facts = collect_facts(session, "My calls")
    assert (facts["title"], facts["simulated"], facts["live"]) == ("My calls", True, True)
    assert facts["tunnel"] == {"state": "none", "text": "Loopback, no tunnel", "reason": ""}


def test_listener_counts_notifications(session):
    session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    facts = collect_facts(session, "")
    assert facts["accepted"] == session.listener.accepted
    assert facts["last"] == session.listener.last_received_us // 1000


def test_an_open_tunnel_is_shown_without_its_secret(session):
    status = with_tunnel(session, "open", "https://hub.example.org/user/ann/cb/hWq0")
    assert status["text"] == "Tunnel open at https://hub.example.org/…"
    assert status["reason"] == ""


@pytest.mark.parametrize("state", ["opening", "lost", "reopening", "closed"])
def test_tunnel_that_is_not_open_has_a_reason(session, state):
    assert with_tunnel(session, state) == {"state": state, "text": f"Tunnel {state}", "reason": "Why it is so."}


def test_calls_with_a_former_address_are_counted(session):
    status = with_tunnel(session, "open", "https://new.example.org", stranded=("a", "b"))
    assert status["text"] == "Tunnel open at https://new.example.org, 2 calls left on a former address"


def test_simulated_session_can_ring_the_bot_and_has_a_doctor(session):
    facts = collect_facts(session, "")
    assert (facts["ring"], facts["doctor"], facts["readOnly"]) == (True, True, False)


def test_replay_has_no_listener_and_cannot_ring(session, tmp_path):
    session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    session.save(tmp_path / "saved.gcnb")
    with gc.replay(tmp_path / "saved.gcnb") as past:
        facts = collect_facts(past, "")
        assert (facts["readOnly"], facts["ring"], facts["doctor"]) == (True, False, False)
        assert repr(past.cockpit()).startswith("<Cockpit SIMULATED")
