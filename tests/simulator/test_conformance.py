"""Each message of the simulator has the members and values of Microsoft's types, except the documented differences."""

import json
import re
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from graphcall_nb.simulator import SCENARIOS, Simulator, SimulatorOptions
from graphcall_nb.simulator.delivery import PostResponse
from graphcall_nb.simulator.operations import OPERATIONS
from graphcall_nb.simulator.routes import SCENARIO_HEADER

from . import published_operations as published
from .graph_types import GraphTypes
from .service import shared_key

VERSIONS = ("v1.0", "beta")
PAGE = Path(__file__).parents[2] / "docs" / "wire.md"
ROW = re.compile(r"^\| (`[^|]+`) \| (v1\.0|beta|v1\.0, beta) \| [^|]+ \|$", re.MULTILINE)

CALLBACK = "https://bot.contoso.com/api/calls"
USER = {"user": {"@odata.type": "#microsoft.graph.identity", "id": "550fae72-d251-43ec-868c-373732c2704f"}}
TARGET = published.invited(USER)
INSTANCE = {"@odata.type": "#microsoft.graph.identity", "id": "c5e0d0e5-0c5d-4c1b-9d5c-6a1d7c9a9a3f"}
CALL = {
    "@odata.type": "#microsoft.graph.call",
    "callbackUri": CALLBACK,
    "requestedModalities": ["audio"],
    "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
    "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
}
MEETING = {
    "chatInfo": {"@odata.type": "#microsoft.graph.chatInfo", "threadId": "19:m@thread.v2", "messageId": "0"},
    "meetingInfo": {
        "@odata.type": "#microsoft.graph.organizerMeetingInfo",
        "organizer": {"@odata.type": "#microsoft.graph.identitySet", **USER},
    },
    "callOptions": {"@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": True},
}
SOURCE = {
    "@odata.type": "#microsoft.graph.participantInfo",
    "identity": {"@odata.type": "#microsoft.graph.identitySet", "applicationInstance": INSTANCE},
}
CREATES = {
    "peer": CALL | {"targets": [TARGET]},
    "group": CALL | {"targets": [TARGET, TARGET]},
    "meeting": CALL | MEETING,
    "phone": CALL | {"targets": [published.invited(published.phone())], "source": SOURCE},
}
ANSWER = {name: CALL[name] for name in ("callbackUri", "mediaConfig")} | {"acceptedModalities": ["audio"]}
SAMPLES = dict(reversed([*published.INCOMING_V1, *published.ESTABLISHED_BETA]))  # the first one of each path

ALL = [each.name for each in OPERATIONS["beta"]]
INCOMING = ["answer", "reject", "redirect"]
LAST = ["removeParticipant", "transfer"]
DEPENDENT = ["subscribeToTone", "playPrompt", "recordResponse", "inviteParticipants", "transfer"]
"""The operations whose course depends on the scenario."""

VARIED_BY_FORM = ("callee_hangs_up", "held", "roster_changes", "admitted_from_lobby")
"""Scenarios with the messages that differ between the captured form and that of the pages."""


class Bot:
    """A client in this process of a simulator in virtual time, which keeps each message with its declared type."""

    def __init__(self, simulator, graph, version, messages):
        self.simulator = simulator
        self.accepted = set()
        self._graph = graph
        self._version = version
        self._messages = messages

    async def run_operations(self):
        """Request each operation on a call of each kind: at last those that end it."""
        ids = [await self._create(body) for body in CREATES.values()] + [await self._ring()]
        await self.simulator.advance(3)
        for id_ in ids:
            await self._operate(id_, [name for name in ALL if name not in (*LAST, *INCOMING)])
            await self.simulator.advance(30)
            await self._read(id_)
            await self._operate(id_, LAST)
        for name in INCOMING:
            await self._operate(await self.simulator.ring(CALLBACK, version=self._version), [name])
        await self._ring(policy_recording=True)
        await self._ring(caller="+14255550100")
        await self.simulator.advance(60)

    async def run_scenario(self, name):
        """Run the calls whose course depends on a scenario, with the operations that depend on it."""
        scenario, usual = SCENARIOS[name], SCENARIOS["answered"]
        id_ = await self._create(CREATES["peer"], name)
        for kind in ("group", "meeting"):
            if getattr(scenario, kind) != getattr(usual, kind):
                await self._create(CREATES[kind], name)
        if scenario.incoming != usual.incoming:
            await self._ring(scenario=name)
        await self.simulator.advance(3)
        await self._operate(id_, DEPENDENT)
        await self.simulator.advance(120)
        await self._read(id_)

    async def _create(self, body, scenario="answered"):
        response = await self._request("POST", "", "Call", body, {SCENARIO_HEADER: scenario})
        return response.json()["id"]

    async def _ring(self, **options):
        id_ = await self.simulator.ring(CALLBACK, version=self._version, **options)
        await self.simulator.advance(0)
        await self._request("GET", f"/{id_}", "Call")
        await self._operate(id_, ["answer"])
        return id_

    async def _read(self, id_):
        for path, kind in (("", "Call"), ("/participants", "Participant"), ("/operations", "CommsOperation")):
            await self._request("GET", f"/{id_}{path}", kind)

    async def _operate(self, id_, names):
        """Request operations on a call, those on a participant for another one than the bot."""
        participants = (await self._request("GET", f"/{id_}/participants", "Participant")).json().get("value", ())
        users = [each["id"] for each in participants if "user" in each["info"]["identity"]]
        operations = {each.name: each for each in OPERATIONS[self._version]}
        for operation in [operations[name] for name in names if name in operations]:
            path = operation.path.format(participant=users[0] if users else "none", group="oneToOne")
            sample = ANSWER if operation.name == "answer" else SAMPLES.get(operation.path, published.CONTEXT)
            body = None if operation.method == "DELETE" else sample
            kind = "AudioRoutingGroup" if operation.path.startswith("audio") else "CommsOperation"
            if (await self._request(operation.method, f"/{id_}/{path}", kind, body)).is_success:
                self.accepted.add(operation.name)

    async def _request(self, method, path, kind, body=None, headers=None):
        url = f"/{self._version}/communications/calls{path}"
        response = await self._graph.request(method, url, json=body, headers=headers)
        if response.is_success and response.content:
            content = response.json()
            self._messages += [(kind, each) for each in content.get("value", [content])]
        return response


RESOURCES = {
    "participants": "Participant",
    "operations": "CommsOperation",
    "contentsharingsessions": "ContentSharingSession",
}
"""Types by collection, the last part but one of a path."""


def type_notification(body):
    """Return a notification and its resources, each with the type that its path declares."""
    typed = [("CommsNotifications", body)]
    for item in body["value"]:
        data, collection = item["resourceData"], item["resourceUrl"].split("/")[4:5]
        kind = RESOURCES[collection[0].lower()] if collection else "Call"
        if kind == "Participant" and isinstance(data, dict):
            kind = "DeltaParticipants"
        typed += [(kind, each) for each in (data if isinstance(data, list) else [data])]
    return typed


@asynccontextmanager
async def start_bot(version, form, messages):
    async def post(url, headers, content):
        messages.extend(type_notification(json.loads(content)))
        return PostResponse(202)

    options = SimulatorOptions(form=form)
    simulator = Simulator(seed=1, virtual_time=True, post=post, make_key=lambda: shared_key(0), options=options)
    token = simulator.tenant.make_access_token(simulator.tenant.bot, time.time())
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://graph.localhost", headers=headers) as graph:
        yield Bot(simulator, graph, version, messages)
    await simulator.aclose()


def read_documented_differences(version):
    rows = ROW.findall(PAGE.read_text("utf-8"))
    return {name for names, versions in rows if version in versions for name in re.findall("`(.+?)`", names)}


@pytest.mark.parametrize("version", VERSIONS)
async def test_messages_differ_from_the_types_as_documented(version):
    types, messages = GraphTypes(version), []
    async with start_bot(version, "wire", messages) as bot:
        await bot.run_operations()
        for name in SCENARIOS:
            await bot.run_scenario(name)
        assert bot.accepted == {each.name for each in OPERATIONS[version]}
    async with start_bot(version, "pages", messages) as bot:
        await bot.run_operations()
        for name in VARIED_BY_FORM:
            await bot.run_scenario(name)
    differences = {each for kind, message in messages for each in types.list_differences(message, kind)}
    assert differences == read_documented_differences(version)


@pytest.mark.parametrize(
    ("member", "difference"),
    [
        ({"stat": "established"}, "call.stat"),
        ({"state": "answered"}, "call.state: answered"),
        ({"state": "Established"}, "call.state: letter case"),
        ({"subject": 1}, "call.subject: not a string"),
        ({"targets": {}}, "call.targets: not an array"),
        ({"callbackUri": None}, "call.callbackUri: null"),
        ({"toneInfo": {"sequenceId": True}}, "toneInfo.sequenceId: not a number"),
        ({"meetingInfo": {"@odata.type": "#microsoft.graph.toneInfo"}}, "toneInfo: instead of meetingInfo"),
        ({"meetingInfo": {"@odata.type": "#microsoft.graph.meeting"}}, "meeting: unknown type"),
    ],
)
def test_difference_from_a_type_is_named(member, difference):
    assert list(GraphTypes("v1.0").list_differences(member, "Call")) == [difference]
