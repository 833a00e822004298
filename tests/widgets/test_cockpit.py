"""The cockpit without a browser: its actions and their outcomes."""

import gc as garbage
import queue
import weakref
from concurrent.futures import Future

import ipywidgets
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbconvert import HTMLExporter

import graphcall_nb as gc
from graphcall_nb.errors import ConsentMissing, IllegalAction
from graphcall_nb.graph.operations import ACTIONS
from graphcall_nb.widgets.cockpit.call_actions import (
    CALL_ACTIONS,
    CallAction,
    Field,
    collect_reasons,
    make_failure,
    select_available,
)

SECONDS = 10


@pytest.fixture
def session():
    with gc.simulate(speed=50, seed=1) as made:
        yield made


@pytest.fixture
def cockpit(session):
    return session.cockpit()


class Changes:
    """Records messages to the pages; ``until(test)`` waits for a row of a call."""

    def __init__(self, table):
        self.table, self.news = table, queue.Queue()
        send = table.send

        def heard(message, *rest):
            send(message, *rest)
            self.news.put(message)

        table.send = heard

    def until(self, test):
        while not any(map(test, self.table.dump()["rows"])):
            self.news.get(timeout=SECONDS)


def established(session):
    call = session.create_call(gc.templates.pstn())
    call.wait_for("established", timeout=SECONDS)
    return call


def test_calls_and_notifications_are_read_from_the_journal(session, cockpit):
    heard = Changes(cockpit.calls)
    call = established(session)
    heard.until(lambda wire: wire[1] == call.id and wire[4] == "established")
    assert repr(cockpit).startswith("<Cockpit SIMULATED: 1 call, 1 live")


def test_cockpit_shows_earlier_calls(session):
    call = established(session)
    cockpit = session.cockpit()
    assert [wire[1] for wire in cockpit.calls.dump()["rows"]] == [call.id]
    assert len(cockpit.notifications.dump()["rows"]) == 3


def test_action_does_not_block_and_its_outcome_is_in_the_row(session, cockpit):
    heard = Changes(cockpit.calls)
    call = established(session)
    heard.until(lambda wire: wire[4] == "established")
    assert isinstance(cockpit.act(call.id, "mute", {}), Future)
    heard.until(lambda wire: (wire[9] or {}).get("kind") == "done")
    cockpit.act(call.id, "hang_up", {})
    heard.until(lambda wire: wire[4] == "terminated")


def test_failure_of_an_illegal_action_uses_the_label_of_the_button(session, cockpit):
    heard = Changes(cockpit.calls)
    call = established(session)
    call.hang_up()
    call.wait_for("terminated", timeout=SECONDS)
    assert isinstance(cockpit.act(call.id, "hang_up", {}).exception(SECONDS), IllegalAction)
    heard.until(lambda wire: (wire[9] or {}).get("text", "").startswith("Hang up needs a live call"))


def test_a_second_press_sends_nothing(session, cockpit):
    heard = Changes(cockpit.calls)
    call = established(session)
    heard.until(lambda wire: wire[4] == "established")
    first, second = cockpit.act(call.id, "hang_up", {}), cockpit.act(call.id, "hang_up", {})
    first.result(SECONDS)
    third = cockpit.act(call.id, "hang_up", {})
    # The call may have ended meanwhile, which offers the button again.
    assert second is None
    assert third is None or isinstance(third.exception(SECONDS), IllegalAction)
    sent = [each.operation for each in session.journal.read_requests() if each.call_id == call.id]
    assert sent.count("delete") == 1


@pytest.mark.slow
def test_an_unknown_action_is_passed_over(cockpit):
    assert cockpit.act("x", "__class__", {}) is None


def test_the_raw_text_of_a_notification_is_read_when_it_is_wanted(session, cockpit):
    established(session)
    sent = []
    cockpit.notifications.send = sent.append
    cockpit.notifications.handle_message(None, {"kind": "raw", "seq": 2}, None)
    cockpit.notifications.handle_message(None, {"kind": "raw", "seq": 99}, None)
    known, unknown = (message for message in sent if message["kind"] == "raw")  # the rest are news, from a thread
    assert '"state": "ringing"' in known["text"]
    assert unknown["text"] is None


def test_closed_session_performs_no_action(session, cockpit):
    session.close()
    assert cockpit.act("x", "hang_up", {}) is None
    assert cockpit.status.facts["live"] is False
    assert cockpit.calls.dump()["live"] is False
    cockpit.close()


def test_the_secret_of_the_callback_is_nowhere(session, cockpit):
    secret = session.callback_uri.rsplit("/", 1)[1]
    assert secret not in str(cockpit.status.facts)
    assert secret not in str(cockpit.calls.dump())


# ---- the table of buttons


def test_every_button_is_an_operation_of_the_state_table():
    assert {action.operation for action in CALL_ACTIONS} <= set(ACTIONS)


def test_reasons_are_there_for_exactly_the_states_that_forbid_an_action():
    actions = select_available("beta")
    reasons = collect_reasons(actions)
    assert reasons["terminated"]["hang_up"] == "Hang up needs a live call; this one is terminated."
    for state, forbidden in reasons.items():
        illegal = {name for name, one in actions.items() if state not in ACTIONS[one.operation].states}
        assert set(forbidden) == illegal | ({"hang_up"} if state == "terminating" else set())


def test_some_actions_are_offered_in_beta_only():
    assert select_available("beta").keys() - select_available("v1.0").keys() == {
        "start_recording",
        "stop_recording",
        "start_transcription",
        "stop_transcription",
        "update_metadata",
    }


@pytest.mark.parametrize("version", ["beta-2018", "v1.0"])
def test_cockpit_has_the_buttons_of_its_version(version):
    with gc.simulate(version=version) as session:
        buttons = session.cockpit().calls.get_state()["_setup"]["actions"]
    assert [button["name"] for button in buttons] == list(select_available(version))


def test_every_button_is_a_method_of_a_call():
    assert [action.method for action in CALL_ACTIONS if not hasattr(gc.CallHandle, action.method)] == []


def test_every_button_is_named_for_the_method_of_its_operation():
    assert {action.operation: action.method for action in CALL_ACTIONS} == {
        action.operation: ACTIONS[action.operation].call_method for action in CALL_ACTIONS
    }


@pytest.fixture(scope="module")
def group_call():
    """Return a beta session, an established group call, and the cockpit."""
    with gc.simulate(version="beta-2018", speed=50, seed=1) as session:
        call = session.create_call(gc.templates.group_call())
        call.wait_for("established", timeout=SECONDS)
        yield session, call, session.cockpit()


@pytest.mark.parametrize(
    ("name", "path", "fields"),
    [
        ("start_hold_music", "/participants/{participant}/startHoldMusic", {"participant_id": "{participant}"}),
        ("stop_hold_music", "/participants/{participant}/stopHoldMusic", {"participant_id": "{participant}"}),
        ("add_large_gallery_view", "/addLargeGalleryView", {}),
        ("start_recording", "/startRecording", {}),
        ("stop_recording", "/stopRecording", {}),
        ("start_transcription", "/startTranscription", {"language": "en-us"}),
        ("stop_transcription", "/stopTranscription", {}),
    ],
)
def test_button_sends_its_operation_to_the_service(group_call, name, path, fields):
    session, call, cockpit = group_call
    changes = Changes(cockpit.calls)
    changes.until(lambda wire: wire[1] == call.id)
    participant = call.participants()[-1].id
    values = {field: text.format(participant=participant) for field, text in fields.items()}
    operation = cockpit.act(call.id, name, values).result(SECONDS)
    changes.until(lambda wire: (wire[9] or {}).get("action") == name and wire[9]["kind"] == "done")
    request = session.journal.read_requests()[-1]
    assert request.url.endswith(path.format(participant=participant))
    assert (request.status, operation.status) in [(200, "completed"), (202, "completed"), (202, "running")]


@pytest.fixture
def ask():
    fields = (
        Field("who", "Target", required=True),
        Field("count", "Count", parse=int),
        Field("how", "How", choices=("a", "b")),
    )
    return CallAction("transfer", "transfer", "Transfer", "Transferring …", "Asked.", fields=fields)


def test_texts_become_arguments_and_empty_ones_are_omitted(ask):
    assert ask.make_arguments({"who": " Heidi ", "count": "3", "how": ""}) == {"who": "Heidi", "count": 3}


@pytest.mark.parametrize(("given", "words"), [({}, "Target is missing"), ({"who": "x", "how": "c"}, "one of a, b")])
def test_invalid_input_is_explained(ask, given, words):
    with pytest.raises(ValueError, match=words):
        ask.make_arguments(given)


def test_an_error_of_the_service_keeps_its_code_remedy_and_ids(ask):
    error = ConsentMissing(403, "Forbidden", "Not allowed.", request_id="r-1", remedy="Grant Calls.Initiate.All.")
    failure = make_failure(ask, error)
    assert failure["text"] == "Transfer: 403 Forbidden. Not allowed."
    assert (failure["remedy"], failure["ids"]) == ("Grant Calls.Initiate.All.", {"request-id": "r-1"})


# ---- saved notebooks


@pytest.mark.parametrize("make", ["form", "timeline", "cockpit"])
def test_nbconvert_shows_the_picture_of_a_widget(session, make):
    session.create_call(gc.templates.peer_to_peer(subject="In the picture")).wait_for("established", timeout=SECONDS)
    shown = getattr(session, make)(*[gc.templates.peer_to_peer(subject="In the picture")] * (make == "form"))
    data, metadata = DisplayFormatter().format(shown)
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    html, _ = HTMLExporter().from_notebook_node(notebook)
    assert "In the picture" in html


# ---- closing


def count_models():
    return len(ipywidgets.Widget.get_manager_state()["state"])


@pytest.mark.parametrize("make", ["form", "timeline", "cockpit"])
def test_a_closed_widget_frees_its_models(session, make):
    before = count_models()
    getattr(session, make)().close()
    assert count_models() == before


@pytest.mark.parametrize("make", ["form", "timeline", "cockpit"])
def test_a_closed_widget_leaves_memory(session, make):
    widget = getattr(session, make)()
    weak = weakref.ref(widget)
    widget.close()
    session.close()  # ends the threads, which refer to a widget for moments
    del widget
    garbage.collect()
    assert weak() is None
