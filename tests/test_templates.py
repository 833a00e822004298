import json
from pathlib import Path

import pytest

from graphcall_nb.graph import templates
from graphcall_nb.graph.models import Identity, ParticipantInfo

SAMPLES = Path(__file__).parent / "samples" / "beta"


def sample(name: str) -> dict:
    return json.loads((SAMPLES / f"{name}.request.json").read_text())


def test_eight_calls_are_documented():
    assert len(templates.DOCUMENTED) == 8
    assert {path.name.split(".")[0] for path in SAMPLES.glob("*.request.json")} == set(templates.DOCUMENTED)


def test_completion_shows_public_names_only():
    assert sorted(dir(templates)) == sorted(templates.__all__)


@pytest.mark.parametrize(("build", "kind"), [(templates.pstn, "phone"), (templates.peer_to_peer, "user")])
def test_invalid_target_is_named(build, kind):
    with pytest.raises(TypeError, match=f"{kind}: give a text, .* not int"):
        build(123)


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_default_call_is_the_documented_body(name):
    assert templates.ALL[name].build().to_json_dict() == sample(name)


@pytest.mark.parametrize("name", templates.ALL)
def test_each_template_has_a_description_and_a_permission(name):
    template = templates.ALL[name]
    assert template.title
    assert template.description.endswith(".")
    assert template.permission.startswith("Calls.")


def test_calls_of_a_template_share_no_objects():
    first, second = templates.simultaneous_ring(), templates.simultaneous_ring()
    first.targets[0].identity.user.id = "changed"
    assert second.targets[0].identity.user.id != "changed"


def test_targets_may_be_ids_identities_or_participants():
    given = ["a", Identity(id="b"), ParticipantInfo.of("guest", "c")]
    targets = templates.simultaneous_ring(given, phones=()).to_json_dict()["targets"]
    assert [next(iter(target["identity"])) for target in targets] == ["user", "user", "guest"]


def test_optional_fields_can_be_left_out():
    body = templates.peer_to_peer(language_id=None, region=None, tenant_id=None).to_json_dict()
    assert "tenantId" not in body
    assert set(body["source"]) == {"identity"}


def test_join_url_sets_chat_and_meeting():
    url = (
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_abc%40thread.v2/5"
        "?context=%7b%22Tid%22%3a%22tenant%22%2c%22Oid%22%3a%22organizer%22%7d"
    )
    body = templates.meet_now(join_url=url).to_json_dict()
    assert body["chatInfo"] == {"threadId": "19:meeting_abc@thread.v2", "messageId": "5"}
    assert body["meetingInfo"]["organizer"]["user"] == {"id": "organizer", "tenantId": "tenant"}
