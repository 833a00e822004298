"""Shared content, audio routes and reports of a bot: what belongs to a call besides operations and participants."""

import json
from pathlib import Path

import pytest

from graphcall_nb import Scenario
from graphcall_nb.simulator import SimulatorOptions

from .published_operations import DETECTION, ONE_TO_ONE

PATHS = {
    "v1.0": "/v1.0/communications/calls",
    "beta": "/beta/communications/calls",
    "beta-2018": "/beta/app/calls",
}
BOTH = pytest.mark.parametrize("form", ["wire", "pages"])
OPTIONS = {"@odata.type": "#microsoft.graph.outgoingCallOptions", "isContentSharingNotificationEnabled": True}
PEOPLE = [{"identity": {"user": {"id": f"{n * 8}-0000-4000-8000-000000000000"}}} for n in "ab"]
PUBLISHED = Path(__file__).parent.parent / "samples/v1.0/operations/content_sharing.json"


class Resources:
    """An established call in virtual time, and requests below its path."""

    def __init__(self, service, url):
        self.service, self.url = service, url

    async def request(self, method, path, body=None):
        return await self.service.graph.request(method, f"{self.url}/{path}", json=body)

    async def get(self, path):
        return (await self.request("GET", path)).json()

    async def get_other(self):
        """Return the first participant who is not the bot."""
        listed = (await self.get("participants"))["value"]
        return next(each for each in listed if "user" in each["info"]["identity"])

    def list_items(self, tail):
        items = self.service.receiver.items
        return [each for each in items if (each.get("resourceUrl") or each["resource"]).endswith(tail)]

    def list_changes(self):
        return [each["changeType"] for each in self.list_items("/contentsharingsessions")]


@pytest.fixture
def establish(start_virtual):
    async def established(version="v1.0", seconds=30, options=None, call_options=OPTIONS, **settings):
        service = await start_virtual(options=options, **settings)
        body = {
            "callbackUri": service.receiver.url,
            "targets": PEOPLE,
            "requestedModalities": ["audio"],
            "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
            "meetingInfo": {"@odata.type": "#microsoft.graph.organizerMeetingInfo", "organizer": PEOPLE[0]["identity"]},
            "chatInfo": {"threadId": "19:x@thread.v2"},
            "callOptions": call_options,
        }
        response = await service.graph.post(PATHS[version], json=body)
        await service.simulator.advance(seconds)
        return Resources(service, response.headers["location"])

    return established


@BOTH
async def test_shared_content_is_notified_as_published(establish, form):
    call = await establish(scenario="content_shared", options=SimulatorOptions(form=form))
    sent = call.list_items("/contentsharingsessions")
    bodies = json.loads(PUBLISHED.read_text())["exchanges"][0]["notifications"]
    published = [item for body in bodies for item in body["value"]]
    assert [each["changeType"] for each in sent] == [each["changeType"] for each in published]
    assert len({each["resourceData"][0]["id"] for each in sent}) == 1
    for mine, theirs in zip(sent, published, strict=True):
        assert mine["resourceData"][0].keys() == theirs["resourceData"][0].keys()
        assert len(mine["resourceData"][0]["id"]) == len(theirs["resourceData"][0]["id"])


@pytest.mark.parametrize("options", [None, {}, {"isContentSharingNotificationEnabled": False}])
async def test_shared_content_is_not_notified_without_the_option(establish, options):
    call = await establish(scenario="content_shared", call_options=options)
    assert call.list_changes() == []


async def test_shared_content_is_listed_while_it_is_shared(establish):
    call = await establish(scenario="content_shared", seconds=6)
    listed = await call.get("contentSharingSessions")
    assert listed["@odata.context"].endswith("/contentSharingSessions")
    (session,) = listed["value"]
    assert await call.get(f"contentSharingSessions/{session['id'].lower()}") == session
    await call.service.simulator.advance(30)
    assert (await call.get("contentSharingSessions"))["value"] == []
    assert (await call.request("GET", f"contentSharingSessions/{session['id']}")).status_code == 404


async def test_bot_shares_and_stops(establish):
    call = await establish()
    for role in ("sharer", "sharer", "viewer", "viewer", "Sharer"):
        assert (await call.request("POST", "changeScreenSharingRole", {"role": role})).status_code == 202
    await call.service.simulator.advance(1)
    assert call.list_changes() == ["created", "updated", "deleted", "created"]


async def test_content_is_shared_until_its_presenter_leaves(establish):
    steps = [{"event": "connect"}, {"event": "join"}, {"event": "share"}, {"event": "leave", "numbers": [1]}]
    call = await establish(scenario=Scenario.from_dict({"steps": steps}))
    assert call.list_changes() == ["created", "deleted"]


async def test_other_content_ends_only_with_its_presenter(establish):
    steps = [
        {"event": "connect"},
        {"event": "join"},
        {"event": "share", "numbers": [2]},
        {"event": "leave", "numbers": [1]},
    ]
    call = await establish(scenario=Scenario.from_dict({"steps": [*steps, {"event": "unshare", "numbers": [1]}]}))
    assert call.list_changes() == ["created"]


@pytest.mark.parametrize(("version", "created"), [("v1.0", 200), ("beta", 200), ("beta-2018", 201)])
async def test_audio_routing_group_is_created_read_changed_and_deleted(establish, version, created):
    call = await establish(version)
    response = await call.request("POST", "audioRoutingGroups", ONE_TO_ONE)
    assert (response.status_code, response.json()) == (created, ONE_TO_ONE)
    assert (await call.get("audioRoutingGroups"))["value"] == [ONE_TO_ONE]
    changed = ONE_TO_ONE | {"receivers": ["550f", "72f9"]}
    response = await call.request("PATCH", "audioRoutingGroups/oneToOne", {"receivers": changed["receivers"]})
    assert (response.status_code, response.json()) == (200, changed)
    assert await call.get("audioRoutingGroups/oneToOne") == changed
    assert (await call.request("DELETE", "audioRoutingGroups/oneToOne")).status_code == 204
    assert (await call.request("GET", "audioRoutingGroups/oneToOne")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sources": ["a", "b"]}, "sources has 2 entries"),
        ({"sources": []}, "sources is empty"),
        ({"routingMode": "broadcast"}, "routingMode is 'broadcast'"),
        ({"receivers": None}, "receivers is missing"),
        ({"receivers": ["a", "b"]}, "send routingMode multicast"),
        ({}, "id 'oneToOne' is in use"),
    ],
)
async def test_invalid_audio_routing_group_is_refused(establish, changes, named):
    call = await establish()
    await call.request("POST", "audioRoutingGroups", ONE_TO_ONE)
    body = ONE_TO_ONE | {"id": "other"} | changes if changes else ONE_TO_ONE
    response = await call.request("POST", "audioRoutingGroups", body)
    assert (response.status_code, named in response.text) == (400, True), response.text


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "audioRoutingGroups/x"), ("DELETE", "audioRoutingGroups/x"), ("GET", "nothing")]
)
async def test_unknown_item_is_not_found(establish, method, path):
    call = await establish()
    assert (await call.request(method, path, {} if method == "PATCH" else None)).status_code == 404


@pytest.mark.parametrize("version", ["beta", "beta-2018"])
async def test_metadata_is_shown_by_the_roster(establish, version):
    call = await establish(version)
    response = await call.request("POST", "updateMetadata", {"metadata": "language=en", "clientContext": "x"})
    assert (response.status_code, response.json()["status"]) == (200, "completed")
    shown = [each["metadata"] for each in (await call.get("participants"))["value"] if "metadata" in each]
    notified = [each["metadata"] for each in call.list_items("/participants")[-1]["resourceData"] if "metadata" in each]
    assert shown == notified == ["language=en"]


@BOTH
async def test_report_of_synthetic_media_is_shown_by_the_roster(establish, form):
    call = await establish("beta", options=SimulatorOptions(form=form))
    other = await call.get_other()
    for confidence in (0.5, 0.92):
        report = DETECTION | {"overallConfidence": confidence}
        assert (await call.request("POST", f"participants/{other['id']}/reportSyntheticMedia", report)).is_success
    found = (await call.get_other())["syntheticMediaDetection"]
    assert (found["detectionId"], found["syntheticConfidence"]) == (DETECTION["id"], 0.92)
    roster = call.list_items("/participants")[-1]["resourceData"]
    assert [each["syntheticMediaDetection"] for each in roster if "syntheticMediaDetection" in each] == [found]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"id": "7"}, "give a GUID"),
        ({"overallConfidence": 1.5}, "must be between 0 and 1"),
        ({"overallConfidence": True}, "must be a number"),
        ({"isMalicious": None}, "isMalicious is missing"),
        ({"detections": None}, "detections is missing"),
        ({"severity": "extreme"}, "use one of low, medium, high"),
    ],
)
async def test_invalid_report_is_refused(establish, changes, named):
    call = await establish("beta")
    path = f"participants/{(await call.get_other())['id']}/reportSyntheticMedia"
    response = await call.request("POST", path, DETECTION | changes)
    assert (response.status_code, named in response.text) == (400, True), response.text


async def test_report_needs_its_permission(establish):
    roles = ["Calls.JoinGroupCall.All", "Calls.InitiateGroupCall.All"]
    call = await establish("beta", roles=roles)
    path = f"participants/{(await call.get_other())['id']}/reportSyntheticMedia"
    response = await call.request("POST", path, DETECTION)
    assert (response.status_code, "Calls.ReportSyntheticMedia.All" in response.text) == (403, True)


@pytest.mark.parametrize("version", PATHS)
async def test_device_quality_is_accepted(service, version):
    quality = {"quality": {"deviceName": "TestAgent", "mediaQualityList": [{"channelIndex": 1}]}}
    for name in ("logTeleconferenceDeviceQuality", "microsoft.graph.logTeleconferenceDeviceQuality"):
        path = PATHS[version] + "/" + name
        assert (await service.graph.post(path, json=quality)).status_code == 200
        assert (await service.graph.post(path, json={})).status_code == 400


async def test_device_quality_needs_its_permission(start_service):
    service = await start_service(roles=["Calls.Initiate.All"])
    response = await service.graph.post(PATHS["v1.0"] + "/logTeleconferenceDeviceQuality", json={"quality": {}})
    assert (response.status_code, "Calls.AccessMedia.All" in response.text) == (403, True)
