"""Microsoft's published examples are read without loss: bodies by the models, notifications by the listener."""

import json
from pathlib import Path

import pytest

from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph.models import Call, Participant
from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.graph.operations import ACTIONS, Operation
from graphcall_nb.graph.parse import parse_call
from graphcall_nb.graph.versions import VERSIONS

SAMPLES = Path(__file__).parent / "samples"
EXCHANGES = {
    f"{path.relative_to(SAMPLES)}-{number}": (path.parts[-3].removesuffix("-today"), exchange)
    for path in sorted(SAMPLES.glob("*/operations/*.json"))
    for number, exchange in enumerate(json.loads(path.read_text())["exchanges"])
}
# The client does not configure the mixer.
REQUESTS = {name: pair for name, pair in EXCHANGES.items() if pair[1]["request"] and pair[1]["operation"] in ACTIONS}
RESPONSES = [exchange["response"] for _, exchange in EXCHANGES.values() if exchange["response"]]
ITEMS = {
    f"{name}-{number}": item
    for name, (_, exchange) in EXCHANGES.items()
    for number, body in enumerate(exchange["notifications"])
    for item in body["value"]
}
CREATES = sorted(SAMPLES.glob("*/*.re*.json"))


# The body of an early page, with a field that was renamed before the API was public, so a required one is missing; and
# a body that lists all values of a field, as the table of its page does.
UNUSABLE = {name: "callbackUri" for name, (_, exchange) in REQUESTS.items() if "callback" in exchange["request"]}
UNUSABLE |= {name: "status" for name, (_, exchange) in REQUESTS.items() if "|" in exchange["request"].get("status", "")}


def read_action(exchange):
    """Return the action of a published request; the page's path has the id of the participant."""
    return ACTIONS[exchange["operation"]].from_json_dict(exchange["request"] | {"participant_id": "1"})


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - UNUSABLE.keys()))
def test_request_survives_the_model(name):
    exchange = REQUESTS[name][1]
    action = ACTIONS[exchange["operation"]]
    ids = {"participant_id": "1"} if "participant_id" in action.model_fields else {}
    assert action.from_json_dict(exchange["request"] | ids).to_json_dict() == exchange["request"]


@pytest.mark.parametrize("name", UNUSABLE)
def test_request_that_cannot_be_sent_names_the_field(name):
    with pytest.raises(InvalidCall) as caught:
        read_action(REQUESTS[name][1])
    assert [field for field, _ in caught.value.problems] == [UNUSABLE[name]]


@pytest.mark.parametrize("name", sorted(REQUESTS.keys() - UNUSABLE.keys()))
def test_request_is_within_the_limits_of_its_version(name):
    version, exchange = REQUESTS[name]
    assert VERSIONS[version].write_action(read_action(exchange))


@pytest.mark.parametrize("body", RESPONSES, ids=lambda body: body.get("@odata.type", "operation"))
def test_response_survives_the_model(body):
    assert Operation.from_json_dict(body).to_json_dict() == body


@pytest.mark.parametrize("path", CREATES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_call_survives_model_and_parser(path):
    body = json.loads(path.read_text())
    assert Call.from_json_dict(body).to_json_dict() == body
    assert parse_call(path.read_text()).to_json_dict() == body


@pytest.mark.parametrize("path", sorted((SAMPLES / "v1.0").glob("*.request.json")), ids=lambda path: path.stem)
def test_published_call_of_v1_is_sent_unchanged(path):
    body = json.loads(path.read_text())
    body.pop("direction", None)  # of which the page says that the service sets it
    body.get("mediaConfig", {}).pop("removeFromDefaultAudioGroup", None)  # which the version does not know
    sent = VERSIONS["v1.0"].write_call(Call.from_json_dict(body))
    assert _without_types(sent) == _without_types(body)


def _without_types(value):
    if isinstance(value, dict):
        return {name: _without_types(inner) for name, inner in value.items() if name != "@odata.type"}
    return [_without_types(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ITEMS)
def test_published_notification_is_read_completely(name):
    item, data = ITEMS[name], ITEMS[name]["resourceData"]
    (read,) = read_notifications(json.dumps({"value": [item]}))
    assert json.loads(read.raw) == item
    assert read.call_id in (item.get("resourceUrl") or item["resource"])
    assert read.change_type == item["changeType"]
    if isinstance(data, dict) and read.entity == "call":
        assert read.state == data.get("state", data.get("callState"))
        assert Call.from_json_dict(data).to_json_dict() == data
    if read.entity == "operation":
        assert Operation.from_json_dict(data).to_json_dict() == data
    if read.entity == "participants":
        assert [Participant.from_json_dict(one).to_json_dict() for one in data] == data


def test_result_codes_are_numbers_in_each_version():
    results = {
        item["resourceData"]["resultInfo"]["message"]: read_notifications(json.dumps({"value": [item]}))[0][10:12]
        for item in ITEMS.values()
        if isinstance(item["resourceData"], dict) and "message" in item["resourceData"].get("resultInfo", {})
    }
    assert results["The conversation has ended."] == (200, 5001)
    assert results["GracefulTransferCompleted"] == (0, 7015)
    assert results["<message>"] == (500, 7700)


def test_early_names_of_beta_are_read():
    first, _, ended, gone = (ITEMS[f"beta/operations/redirect.json-0-{number}"] for number in range(4))
    read = read_notifications(json.dumps({"value": [first, ended, gone]}))
    assert [one.state for one in read] == ["incoming", "terminated", None]
    assert read[1].answered_by == "Test User 2"


def test_roster_under_another_path_is_a_roster():
    kinds = {
        read_notifications(json.dumps({"value": [item]}))[0].entity
        for item in ITEMS.values()
        if isinstance(item["resourceData"], list) and "participant" in json.dumps(item["resourceData"])
    }
    assert kinds == {"participants"}
