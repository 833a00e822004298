"""Bodies and paths of each version."""

import json

import pytest

from graphcall_nb.errors import IllegalAction
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import Call, ParticipantInfo
from graphcall_nb.graph.operations import MuteAll, MuteParticipant, PlayPrompt, RecordResponse
from graphcall_nb.graph.requests import create_request
from graphcall_nb.graph.versions import BETA, BETA_2018, V1, version_from_url


def written(call: Call) -> dict:
    return create_request(V1, call).body


def test_v1_has_one_path():
    assert create_request(V1, Call()).path == "/v1.0/communications/calls"
    with pytest.raises(ValueError, match="remove application_id"):
        V1.calls_path("8A34A46B")


def test_targets_have_types_down_to_the_identity():
    (target,) = written(Call(targets=[ParticipantInfo.of("user", "1")]))["targets"]
    assert target == {
        "@odata.type": "#microsoft.graph.invitationParticipantInfo",
        "identity": {
            "@odata.type": "#microsoft.graph.identitySet",
            "user": {"@odata.type": "#microsoft.graph.identity", "id": "1"},
        },
    }


@pytest.mark.parametrize("name", templates.ALL)
def test_v1_bodies_of_templates_lack_fields_of_beta(name):
    text = json.dumps(written(templates.ALL[name].build()))
    assert text.startswith('{"@odata.type": "#microsoft.graph.call", ')
    assert "removeFromDefaultAudioGroup" not in text


def test_fields_of_other_versions_are_left_out():
    call = Call(subject="x", ringing_timeout_in_seconds=5, routing_policies=["none"], active_modalities=["audio"])
    assert written(call) == {"@odata.type": "#microsoft.graph.call", "subject": "x"}
    assert create_request(BETA_2018, call).body == {
        "subject": "x",
        "ringingTimeoutInSeconds": 5,
        "routingPolicies": ["none"],
    }


def test_beta_has_the_shapes_of_v1_and_its_own_fields():
    call = Call(subject="x", ringing_timeout_in_seconds=5)
    assert create_request(BETA, call).body == {
        "@odata.type": "#microsoft.graph.call",
        "subject": "x",
        "ringingTimeoutInSeconds": 5,
    }
    prompt = PlayPrompt(prompts=["https://cdn.example/a.wav"], loop=True)
    assert BETA.write_action(prompt)["loop"] is True
    assert BETA.action_path("57", RecordResponse()) == "/beta/communications/calls/57/record"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/v1.0/communications/calls/57", "v1.0"),
        ("/v1.0/app/calls", "v1.0"),
        ("/beta/communications/calls", "beta"),
        ("/beta/app/calls", "beta-2018"),
        ("/beta/applications/8A34/calls", "beta-2018"),
        ("/calls", "beta-2018"),
    ],
)
def test_version_is_read_from_a_url(path, name):
    assert version_from_url(f"https://graph.microsoft.com{path}").name == name


def test_unknown_members_and_explicit_nulls_are_written():
    body = {"@odata.type": "#microsoft.graph.call", "newInGraph": {"x": [None]}, "targets": None}
    assert written(Call.from_json_dict(body)) == body


def test_caller_of_phones_is_an_application_instance():
    assert list(written(templates.pstn())["source"]["identity"]) == ["@odata.type", "applicationInstance"]
    assert list(written(templates.peer_to_peer())["source"]["identity"]) == ["@odata.type", "application"]


def test_caller_of_phones_with_both_identities_is_kept():
    call = templates.pstn()
    call.source = ParticipantInfo.of("applicationInstance", "1")
    call.source.identity.application = call.source.identity.application_instance
    assert len(written(call)["source"]["identity"]) == 3


def test_existing_types_are_kept():
    assert written(Call.from_json_dict(written(templates.group_call()))) == written(templates.group_call())


def test_paths_of_actions_depend_on_the_version():
    assert BETA_2018.action_path("5/7", RecordResponse()) == "/beta/app/calls/5%2F7/record"
    assert V1.action_path("57", RecordResponse()) == "/v1.0/communications/calls/57/recordResponse"
    mute = MuteParticipant(participant_id="1/2")
    assert V1.action_path("57", mute).endswith("/calls/57/participants/1%2F2/mute")
    with pytest.raises(IllegalAction, match=r"v1.0 does not have muteAll"):
        V1.action_path("57", MuteAll())
