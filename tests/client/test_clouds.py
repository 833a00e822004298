"""Microsoft's national clouds: what they lack, as the client, the linter, the cockpit and connect() say."""

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb import AsyncCalls, templates
from graphcall_nb.client.settings import read_settings
from graphcall_nb.errors import GraphcallError, IllegalAction
from graphcall_nb.graph.clouds import CLOUDS, GLOBAL, find_cloud, get_cloud
from graphcall_nb.graph.models import AudioRoutingGroup
from graphcall_nb.graph.operations import (
    ACTIONS,
    AddLargeGalleryView,
    KeepAlive,
    ListAudioRoutingGroups,
    SendDtmfTones,
    reason_not_in_cloud,
)
from graphcall_nb.widgets.cockpit.call_actions import collect_reasons, select_available

US_GOV = ("usgov", "usgov-dod")


@pytest.mark.parametrize("cloud", CLOUDS.values(), ids=CLOUDS)
def test_cloud_is_found_by_its_url(cloud):
    assert find_cloud(cloud.graph_url + "/") == cloud
    assert find_cloud(cloud.graph_url + ".contoso.com") is None


@pytest.mark.parametrize("name", US_GOV)
def test_clouds_of_the_us_government_lack_some_actions(name):
    lacking = {action for action in ACTIONS if reason_not_in_cloud(action, get_cloud(name))}
    assert {"sendDtmfTones", "addLargeGalleryView"} < lacking
    assert lacking.isdisjoint({"answer", "delete", "playPrompt", "recordResponse", "subscribeToTone", "mute"})
    assert not [
        action for action in ACTIONS if reason_not_in_cloud(action, GLOBAL) or reason_not_in_cloud(action, None)
    ]


@pytest.mark.parametrize("name", US_GOV)
async def test_action_that_the_cloud_lacks_is_not_sent(name):
    requests = []
    transport = httpx.MockTransport(lambda request: requests.append(request) or httpx.Response(200))
    calls = AsyncCalls(transport=transport, version="v1.0", base_url=get_cloud(name).graph_url)
    for action in (SendDtmfTones(tones="1"), AddLargeGalleryView()):
        with pytest.raises(IllegalAction, match=r"not available in US Government .* Nothing was sent\."):
            await calls.perform("57", action)
    with pytest.raises(IllegalAction, match="listAudioRoutingGroups"):
        await calls.fetch_all(AudioRoutingGroup, "57", ListAudioRoutingGroups())
    await calls.perform("57", KeepAlive())
    assert [request.url.path.rpartition("/")[2] for request in requests] == ["keepAlive"]


def test_cockpit_disables_what_the_cloud_lacks_in_each_state():
    reasons = collect_reasons(select_available("v1.0"), get_cloud("usgov"))
    expected = "Send tones is not available in US Government (GCC High), only in the worldwide cloud."
    assert {state["send_dtmf_tones"] for state in reasons.values()} == {expected}
    assert "play_prompt" not in reasons["established"]


@pytest.mark.parametrize(
    ("template", "cloud", "rules"),
    [
        ("pstn", "usgov", ["cloud-without-tones"]),
        ("join_private_meeting", "usgov-dod", ["cloud-without-large-gallery"]),
        ("peer_to_peer", "usgov", []),
        ("peer_to_peer", "china", ["cloud-without-calling"]),
        ("join_private_meeting", "china", ["cloud-without-calling"]),
        ("pstn", "global", []),
    ],
)
def test_linter_names_what_the_cloud_lacks(template, cloud, rules):
    findings = gc.lint(templates.ALL[template].build(), "v1.0", cloud=cloud)
    assert [each.rule for each in findings if each.rule.startswith("cloud")] == rules


def test_linter_refuses_an_unknown_cloud():
    with pytest.raises(ValueError, match="did you mean 'usgov'"):
        gc.lint(templates.peer_to_peer(), cloud="usgof")


def test_settings_of_china_say_that_calling_is_not_available():
    values = {"tenant_id": "t", "client_id": "c", "client_secret": "s"}
    assert "not available in China" in read_settings(values | {"cloud": "china"}, environ={}).describe()
    assert "not available" not in read_settings(values, environ={}).describe()


def test_connecting_to_china_warns(tmp_path):
    with pytest.warns(UserWarning, match="Calling is not available in China"), pytest.raises(GraphcallError):
        gc.connect(
            "t", "c", "s", cloud="china", authority="http://127.0.0.1:9", tunnel="none", journal=tmp_path / "x.sqlite"
        )
