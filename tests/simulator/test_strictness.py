"""Requests that Graph refuses, and those that only a strict simulator refuses because a page restricts them."""

import json

import pytest

from graphcall_nb.simulator import SimulatorOptions

from . import published_operations as published
from .test_operations import PATHS
from .test_versions import make_body

VERSIONS = pytest.mark.parametrize(("version", "is_lenient"), [("v1.0", False), ("beta", False), ("beta-2018", True)])
ORGANIZER = {"organizer": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}
JSON = {"Content-Type": "application/json"}
OTHER_APPLICATION = "a4d3c2b1-0000-4000-8000-000000000001"
STRICT = SimulatorOptions(strict=True)
TARGET = {"transferTarget": {"identity": published.HEIDI}}


@pytest.fixture
def establish(start_virtual):
    """Return a function that establishes a call in virtual time, and returns the service and the URL of the call."""

    async def establish(name="peer_to_peer", **settings):
        service = await start_virtual(**settings)
        response = await service.graph.post(PATHS["v1.0"], json=make_body(service, name))
        await service.simulator.advance(5)
        return service, response.headers["location"]

    return establish


@VERSIONS
async def test_meeting_without_a_type_cannot_be_created(start_virtual, version, is_lenient):
    service = await start_virtual()
    response = await service.graph.post(PATHS[version], json=make_body(service, "join_meeting", meetingInfo=ORGANIZER))
    assert (response.status_code, "meetingInfo.@odata.type" in response.text) == (
        (201, False) if is_lenient else (400, True)
    )


@VERSIONS
@pytest.mark.parametrize("path", ["", "/mute"])
async def test_trailing_commas_are_not_json(start_virtual, version, is_lenient, path):
    service = await start_virtual()
    created = await service.graph.post(PATHS[version], json=make_body(service))
    await service.simulator.advance(5)
    body = json.dumps({"clientContext": "mine"} if path else make_body(service))[:-1] + ",}"
    url = created.headers["location"] + path if path else PATHS[version]
    response = await service.graph.post(url, content=body, headers=JSON)
    assert (response.is_success, "Unable to read JSON" in response.text) == (is_lenient, not is_lenient)


@pytest.mark.parametrize(
    ("method", "tail"), [("POST", ""), ("GET", "/{id}"), ("DELETE", "/{id}"), ("POST", "/{id}/mute")]
)
async def test_path_of_another_application_is_refused(start_virtual, method, tail):
    service = await start_virtual()
    id_ = (await service.create()).json()["id"]
    path = f"/beta/applications/{OTHER_APPLICATION}/calls{tail.format(id=id_)}"
    response = await service.graph.request(method, path, json=service.call() if method == "POST" else None)
    assert (response.status_code, OTHER_APPLICATION in response.text) == (403, True)


async def test_own_application_may_be_in_capitals(start_virtual):
    service = await start_virtual()
    path = f"/beta/applications/{service.info['client_id'].upper()}/calls"
    assert (await service.graph.post(path, json=service.call())).status_code == 201


@pytest.mark.parametrize(
    ("name", "more", "status"),
    [
        ("peer_to_peer", {}, 202),
        ("group_call", {}, 400),
        ("group_call", {"transferee": {"identity": {}}}, 400),
        ("group_call", {"transferee": {"identity": published.HEIDI}}, 202),
        ("join_meeting", {}, 400),
    ],
)
async def test_transfer_from_a_group_call_needs_a_transferee(establish, name, more, status):
    service, url = await establish(name)
    response = await service.graph.post(f"{url}/transfer", json=TARGET | more)
    assert (response.status_code, "transferee" in response.text) == (status, status == 400)


async def test_second_transfer_at_once_is_refused(establish):
    service, url = await establish()
    responses = [await service.graph.post(f"{url}/transfer", json=TARGET) for _ in range(2)]
    assert [each.status_code for each in responses] == [202, 400]
    assert responses[1].json()["error"]["code"] == "8501"


@pytest.mark.parametrize(
    ("name", "path", "refusal"),
    [
        ("peer_to_peer", "mute", "group calls"),
        ("peer_to_peer", "unmute", "group calls"),
        ("peer_to_peer", "addLargeGalleryView", ""),
        ("peer_to_peer", "subscribeToTone", ""),
        ("group_call", "mute", ""),
        ("group_call", "changeScreenSharingRole", "host their own media"),
        ("group_call_app_hosted", "changeScreenSharingRole", ""),
    ],
)
async def test_strict_simulator_refuses_what_the_page_restricts(establish, name, path, refusal):
    service, url = await establish(name, options=STRICT)
    response = await service.graph.post(f"{url}/{path}", json=dict(published.TALKING)[path])
    assert (response.is_success, refusal in response.text) == (not refusal, True)


@pytest.mark.parametrize(("path", "status"), [("playPrompt", 200), ("keepAlive", 200), ("recordResponse", 403)])
async def test_strict_simulator_checks_the_permissions_that_a_page_checks(establish, path, status):
    """Most pages say that permissions are checked when the call is created, and not again."""
    service, url = await establish("join_meeting", options=STRICT, roles=["Calls.JoinGroupCall.All"])
    response = await service.graph.post(f"{url}/{path}", json=dict(published.TALKING)[path])
    assert response.status_code == status
