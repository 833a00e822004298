"""Errors for arguments: a misspelt name gets a suggestion, a wrong type names the field and the expected type."""

import math
import re
from contextlib import closing
from datetime import datetime

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import InvalidSetting, SessionClosed, SetupError
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.load import send_load
from graphcall_nb.tunnels.selection import select_tunnel
from graphcall_nb.widgets.form.state import FormState


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
    (lambda s, c: gc.simulate(version="Beta"), "beta"),
    (lambda s, c: gc.doctor(template="peer2peer"), "peer_to_peer"),
    (lambda s, c: gc.doctor(tunel="auto"), "tunnel"),
    (lambda s, c: connect(cloud="usgof"), "usgov"),
    (lambda s, c: connect(tunnel="ngrock"), "ngrok"),
    (lambda s, c: gc.join_class("http://127.0.0.1:9/class/seat", version="bta"), "beta"),
    (lambda s, c: send_load("sqlite://", 1, mix={"anwsered": 1}), "answered"),
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
    """Return settings of a tenant without a service, so only checks before the sign-in can fail."""
    ids = {"tenant_id": "t", "client_id": "c", "client_credential": "s", "tunnel": "none"}
    return gc.connect(**{**ids, "graph_url": "http://127.0.0.1:9", "authority": "http://127.0.0.1:9", **given})


@pytest.mark.parametrize(("misspell", "meant"), MISSPELT, ids=[meant for _, meant in MISSPELT])
def test_misspelt_name_gets_a_suggestion(session, call, misspell, meant):
    with pytest.raises((ValueError, TypeError, AttributeError, SetupError), match=rf"did you mean '{meant}'\?"):
        misspell(session, call)


@pytest.mark.parametrize("name", ["zebra", "", None, 5, ["answered"]])
def test_unknown_name_lists_the_known_ones(name):
    with pytest.raises(ValueError, match=r"Unknown scenario .*; choose from: answered, declined, busy"):
        gc.simulate(scenario=name)


WRONG = [
    (lambda s, c: gc.simulate(faults=5), "faults"),
    (lambda s, c: gc.simulate(seed="x"), "seed"),
    (lambda s, c: gc.simulate(options="strict"), "options"),
    (lambda s, c: gc.simulate(journal=5), "journal"),
    (lambda s, c: gc.simulate(journal=""), "journal"),
    (lambda s, c: gc.open_journal(None), "path_url_or_journal"),
    (lambda s, c: gc.open_journal(""), "path_url_or_journal"),
    (lambda s, c: gc.replay(None), "path_or_journal"),
    (lambda s, c: gc.replay(""), "path_or_journal"),
    (lambda s, c: gc.replay(s.journal, speed="x"), "speed"),
    (lambda s, c: moved("x"), "seconds"),
    (lambda s, c: gc.join_class(None), "url"),
    (lambda s, c: s.call(None), "id"),
    (lambda s, c: s.call(""), "id"),
    (lambda s, c: s.call_status([]), "call_id"),
    (lambda s, c: s.messages([]), "call_id"),
    (lambda s, c: s.save(None), "path"),
    (lambda s, c: s.save(""), "path"),
    (lambda s, c: s.export(None), "path"),
    (lambda s, c: s.calls(since=5), "since"),
    (lambda s, c: s.calls(where=5), "where"),
    (lambda s, c: s.run(None), "coroutine"),
    (lambda s, c: s.submit(None), "coroutine"),
    (lambda s, c: s.timeline(title=5), "title"),
    (lambda s, c: s.timeline(max_calls=None), "max_calls"),
    (lambda s, c: s.timeline(max_calls=0), "max_calls"),
    (lambda s, c: s.cockpit(title=None), "title"),
    (lambda s, c: s.wait_for_incoming(float("nan")), "timeout"),
    (lambda s, c: s.create_call(gc.templates.pstn(), application_id=5), "application_id"),
    (lambda s, c: s.create_call(gc.templates.pstn(), application_id=""), "application_id"),
    (lambda s, c: s.simulator.ring(5), "caller"),
    (lambda s, c: s.simulator.ring(modalities=None), "modalities"),
    (lambda s, c: s.simulator.ring(meeting="x"), "meeting"),
    (lambda s, c: s.simulator.press(None, "tone1"), "call_id"),
    (lambda s, c: s.simulator.press(c.id), "tones"),
    (lambda s, c: s.simulator.hang_up(5), "call_id"),
    (lambda s, c: c.recording(None), "operation"),
    (lambda s, c: c.send_dtmf_tones(5), "tones"),
    (lambda s, c: c.participant(None), "participant_id"),
    (lambda s, c: c.participant(""), "participant_id"),
    (lambda s, c: c.mute_participant(None), "participant_id"),
    (lambda s, c: c.remove_participant(""), "participant_id"),
    (lambda s, c: c.mute_participants(5), "participants"),
    (lambda s, c: c.record_response(stop_tones=5), "stopTones"),
    (lambda s, c: answered(s, accepted_modalities=5), "acceptedModalities"),
    (lambda s, c: s.run(s.async_calls.get(None)), "call_id"),
    (lambda s, c: s.run(s.async_calls.create({})), "call"),
    (lambda s, c: gc.AsyncCalls(base_url=5), "base_url"),
    (lambda s, c: gc.AsyncCalls(max_attempts="x"), "max_attempts"),
    (lambda s, c: gc.templates.pstn(modalities=5), "requested_modalities"),
    (lambda s, c: gc.templates.peer_to_peer(prompts="x.wav"), "prompts"),
    (lambda s, c: gc.templates.join_private_meeting(join_url=5), "join_url"),
    (lambda s, c: gc.plot_timeline(s.intervals(), ax=[]), "ax"),
    (lambda s, c: gc.plot_timeline(s.intervals(), now=5), "now"),
    (lambda s, c: gc.plot_timeline(s.intervals(), calls=5), "calls"),
    (lambda s, c: gc.plot_states(5), "path"),
    (lambda s, c: connect(tenant_id=5), "tenant_id"),
    (lambda s, c: connect(client_credential=5), "client_credential"),
    (lambda s, c: connect(cloud=5), "cloud"),
    (lambda s, c: connect(graph_url=[]), "graph_url"),
    (lambda s, c: connect(issuers=5), "issuers"),
    (lambda s, c: connect(ca_bundle=5), "ca_bundle"),
    (lambda s, c: connect(client_certificate=5), "client_certificate"),
    (lambda s, c: connect(env_file=5), "env_file"),
    (lambda s, c: connect(journal=5), "journal"),
    (lambda s, c: connect(tunnel=5), "tunnel"),
    (lambda s, c: gc.run(select_tunnel(5)), "tunnel"),
    (lambda s, c: send_load(5, 1), "journal"),
    (lambda s, c: send_load("sqlite://", "many"), "calls"),
    (lambda s, c: send_load("sqlite://", 1, listeners=0), "listeners"),
    (lambda s, c: gc.simulate(speed=math.inf), "finite"),
]


def moved(seconds):
    with closing(open_journal()) as journal, gc.replay(journal) as again:
        again.seek(seconds)


def answered(session, **given):
    ringing = session.simulator.ring()
    ringing.wait_for("incoming", timeout=30)
    ringing.answer(**given)


@pytest.mark.parametrize(("slip", "field"), WRONG, ids=[field for _, field in WRONG])
def test_wrong_type_names_the_field_and_the_expected_type(session, call, slip, field):
    """TypeError and ValueError are ours here: InvalidCall and InvalidSetting are ValueErrors, too."""
    with pytest.raises((TypeError, ValueError)) as caught:
        slip(session, call)
    assert re.search(rf"(?=.*\b{field}\b).*\b(give|expected|copy|write)\b", str(caught.value)), repr(caught.value)


def test_text_is_one_value_of_a_list(session, call):
    assert gc.templates.pstn(modalities="audio").requested_modalities == ["audio"]
    answered(session, accepted_modalities="audio")
    ringing = session.simulator.ring(modalities="video")
    ringing.wait_for("incoming", timeout=30)
    assert ringing.refresh().requested_modalities == ["video"]


def test_unwritable_path_suggests_another(session, tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match=r"Cannot write .*folder.csv: Is a directory[;.] [cC]hoose another place"):
        session.export(tmp_path / "folder.csv")


def test_settings_file_that_is_not_a_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"GRAPHCALL_TENANT_ID=\xf6")
    with pytest.raises(InvalidSetting, match=r"env_file: .*not a text in UTF-8\); pass another file"):
        connect(env_file=tmp_path / ".env")


def test_now_without_a_zone_is_utc(session, call):
    assert gc.plot_timeline(session.intervals(), now=datetime(2100, 1, 1)).get_xlabel() == "time (UTC)"


def test_each_method_of_a_closed_session_raises_session_closed(call):
    with gc.simulate() as closed:
        past = gc.replay(closed.journal)
    past.close()
    for ask in (closed.incoming, past.player, past.cockpit, lambda: past.call("57").state):
        with pytest.raises(SessionClosed, match="make a new one"):
            ask()
