"""Slips of the pen: a misspelt name gets the one that was meant, a wrong kind of value its field and the remedy."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import SetupError
from graphcall_nb.tunnels.choose import provider_of
from graphcall_nb.widgets.form import FormState


@pytest.fixture(scope="module")
def session():
    with gc.simulate(speed=100) as made:
        yield made


@pytest.fixture(scope="module")
def call(session):
    placed = session.create_call(gc.templates.peer_to_peer())
    placed.wait_for("established", timeout=30)
    return placed


MISSPELT = [
    (lambda s, c: gc.simulate(scenario="anwsered"), "answered"),
    (lambda s, c: gc.simulate(faults=["duplicate"]), "duplicated"),
    (lambda s, c: gc.simulate(dialect="Beta"), "beta"),
    (lambda s, c: gc.doctor(template="peer2peer"), "peer_to_peer"),
    (lambda s, c: gc.doctor(tunel="auto"), "tunnel"),
    (lambda s, c: connect(cloud="usgof"), "usgov"),
    (lambda s, c: provider_of("ngrock"), "ngrok"),
    (lambda s, c: s.export("x.csv", "callz"), "calls"),
    (lambda s, c: s.calls(where={"stat": "ringing"}), "state"),
    (lambda s, c: s.simulator.press(c.id, "tonne1"), "tone1"),
    (lambda s, c: c.update_recording_status("recordng"), "recording"),
    (lambda s, c: gc.export_call(gc.Call(), "jsn"), "json"),
    (lambda s, c: gc.describe(s.intervals(), "timelin"), "timeline"),
    (lambda s, c: FormState().load_template("pst"), "pstn"),
    (lambda s, c: gc.simulat, "simulate"),
    (lambda s, c: gc.templates.peer_to_per, "peer_to_peer"),
]


def connect(**given):
    """Settings of a tenant that nobody is at home at, so that only what is checked before the sign-in can be wrong."""
    ids = {"tenant_id": "t", "client_id": "c", "client_credential": "s", "tunnel": "none"}
    return gc.connect(**{**ids, "graph_url": "http://127.0.0.1:9", "authority": "http://127.0.0.1:9", **given})


@pytest.mark.parametrize(("misspell", "meant"), MISSPELT, ids=[meant for _, meant in MISSPELT])
def test_misspelt_name_gets_the_one_that_was_meant(session, call, misspell, meant):
    with pytest.raises((ValueError, TypeError, AttributeError, SetupError), match=rf"did you mean '{meant}'\?"):
        misspell(session, call)


@pytest.mark.parametrize("name", ["zebra", "", None, 5, ["answered"]])
def test_name_that_is_like_none_gets_all_there_are(name):
    with pytest.raises(ValueError, match=r"There is no scenario .*; choose from: answered, declined, busy"):
        gc.simulate(scenario=name)
