"""The state of the form, without widgets."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph import templates
from graphcall_nb.graph.json_path import MISSING, format_path, read_path, write_path
from graphcall_nb.graph.models import Call
from graphcall_nb.widgets.form.state import SOUNDS, SOURCE, TARGETS, FormState, is_same_json

JOIN_URL = (
    "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/5"
    "?context=%7b%22Tid%22%3a%22tenant%22%2c%22Oid%22%3a%22organizer%22%7d"
)
names = st.text(min_size=1)
paths = st.lists(names, min_size=1, max_size=4).map(tuple)
values = st.none() | st.booleans() | st.integers() | st.text()
trees = st.dictionaries(
    names, st.recursive(values, lambda inner: st.dictionaries(names, inner, max_size=3)), max_size=3
)


def state(**body) -> FormState:
    return FormState(Call.from_json_dict(body))


@pytest.mark.slow
@given(trees, paths, values)
def test_written_value_can_be_read(tree, path, value):
    write_path(tree, path, value)
    assert read_path(tree, path) == value


@pytest.mark.slow
@given(trees, paths)
def test_removed_value_is_missing(tree, path):
    write_path(tree, path, MISSING)
    assert read_path(tree, path) is MISSING


@pytest.mark.slow
@given(trees, paths, values)
def test_writing_leaves_other_members_alone(tree, path, value):
    others = json.dumps({name: item for name, item in tree.items() if name != path[0]})
    write_path(tree, path, value)
    assert json.dumps({name: item for name, item in tree.items() if name != path[0]}) == others


def test_emptied_objects_go_too_but_not_those_to_keep():
    tree = {"a": {"b": {"c": {"d": 1}}}}
    write_path(tree, ("a", "b", "c", "d"), MISSING, keep=2)
    assert tree == {"a": {"b": {}}}


def test_paths_are_spelled_as_graph_does():
    assert format_path(("mediaConfig", "preFetchMedia", 0, "uri")) == "mediaConfig.preFetchMedia[0].uri"


def test_clearing_a_text_takes_the_field_away():
    form = state(source={"identity": {"application": {"id": "bot"}}, "region": "us"})
    form.set_text((*SOURCE, "application", "id"), "")
    assert form.body == {"source": {"region": "us"}}


@pytest.mark.parametrize("path", [("subject",), ("chatInfo", "threadId"), ("source", "region")])
def test_a_text_typed_into_a_null_replaces_it(path):
    form = state(subject=None, chatInfo=None, source=None)
    form.set_text(path, "typed")
    assert form.get_text(path) == "typed"
    assert form.call


def test_unknown_parts_survive_editing():
    target = {"identity": {"user": {"id": "a", "new": [1, None]}, "@odata.type": "#x"}, "later": {}}
    form = state(targets=[target], newInGraph={"x": None}, mediaConfig={"@odata.type": "#new", "level": 5})
    form.set_text(("targets", 0, "identity", "user", "id"), "b", keep=4)
    target["identity"]["user"]["id"] = "b"
    assert form.body["targets"] == [target]
    assert form.body["newInGraph"] == {"x": None}
    assert form.body["mediaConfig"] == {"@odata.type": "#new", "level": 5}


def test_a_target_keeps_its_id_when_its_kind_changes():
    form = state(targets=[{"identity": {"user": {"id": "+1"}, "@odata.type": "#x"}}])
    form.set_identity_kind((*TARGETS, 0, "identity"), "phone")
    assert form.body["targets"][0]["identity"] == {"phone": {"id": "+1"}, "@odata.type": "#x"}


def test_two_identities_of_one_target_change_places_and_none_is_lost():
    form = state(targets=[{"identity": {"user": {"id": "a"}, "phone": {"id": "+1"}}}])
    form.set_identity_kind((*TARGETS, 0, "identity"), "phone")
    assert form.body["targets"][0]["identity"] == {"phone": {"id": "a"}, "user": {"id": "+1"}}


def test_default_kind_of_the_caller_is_application():
    form = FormState()
    assert form.get_identity_kind(SOURCE) == "application"
    form.set_identity_kind(SOURCE, "applicationInstance")
    form.set_identity_kind(SOURCE, "application")
    assert form.body == {}


def test_the_last_row_takes_its_list_along():
    form = state(mediaConfig={"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"})
    form.add_sound()
    form.remove_row(SOUNDS, 0)
    assert form.body == {"mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}}


def test_fields_of_a_kind_of_media_return_with_it():
    form = FormState(templates.peer_to_peer())
    before = form.body["mediaConfig"]
    form.set_media_kind("app")
    assert form.body["mediaConfig"] == {"@odata.type": "#microsoft.graph.appHostedMediaConfig"}
    form.set_media_kind("")
    form.set_media_kind("service")
    assert form.body["mediaConfig"] == before


def test_members_of_all_kinds_move_along():
    form = FormState(templates.pstn())
    form.set_media_kind("app")
    assert form.body["mediaConfig"]["removeFromDefaultAudioGroup"] is False


def test_known_words_are_ordered_and_unknown_ones_stay():
    form = state(requestedModalities=["smell"])
    for word in ("video", "audio"):
        form.set_member(("requestedModalities",), word, True, ("audio", "video"))
    assert form.body["requestedModalities"] == ["smell", "audio", "video"]
    form.set_member(("requestedModalities",), "video", False, ("audio", "video"))
    assert form.body["requestedModalities"] == ["smell", "audio"]


@pytest.mark.parametrize("text", ["soon", "1.5", "٣", "1" * 20, "--1"])
def test_invalid_number_is_an_error_and_changes_nothing(text):
    form = state(ringingTimeoutInSeconds=30)
    form.set_number(("ringingTimeoutInSeconds",), text)
    assert form.body == {"ringingTimeoutInSeconds": 30}
    assert "ringingTimeoutInSeconds" in form.errors()


def test_a_whole_number_takes_the_error_away():
    form = FormState()
    form.set_number(("ringingTimeoutInSeconds",), "soon")
    form.set_number(("ringingTimeoutInSeconds",), " 45 ")
    assert form.body == {"ringingTimeoutInSeconds": 45}
    assert "ringingTimeoutInSeconds" not in form.errors()


def test_invalid_json_changes_nothing_and_names_its_line():
    form = FormState(templates.pstn())
    form.edit_json('{"subject": "x",\n "targets": [}')
    assert form.body == templates.pstn().to_json_dict()
    assert (form.json_problem.line, form.json_problem.column) == (2, 14)
    assert "line 2, column 14" in form.errors()["json"]


def test_json_of_wrong_types_leaves_the_call_and_names_the_field():
    form = FormState(templates.pstn())
    form.edit_json('{"subject": 5}')
    assert form.json_problem.problems[0][0] == "subject"
    assert form.body == templates.pstn().to_json_dict()


def test_a_join_url_sets_the_meeting_and_removes_the_targets():
    form = FormState(templates.pstn())
    changes = form.load_text(f"Join the meeting: {JOIN_URL}")
    assert form.body["chatInfo"] == {"threadId": "19:meeting_abc@thread.v2", "messageId": "5"}
    assert "targets" not in form.body
    assert form.body["subject"] == "Test Call"
    assert changes.startswith("Filled: chatInfo, meetingInfo, tenantId. Kept: callbackUri, ")
    assert changes.endswith(" Removed: targets.")


def test_text_that_is_no_call_changes_nothing():
    form = FormState(templates.pstn())
    with pytest.raises(InvalidCall):
        form.load_text("hello")
    assert form.call == templates.pstn()
    assert not form.can_undo


def test_undo_restores_the_call_before_loading():
    form = FormState()
    form.set_text(("subject",), "mine")
    form.load_template("pstn")
    form.undo()
    assert (form.body, form.template) == ({"subject": "mine"}, "")


def test_an_unknown_template_names_the_known_ones():
    with pytest.raises(ValueError, match="pstn"):
        FormState().load_template("fax")


def test_the_state_shares_nothing_with_the_calls_it_gives_and_takes():
    call = templates.pstn()
    form = FormState(call)
    form.call.targets[0].identity.phone.id = "+1"
    call.targets[0].identity.phone.id = "+2"
    assert form.get_text(("targets", 0, "identity", "phone", "id")) == "+14258828080"


def test_one_is_not_true():
    assert not is_same_json({"a": 1}, {"a": True})
    assert is_same_json({"a": 1, "b": 2}, {"b": 2, "a": 1})


@pytest.mark.parametrize("name", templates.ALL)
def test_templates_have_no_errors(name):
    form = FormState()
    form.load_template(name)
    assert form.errors() == {}


def test_the_samples_pass_through_unchanged():
    for path in (Path(__file__).parent.parent / "samples" / "beta").glob("*.request.json"):
        form = FormState()
        form.load_text(path.read_text())
        assert form.call.to_json_dict() == json.loads(path.read_text())
