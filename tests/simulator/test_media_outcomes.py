"""Ends of prompts, recordings and sent tones, as the scenario wants them."""

import pytest

from graphcall_nb.simulator import Scenario

CALLS = "/v1.0/communications/calls"
PROMPT = {"@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {"uri": "https://cdn.contoso.com/beep.wav"}}
RECORD = {"maxRecordDurationInSeconds": 60, "maxSilenceTimeoutInSeconds": 3, "stopTones": ["#", "11"]}
PLAY = {"prompts": [PROMPT]}


async def establish(start_virtual, scenario):
    service = await start_virtual(scenario=scenario)
    call = {
        "callbackUri": service.receiver.url,
        "targets": [{"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}],
        "requestedModalities": ["audio"],
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
        "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
    }
    call_id = (await service.graph.post(CALLS, json=call)).json()["id"]
    await service.simulator.advance(10)
    return service, call_id


def find_end(service):
    """Return the operation that ended last."""
    ended = [item["resourceData"] for item in service.receiver.items if "/operations/" in item["resource"]]
    return ended[-1] if ended else {}


@pytest.mark.parametrize(
    ("scenario", "action", "body", "seconds", "status", "result"),
    [
        ("prompt_invalid", "playPrompt", PLAY, 1, "failed", (400, 8535)),
        ("prompt_not_found", "playPrompt", PLAY, 1, "failed", (400, 8536)),
        ("recording_stop_tone", "recordResponse", RECORD, 2, "completed", (200, 8514)),
        ("recording_initial_silence", "recordResponse", RECORD, 5, "failed", (400, 8509)),
        ("recording_max_silence", "recordResponse", RECORD, 5, "completed", (200, 8510)),
        ("recording_failed", "recordResponse", RECORD, 2, "failed", (500, 8513)),
        ("answered", "recordResponse", RECORD, 60, "completed", (200, 8515)),
        ("recording_stop_tone", "recordResponse", {}, 5, "completed", (200, 8515)),
    ],
)
async def test_media_ends_as_the_scenario_wants(start_virtual, scenario, action, body, seconds, status, result):
    service, call_id = await establish(start_virtual, scenario)
    await service.graph.post(f"{CALLS}/{call_id}/{action}", json=body)
    await service.simulator.advance(seconds)
    end = find_end(service)
    assert (end["status"], end["resultInfo"]["code"], end["resultInfo"]["subcode"]) == (status, *result)
    assert ("recordingLocation" in end) == (action == "recordResponse" and status == "completed")


@pytest.mark.parametrize(("tones", "subcode"), [(["pound"], 8514), (["tone1", "tone1"], 8514), (["tone1"], None)])
async def test_pressed_stop_tone_ends_a_recording(start_virtual, tones, subcode):
    service, call_id = await establish(start_virtual, "answered")
    await service.graph.post(f"{CALLS}/{call_id}/recordResponse", json=RECORD)
    await service.simulator.press(call_id, *tones)
    await service.simulator.advance(1)
    assert find_end(service).get("resultInfo", {}).get("subcode") == subcode


async def test_sent_tones_end_with_a_reason(start_virtual):
    service, call_id = await establish(start_virtual, "answered")
    await service.graph.post(f"{CALLS}/{call_id}/sendDtmfTones", json={"tones": ["tone1"]})
    await service.simulator.advance(5)
    assert find_end(service)["completionReason"] == "completedSuccessfully"


async def test_failed_prompt_does_not_keep_the_next_one_waiting(start_virtual):
    service, call_id = await establish(start_virtual, Scenario(prompt_failure="invalid_prompt"))
    for context in ("a", "b"):
        await service.graph.post(f"{CALLS}/{call_id}/playPrompt", json=PLAY | {"clientContext": context})
    await service.simulator.advance(5)
    assert find_end(service)["clientContext"] == "b"


def test_unknown_end_names_the_remedy():
    with pytest.raises(ValueError, match="did you mean 'stop_tone'"):
        Scenario(recording_end="stop_ton")
