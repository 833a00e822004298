"""Verification of requests, and control requests that are refused."""

import json

import pytest

from graphcall_nb.errors import VerificationFailed
from graphcall_nb.simulator.message_log import MessageLog
from graphcall_nb.simulator.verification import find_differences, make_expectation, verify

PROMPT = {"clientContext": "x", "prompts": [{"mediaInfo": {"uri": "a.wav"}, "loop": 1}], "token": "s3cret"}


@pytest.fixture
def log():
    """Return a log of a created call, on which one prompt was played and another one refused."""
    log = MessageLog(lambda: 0.0)
    for operation, body, status in (("create", {}, 201), ("playPrompt", PROMPT, 200), ("playPrompt", {}, 429)):
        entry = log.start_request("POST", f"/v1.0/communications/calls/C-1/{operation}")
        entry.operation, entry.call_id, entry.status, entry.body = operation, "C-1", status, json.dumps(body).encode()
        log.finish_request(entry)
    return log


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({}, PROMPT),
        ({"prompts": [{"loop": 1}]}, PROMPT),
        ({"prompts": ({"loop": 1},)}, PROMPT),
        ({"missing": None}, PROMPT),
        ({"a": None}, {"a": None}),
        ([], []),
        (1, 1.0),
    ],
)
def test_part_of_a_value_matches(expected, actual):
    assert find_differences(expected, actual, actual) == []


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ({"clientContext": "X"}, "body.clientContext: expected 'X', got 'x'"),
        ({"client": "x"}, "body.client: expected 'x', but it is missing"),
        ({"prompts": []}, "body.prompts: expected 0 entries, got 1"),
        ({"prompts": {}}, "body.prompts: expected {}, got ["),
        ({"prompts": [{"loop": True}]}, "body.prompts[0].loop: expected True, got 1"),
        ({"prompts": [{"mediaInfo": {"uri": "b.wav"}}]}, "body.prompts[0].mediaInfo.uri: expected 'b.wav'"),
        ([], "body: expected [], got {"),
    ],
)
def test_difference_names_its_place(expected, path):
    (line,) = find_differences(expected, PROMPT, PROMPT)
    assert line.startswith(path)


@pytest.mark.parametrize(
    ("operation", "expected", "count"),
    [
        ("playPrompt", {}, 2),
        ("playprompt", {"times": 2, "call_id": "c-1"}, 2),
        ("playPrompt", {"times": 1, "status": 200}, 1),
        ("playPrompt", {"body": {"token": "s3cret"}}, 1),
        ("mute", {"times": 0}, 0),
    ],
)
def test_expected_requests_are_counted(log, operation, expected, count):
    assert verify(log, make_expectation(operation, **expected)) == count


@pytest.mark.parametrize(
    ("operation", "expected", "parts"),
    [
        ("playPrompt", {"times": 1}, ["received 2 times, expected once", "#2 POST", "#3 POST"]),
        ("playPrompt", {"body": {"clientContext": "y"}}, ["0 times", "Nearest request: #2", "expected 'y', got 'x'"]),
        ("playPrompt", {"call_id": "C-2"}, ["Nearest request: #3", "call_id: expected C-2, got C-1"]),
        ("playPrompt", {"status": 503}, ["status: expected 503, got 429"]),
        ("mute", {}, ["mute was received 0 times, expected at least once", "the operation is another one"]),
        ("create", {"times": 0}, ["received once, expected never", "#1"]),
        ("playPrompt", {"body": {"token": "other"}}, ["expected 'other', got '***'"]),
    ],
)
def test_failure_has_the_nearest_request(log, operation, expected, parts):
    with pytest.raises(VerificationFailed) as failure:
        verify(log, make_expectation(operation, **expected))
    assert [part for part in parts if part not in str(failure.value)] == []
    assert "s3cret" not in str(failure.value)


def test_failure_without_any_request_says_so():
    with pytest.raises(AssertionError, match="No other request was received"):
        verify(MessageLog(lambda: 0.0), make_expectation("create"))


@pytest.mark.parametrize(
    ("operation", "expected", "message"),
    [
        ("playPromt", {}, "did you mean 'playPrompt'"),
        (None, {}, "operation"),
        ("mute", {"times": -1}, "times is -1"),
        ("mute", {"times": True}, "times is True"),
        ("mute", {"status": "200"}, "status is '200'"),
        ("mute", {"call_id": 5}, "call_id"),
        ("mute", {"body": {1, 2}}, "not a JSON value"),
    ],
)
def test_invalid_expectation_names_the_field(operation, expected, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make_expectation(operation, **expected)


async def test_requests_are_verified_over_http(service):
    await service.create(subject="Hello")
    passed = await service.graph.post("/simulator/verify", json={"operation": "create", "body": {"subject": "Hello"}})
    assert passed.json() == {"count": 1}
    failed = await service.graph.post("/simulator/verify", json={"operation": "create", "times": 2})
    assert (failed.status_code, failed.json()["error"]["code"]) == (422, "VerificationFailed")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("ring", {"callbackUrl": "http://127.0.0.1/"}, "did you mean 'callbackUri'"),
        ("ring", {"callbackUri": "http://127.0.0.1/", "meeting": {"chatinfo": {}}}, "did you mean 'chatInfo'"),
        ("calls/x/press", {"tone": ["tone1"]}, "did you mean 'tones'"),
        ("calls/x/hangUp", {"reason": "x"}, "send an empty body"),
        ("verify", {"operation": "create", "callId": "x"}, "did you mean 'call_id'"),
        ("verify", {"times": 1}, "operation"),
        ("reset", {"calls": True}, "send an empty body"),
    ],
)
async def test_unknown_member_is_refused_with_the_probable_name(service, path, body, message):
    response = await service.graph.post(f"/simulator/{path}", json=body)
    assert (response.status_code, message in response.text) == (400, True), response.text


async def test_press_before_a_subscription_says_so(service):
    call_id = (await service.create()).json()["id"]
    response = await service.graph.post(f"/simulator/calls/{call_id}/press", json={"tones": ["tone1"]})
    assert (response.status_code, "send subscribeToTone first" in response.text) == (400, True)


async def test_press_in_an_ended_call_says_so(service):
    call_id = (await service.create()).json()["id"]
    await service.graph.delete(f"/beta/app/calls/{call_id}")
    await service.receiver.wait_for_state("terminated")
    with pytest.raises(ValueError, match="has ended"):
        await service.simulator.press(call_id, "tone1")
