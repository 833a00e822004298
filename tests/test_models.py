import json
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb import errors
from graphcall_nb.errors import InvalidCall
from graphcall_nb.graph.models import (
    AppHostedMediaConfig,
    Call,
    JoinMeetingIdMeetingInfo,
    MediaConfig,
    ParticipantInfo,
    ServiceHostedMediaConfig,
)
from graphcall_nb.graph.operations import Answer

SAMPLES = sorted((Path(__file__).parent / "samples" / "beta").glob("peer*.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_round_trip_of_documented_bodies(path):
    body = json.loads(path.read_text())
    assert Call.from_json_dict(body).to_json_dict() == body


def test_media_config_has_the_class_of_its_type():
    kinds = {"serviceHostedMediaConfig": ServiceHostedMediaConfig, "appHostedMediaConfig": AppHostedMediaConfig}
    for name, cls in kinds.items():
        call = Call.from_json_dict({"mediaConfig": {"@odata.type": f"#microsoft.graph.{name}"}})
        assert type(call.media_config) is cls


def test_unknown_media_config_survives():
    body = {"mediaConfig": {"@odata.type": "#microsoft.graph.newMediaConfig", "level": [1, {"a": None}]}}
    call = Call.from_json_dict(body)
    assert type(call.media_config) is MediaConfig
    assert call.to_json_dict() == body


def test_object_made_in_python_has_its_type():
    body = Call(media_config=AppHostedMediaConfig(blob="b")).to_json_dict()
    assert body == {"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "b"}}


def test_unset_fields_are_left_out_and_null_is_kept():
    assert Call(subject=None).to_json_dict() == {"subject": None}


def test_assignment_counts_as_set():
    call = Call()
    call.subject = "Later"
    assert call.to_json_dict() == {"subject": "Later"}


def test_unknown_field_with_a_python_name_is_kept_apart():
    body = {"callback_uri": 5, "requestedModalities": ["holographic"]}
    assert Call.from_json_dict(body).to_json_dict() == body


@pytest.mark.parametrize(
    ("body", "field", "word"),
    [
        ({"subject": 5}, "subject", "double quotes"),
        ({"targets": {}}, "targets", "square brackets"),
        ({"targets": ["x"]}, "targets[0]", "braces"),
        ({"ringingTimeoutInSeconds": "5"}, "ringingTimeoutInSeconds", "without quotes"),
        ({"mediaConfig": 3}, "mediaConfig", "braces"),
        (
            {"mediaConfig": {"@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": 4}},
            "mediaConfig.blob",
            "quotes",
        ),
    ],
)
def test_error_in_json_names_the_field(body, field, word):
    with pytest.raises(InvalidCall) as caught:
        Call.from_json_dict(body)
    ((found, advice),) = caught.value.problems
    assert found == field
    assert word in advice


@pytest.mark.parametrize(
    ("fields", "field", "word"),
    [
        ({"targets": "x"}, "targets", "square brackets"),
        ({"targets": ["x"]}, "targets[0]", "in Python: ParticipantInfo"),
        ({"ringing_timeout_in_seconds": "5"}, "ringing_timeout_in_seconds", "without quotes"),
        ({"target": []}, "target", "did you mean 'targets'?"),
        ({"callbackuri": ""}, "callbackuri", "did you mean 'callback_uri'?"),
        ({"colour": ""}, "colour", "its fields are callback_uri, source, targets"),
    ],
)
def test_error_in_python_names_the_field(fields, field, word):
    with pytest.raises(InvalidCall) as caught:
        Call(**fields)
    ((found, advice),) = caught.value.problems
    assert found == field
    assert word in advice


@pytest.mark.parametrize(("name", "value"), [("targets", "x"), ("target", [])])
def test_error_in_an_assignment_names_the_field(name, value):
    with pytest.raises(InvalidCall, match=name):
        setattr(Call(), name, value)


def test_unknown_field_that_was_read_can_be_changed():
    call = Call.from_json_dict({"newInGraph": 1})
    call.newInGraph = 2
    assert call.to_json_dict() == {"newInGraph": 2}


def test_unknown_kind_of_participant_is_named():
    with pytest.raises(InvalidCall, match="did you mean 'user'"):
        ParticipantInfo.of("usr", "550fae72")


def test_graph_names_are_accepted():
    assert Call(callbackUri="https://bot.example").callback_uri == "https://bot.example"


def test_signature_has_python_names_and_types():
    for _ in range(2):  # before and after the model is built
        parameters = signature(Call).parameters
        assert list(parameters)[:3] == ["callback_uri", "source", "targets"]
        assert list(parameters)[-1] == "odata_type"
        assert parameters["targets"].annotation == "list[ParticipantInfo] | None"
        Call()


def test_completion_shows_fields_and_own_methods():
    offered = {name for name in dir(Call()) if not name.startswith("_")}
    assert offered == {*Call.model_fields, "from_json_dict", "to_json_dict"}


def test_completion_of_errors_shows_errors_only():
    assert all(issubclass(getattr(errors, name), Exception) for name in dir(errors))


def test_errors_do_not_repeat_values():
    with pytest.raises(InvalidCall) as caught:
        Call.from_json_dict({"meetingInfo": {"@odata.type": "#microsoft.graph.tokenMeetingInfo", "token": [b"secret"]}})
    assert "secret" not in str(caught.value)


def test_label_of_a_participant():
    assert ParticipantInfo.of("phone", "+1", display_name="Desk").label == "Desk"
    assert ParticipantInfo.of("phone", "+1").label == "+1"
    assert ParticipantInfo.from_json_dict({"identity": {"onPremises": {"id": "x"}}}).label == "x"
    assert ParticipantInfo().label == ""


def test_secrets_are_not_shown():
    secrets = ["t0p", "1234567", "c5d1" * 10]
    call = Call.from_json_dict(
        {
            "callbackUri": f"https://bot.example/{secrets[2]}",
            "meetingInfo": {"@odata.type": "#microsoft.graph.tokenMeetingInfo", "token": secrets[0]},
        }
    )
    by_id = JoinMeetingIdMeetingInfo(join_meeting_id="1", passcode=secrets[1])
    answer = Answer(callback_uri=call.callback_uri)
    shown = f"{call!r} {call} {call._repr_html_()} {call.meeting_info!r} {by_id!r} {answer!r} {answer}"
    assert [secret for secret in secrets if secret in shown] == []


def test_callback_without_a_secret_is_shown():
    assert "https://bot.contoso.com/api/calls" in Call(callback_uri="https://bot.contoso.com/api/calls")._repr_html_()


def test_html_of_a_call_is_escaped():
    html = Call(subject="<img src=x onerror=alert(1)>")._repr_html_()
    assert "<img" not in html


ids = st.text(max_size=12)
identities = st.fixed_dictionaries({}, optional={"id": ids, "displayName": st.none() | ids, "odd": st.booleans()})
participants = st.fixed_dictionaries(
    {"identity": st.dictionaries(st.sampled_from(["user", "phone", "guest", "onPremises"]), identities, max_size=2)},
    optional={"languageId": ids, "replacesCallId": st.none() | ids},
)
calls = st.fixed_dictionaries(
    {},
    optional={
        "targets": st.none() | st.lists(participants, max_size=3),
        "source": participants,
        "requestedModalities": st.lists(ids, max_size=3),
        "ringingTimeoutInSeconds": st.integers() | st.none(),
        "chatInfo": st.fixed_dictionaries({}, optional={"threadId": ids, "replyChainMessageId": st.none()}),
        "resultInfo": st.fixed_dictionaries({}, optional={"code": st.integers() | ids, "subCode": ids}),
        "state": ids,
    },
)


@given(calls)
def test_round_trip_is_exact(body):
    assert Call.from_json_dict(body).to_json_dict() == body
