"""Methods of a call for shared content, audio routes and reports, against a simulator in virtual time."""

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import IllegalAction, InvalidCall, NotFound
from graphcall_nb.graph.models import CallOptions

OPTIONS = CallOptions(is_content_sharing_notification_enabled=True)
REPORT = {
    "overall_confidence": 0.9,
    "is_malicious": True,
    "content_metadata": {"modality": "audio"},
    "detections": [{"modelName": "Detector", "confidence": 0.9}],
}


@pytest.fixture(scope="module")
def session():
    with gc.simulate(version="beta", virtual_time=True, scenario="content_shared") as made:
        yield made


@pytest.fixture(scope="module")
def call(session):
    """Return an established group call in which content is shared."""
    made = session.create_call(gc.templates.group_call().model_copy(update={"call_options": OPTIONS}))
    session.simulator.advance(6)
    return made


def test_shared_content_is_read(session, call):
    (shared,) = call.content_sharing_sessions()
    assert call.content_sharing_session(shared.id) == shared
    entities = session.notifications().query("entity == 'contentSharingSessions'")
    assert entities["change_type"].tolist() == ["created"]
    with pytest.raises(NotFound):
        call.content_sharing_session("unknown")


def test_audio_route_is_created_changed_and_removed(call):
    group = call.create_audio_routing_group("a", "b", id="private")
    assert (group.id, group.routing_mode) == ("private", "oneToOne")
    assert call.update_audio_routing_group("private", routing_mode="multicast", receivers=["b", "c"]).sources == ["a"]
    assert call.audio_routing_groups() == [call.audio_routing_group("private")]
    call.delete_audio_routing_group("private")
    assert call.audio_routing_groups() == []
    assert call.create_audio_routing_group("a", ["b", "c"]).routing_mode == "multicast"


@pytest.mark.parametrize(("sources", "receivers"), [([], ["b"]), (["a", "c"], ["b"]), ("a", [])])
def test_audio_route_with_a_wrong_number_of_participants_is_not_sent(session, call, sources, receivers):
    sent = len(session.journal.read_requests())
    with pytest.raises(InvalidCall, match=r"sources|receivers"):
        call.create_audio_routing_group(sources, receivers)
    assert len(session.journal.read_requests()) == sent


def test_report_and_metadata_reach_the_roster(call):
    other = next(each for each in call.participants() if each.info.identity.user)
    call.report_synthetic_media(other.id, **REPORT)
    assert call.participant(other.id).syntheticMediaDetection["syntheticConfidence"] == 0.9
    assert call.update_metadata("language=en").done
    assert "language=en" in {each.metadata for each in call.participants()}


@pytest.mark.parametrize("changes", [{"overall_confidence": 2.0}, {"severity": "extreme"}, {"is_malicious": "yes"}])
def test_invalid_report_is_not_sent(call, changes):
    with pytest.raises(InvalidCall):
        call.report_synthetic_media("x", **REPORT | changes)


def test_device_quality_is_sent_with_the_participant(session, call):
    call.log_teleconference_device_quality({"deviceName": "TestAgent"})
    request = session.journal.read_requests()[-1]
    assert request.url.endswith("/calls/logTeleconferenceDeviceQuality")
    assert call.call.my_participant_id in request.request_body


def test_beta_operations_are_refused_in_v1():
    with gc.simulate(version="v1.0", virtual_time=True) as session:
        call = session.create_call(gc.templates.group_call())
        session.simulator.advance(10)
        for send in (call.update_metadata, lambda: call.report_synthetic_media("x", **REPORT)):
            with pytest.raises(IllegalAction, match="use version beta"):
                send()
