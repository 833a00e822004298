import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.errors import ConsentMissing, GraphError, NotFound, Throttled, Unauthorized
from graphcall_nb.graph import templates
from graphcall_nb.graph.base import redact
from graphcall_nb.graph.models import Call, ResultInfo
from graphcall_nb.graph.requests import (
    MAX_ATTEMPTS,
    MAX_RETRY_PAUSE_SECONDS,
    create_request,
    get_request,
    pause_before_retry,
    permission_for,
    read_error,
)
from graphcall_nb.graph.versions import BETA_2018, V1, get_version

REQUEST = create_request(BETA_2018, templates.peer_to_peer())


def error_of(status, body=b"{}", request=REQUEST, **headers):
    return read_error(request, status, {k.replace("_", "-"): v for k, v in headers.items()}, body, "mine")


def test_both_paths_of_the_document():
    assert REQUEST.path == "/beta/app/calls"
    assert create_request(BETA_2018, Call(), "8A34").path == "/beta/applications/8A34/calls"


def test_ids_cannot_leave_their_place_in_the_path():
    assert get_request(BETA_2018, "../x?y").path == "/beta/app/calls/..%2Fx%3Fy"


@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_documented_calls_are_sent_unchanged(name):
    call = templates.ALL[name].build()
    assert create_request(BETA_2018, call).body == call.to_json_dict()


def test_server_generated_fields_are_never_sent():
    call = Call(subject="x", state="established", id="1", result_info=ResultInfo(code=200), answered_by=None)
    call = Call.from_json_dict(call.to_json_dict() | {"callRoutes": [], "@odata.etag": "W"})
    assert create_request(BETA_2018, call).body == {"subject": "x"}


def test_unknown_version_names_the_known_ones():
    with pytest.raises(ValueError, match="choose from: beta"):
        get_version("v0.9")


@pytest.mark.parametrize(
    ("template", "permission"),
    [
        ("peer_to_peer", "Calls.Initiate.All"),
        ("peer_to_peer_app_hosted", "Calls.Initiate.All with Calls.AccessMedia.All"),
        ("group_call", "Calls.InitiateGroupCall.All"),
        ("simultaneous_ring", "Calls.Initiate.All"),
        (
            "join_private_meeting",
            "Calls.JoinGroupCall.All or Calls.JoinGroupCallAsGuest.All or Calls.JoinGroupCalls.Chat",
        ),
    ],
)
def test_permission_by_kind_of_call(template, permission):
    assert permission_for(templates.ALL[template].build(), BETA_2018) == permission


def test_several_targets_are_a_group_call_in_v1():
    assert permission_for(templates.simultaneous_ring(), V1) == "Calls.InitiateGroupCall.All"


@pytest.mark.parametrize(
    ("status", "headers", "tries", "pause"),
    [
        (429, {"retry-after": "7"}, 1, 7.0),
        (503, {"retry-after": "0"}, 1, 0.0),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"}, 1, 60.0),
        (429, {}, 1, 1.0),
        (429, {}, 3, 4.0),
        (503, {}, 1, None),
        (429, {"retry-after": "7"}, MAX_ATTEMPTS, None),
        (429, {"retry-after": "3600"}, 1, None),
        (500, {"retry-after": "1"}, 1, None),
        (400, {}, 1, None),
    ],
)
def test_pause_before_a_retry(status, headers, tries, pause):
    assert pause_before_retry(status, headers, tries, now=40.0) == pause


@pytest.mark.slow
@given(st.integers(100, 599), st.text(), st.integers(1, 9))
def test_a_pause_is_never_negative_nor_long(status, header, tries):
    pause = pause_before_retry(status, {"retry-after": header}, tries, 0.0)
    assert pause is None or 0 <= pause <= MAX_RETRY_PAUSE_SECONDS


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, GraphError),
        (401, Unauthorized),
        (403, ConsentMissing),
        (404, NotFound),
        (429, Throttled),
        (500, GraphError),
    ],
)
def test_each_status_has_its_error(status, kind):
    assert type(error_of(status)) is kind


def test_503_with_retry_after_is_throttling():
    assert error_of(503, retry_after="9").retry_after == 9.0


def test_error_shows_the_request_ids():
    body = {"error": {"code": "BadRequest", "message": "No targets.", "innerError": {"request-id": "theirs"}}}
    error = error_of(400, json.dumps(body).encode())
    assert (error.code, error.graph_message, error.request_id) == ("BadRequest", "No targets.", "theirs")
    assert "mine" in str(error)


def test_missing_consent_names_the_permission():
    error = error_of(403)
    assert error.permission == "Calls.Initiate.All"
    assert "Add Calls.Initiate.All to the application" in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": null}'])
def test_error_with_a_body_that_is_not_graphs(body):
    assert "502" in str(error_of(502, body))


def test_secrets_are_redacted_at_any_depth():
    body = {"meetingInfo": {"token": "t0p"}, "list": [{"passcode": "123"}], "mediaConfig": {"blob": "b", "token": None}}
    redacted = redact(body)
    assert redacted == {
        "meetingInfo": {"token": "***"},
        "list": [{"passcode": "***"}],
        "mediaConfig": {"blob": "***", "token": None},
    }
