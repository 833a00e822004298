"""Microsoft's published examples as a table: each request is accepted, and each message has the published members.

The simulators are in this process, in virtual time. ``tests/test_published.py`` reads the examples with the models.
"""

import json
import re
import time
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import pytest_asyncio

from graphcall_nb.simulator import Simulator, SimulatorOptions
from graphcall_nb.simulator.delivery import PostResponse
from graphcall_nb.simulator.operations import OPERATIONS
from graphcall_nb.simulator.routes import SCENARIO_HEADER

from .service import shared_key

SAMPLES = Path(__file__).parent.parent / "samples"
PAGE = Path(__file__).parents[2] / "docs" / "service-choices.md"
ROW = re.compile(r"^\| (`\.[^|]+`) \| [^|]+ \|$", re.MULTILINE)
CREATES = sorted(SAMPLES.glob("*/*.request.json"))
VERSIONS = {"v1.0": ("v1.0", "beta"), "beta": ("beta-2018",), "beta-today": ("beta",)}
"""Versions in which the examples of a folder are tried: those of v1.0 in today's beta, too."""

CALLBACK = "https://bot.contoso.com/api/calls"
COLLECTIONS = {
    "v1.0": "/v1.0/communications/calls",
    "beta": "/beta/communications/calls",
    "beta-2018": "/beta/app/calls",
}
READING = {"get": "", "listParticipants": "/participants", "getParticipant": "/participants/{participant}"}
INCOMING = ("answer", "reject", "redirect")
PEER = ("transfer", "playPrompt", "subscribeToTone", "recordResponse", "cancelMediaProcessing")
SCENARIOS = {
    "subscribeToTone": ["tones"],
    "transfer": ["answered", "transfer_failed"],
    "create": ["content_shared", "answered"],
}
"""Scenarios in which the situations of an exchange come about, by operation."""

LONGEST_SECONDS = 1900
"""Time after which the longest operation, a recording of half an hour, has ended."""


class Example(NamedTuple):
    """A published exchange, and the version in which it is tried."""

    name: str
    version: str
    exchange: dict

    @property
    def operation(self):
        return self.exchange["operation"] or ("create" if self.exchange["status"] == 201 else "delete")


def list_examples():
    """Yield each published exchange with a version in which it is tried."""
    for path in sorted(SAMPLES.glob("*/operations/*.json")):
        folder = path.parts[-3]
        for number, exchange in enumerate(json.loads(path.read_text())["exchanges"]):
            for version in VERSIONS[folder]:
                yield Example(f"{version}-{folder}-{path.stem}-{number}", version, exchange)


EXAMPLES = {each.name: each for each in list_examples()}


class Bot:
    """A client in this process of a simulator in virtual time, with the notifications that it received."""

    def __init__(self, form):
        self.items = []
        options = SimulatorOptions(form=form)
        self.simulator = Simulator(
            seed=1, virtual_time=True, post=self._post, make_key=lambda: shared_key(0), options=options
        )
        token = self.simulator.tenant.make_access_token(self.simulator.tenant.bot, time.time())
        transport = httpx.ASGITransport(self.simulator.app)
        headers = {"Authorization": f"Bearer {token}"}
        self.graph = httpx.AsyncClient(transport=transport, base_url="http://graph.localhost", headers=headers)

    async def _post(self, url, headers, content):
        self.items.extend(json.loads(content)["value"])
        return PostResponse(202)

    async def create(self, example, scenario):
        headers = {SCENARIO_HEADER: scenario}
        return await self.graph.post(COLLECTIONS[example.version], json=make_call(example), headers=headers)

    async def request(self, example, id_):
        """Send the request of an example and return the response."""
        method, path = find_path(example)
        if path == "/logTeleconferenceDeviceQuality":
            return await self.graph.post(COLLECTIONS[example.version] + path, json=example.exchange["request"])
        call = f"{COLLECTIONS[example.version]}/{id_}"
        if example.operation == "cancelMediaProcessing":
            await self.graph.post(f"{call}/recordResponse", json={"clientContext": "mine"})
        if "{participant}" in path:
            kind = "application" if example.operation == "getParticipant" else "user"
            people = (await self.graph.get(f"{call}/participants")).json()["value"]
            path = path.format(participant=next(each["id"] for each in people if kind in each["info"]["identity"]))
        return await self.graph.request(method, call + path, json=example.exchange["request"])


def find_path(example):
    """Return the method and the path below a call of the operation of an example."""
    name = example.operation
    if name == "delete":
        return "DELETE", ""
    if name in READING:
        return "GET", READING[name]
    if name == "logTeleconferenceDeviceQuality":
        return "POST", f"/{name}"
    # The page of 2018 has the path record.
    names = (name, "record") if example.version == "beta-2018" and name == "recordResponse" else (name,)
    operation = [each for each in OPERATIONS[example.version] if each.name in names][-1]
    return operation.method, f"/{operation.path}"


def make_call(example):
    """Return the published body of a call on which the operation of an example can be requested."""
    name, more = ("peer_to_peer" if example.operation in PEER else "group_call"), {}
    shown = example.exchange["response"] or {}
    if "mediaConfig" in shown:  # a response with a call
        name = "join_meeting" if shown["chatInfo"] else "peer_to_peer"
        more = {"mediaConfig": shown["mediaConfig"]}
    folder = "beta" if example.version == "beta-2018" else "v1.0"
    body = json.loads((SAMPLES / folder / f"{name}.request.json").read_text())
    return body | more | {"callbackUri": CALLBACK, "callOptions": {"isContentSharingNotificationEnabled": True}}


class Outcome(NamedTuple):
    """The response to the request of an example, and the notifications of its calls."""

    response: httpx.Response
    items: list[dict]


async def run_examples(form):
    """Return the outcome of each example; all calls run at the same time."""
    bot, calls, responses = Bot(form), {}, {}
    outgoing = [each for each in EXAMPLES.values() if each.operation not in INCOMING]
    for each in outgoing:
        created = [await bot.create(each, name) for name in SCENARIOS.get(each.operation, ["answered"])]
        calls[each.name] = [response.json()["id"] for response in created]
        responses[each.name] = created[0]
    await bot.simulator.advance(8)
    for each in EXAMPLES.values():
        if each.operation in INCOMING:
            calls[each.name] = [await bot.simulator.ring(CALLBACK, version=each.version)]
    await bot.simulator.advance(1)
    for each in EXAMPLES.values():
        if each.operation != "create":
            responses[each.name], *_ = [await bot.request(each, id_) for id_ in calls[each.name]]
    await bot.simulator.advance(LONGEST_SECONDS)
    await bot.simulator.aclose()
    await bot.graph.aclose()
    return {
        name: Outcome(responses[name], [item for item in bot.items if any(id_ in get_path(item) for id_ in ids)])
        for name, ids in calls.items()
    }


def get_path(item):
    return item.get("resourceUrl") or item["resource"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outcomes():
    """Return the outcomes of all examples by the form of notifications."""
    return {form: await run_examples(form) for form in ("wire", "pages")}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("form", ["wire", "pages"])
async def test_published_request_is_accepted(outcomes, form, name):
    response = outcomes[form][name].response
    assert response.status_code == EXAMPLES[name].exchange["status"], response.text


def list_members(value, path=""):
    """Return the paths of all members that are not null or empty; the entries of a list are taken together."""
    if isinstance(value, list):
        return {member for each in value for member in list_members(each, f"{path}[]")}
    if isinstance(value, dict):
        return {member for name, each in value.items() for member in list_members(each, f"{path}.{name}")}
    return {path} if value not in (None, "") else set()


def is_same_situation(published, item):
    """Return whether an item is of the same change, resource, and state or status; some examples have no state."""
    mine, other = describe_situation(published), describe_situation(item)
    return mine == other or (not mine[-1] and mine[:-1] == other[:-1])


def describe_situation(item):
    data = item["resourceData"]
    first = data[0] if isinstance(data, list) else data
    state = str(first.get("state") or first.get("status") or "").lower()
    return item["changeType"], str(first.get("@odata.type")).lower(), first.get("toneInfo") is not None, state


def list_missing_members(example, outcomes):
    """Return the published members that neither form of the messages has."""
    exchange, missing = example.exchange, set()
    if exchange["response"]:
        sent = {member for each in outcomes for member in list_members(each.response.json())}
        missing |= list_members(exchange["response"]) - sent
    for published in [item for body in exchange["notifications"] for item in body["value"]]:
        items = [each for outcome in outcomes for each in outcome.items if is_same_situation(published, each)]
        assert items, (example.name, describe_situation(published))
        missing |= list_members(published) - {member for each in items for member in list_members(each)}
    return missing


async def test_members_that_are_not_sent_are_documented(outcomes):
    """A member that is documented without need fails as well, so that the page stays true."""
    missing = {}
    for name, example in EXAMPLES.items():
        for member in list_missing_members(example, [each[name] for each in outcomes.values()]):
            missing.setdefault(member, []).append(name)
    documented = {member for names in ROW.findall(PAGE.read_text("utf-8")) for member in re.findall("`(.+?)`", names)}
    assert {member: names for member, names in missing.items() if member not in documented} == {}
    assert documented - missing.keys() == set()


@pytest.mark.parametrize("path", CREATES, ids=lambda path: str(path.relative_to(SAMPLES)))
async def test_published_call_is_accepted(path):
    bot, body = Bot("wire"), json.loads(path.read_text())
    for version in VERSIONS[path.parts[-2]]:
        response = await bot.graph.post(COLLECTIONS[version], json=body)
        assert (response.status_code, body.items() <= response.json().items()) == (201, True), response.text
    await bot.simulator.aclose()
    await bot.graph.aclose()
