"""Random requests in random scenarios with random faults: every call ends through allowed transitions."""

import asyncio
import contextlib
import heapq
import itertools
import json
import math
from collections import Counter

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.simulator import FAULTS, SCENARIOS, Simulator
from graphcall_nb.simulator.delivery import PostResponse
from graphcall_nb.simulator.states import TRANSITIONS
from graphcall_nb.simulator.versions import VERSIONS, get_version

from . import published_operations as published
from .service import sample, shared_key
from .test_operations import get_resource
from .test_versions import published as published_call

pytestmark = pytest.mark.slow

CALLBACK = "https://bot.contoso.com/api/calls"
BODIES = {
    "beta-2018": [*published.ESTABLISHED_BETA_2018, *published.INCOMING_BETA_2018],
    "beta": [*published.ESTABLISHED_BETA, *published.INCOMING_V1],
    "v1.0": [*published.ESTABLISHED_V1, *published.INCOMING_V1],
}
CREATES = {
    "beta-2018": [sample(f"{name}.request") for name in ("pstn", "group_call", "meet_now")],
    "v1.0": [published_call(f"{name}.request") for name in ("peer_to_peer", "group_call", "join_meeting_by_id")],
}
CREATES["beta"] = CREATES["v1.0"]
STEPS = {(source, transition.target) for transition in TRANSITIONS.values() for source in transition.sources}
REORDERING_FAULTS = {"reordered", "delayed", "burst", "lost_terminated", "duplicated"}


class VirtualTime:
    """A clock that moves only in :meth:`step`."""

    def __init__(self):
        self.now = 1_700_000_000.0
        self._waiting = []
        self._numbers = itertools.count()

    def clock(self):
        return self.now

    async def sleep(self, seconds):
        timer = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.now + seconds, next(self._numbers), timer))
        await timer

    async def settle(self):
        for _ in range(40):
            await asyncio.sleep(0)

    async def step(self):
        """Advance to the next timer; return whether one was set."""
        await self.settle()
        while self._waiting and math.isfinite(self._waiting[0][0]):
            self.now, _, timer = heapq.heappop(self._waiting)
            if not timer.done():
                timer.set_result(None)
                await self.settle()
                return True
        return False


class Simulation:
    """A simulator in virtual time, a bot that accepts all notifications, and a client."""

    def __init__(self, graph, simulator, time, version, items):
        self.graph, self.simulator, self.time, self.version, self.items = graph, simulator, time, version, items
        self.urls = []
        self.calls = []

    def _add(self, url):
        self.urls.append(url)
        self.calls.append(self.simulator.calls[url.rpartition("/")[2]])

    async def _request(self, method, url, **body):
        """Return the response to a request; time advances until it arrives."""
        tenant = self.simulator.tenant
        self.graph.headers["Authorization"] = f"Bearer {tenant.make_access_token(tenant.bot, self.time.now)}"
        response = asyncio.ensure_future(self.graph.request(method, url, **body))
        await self.time.settle()
        while not response.done():
            await self.time.step()
        return await response

    async def create(self, number):
        bodies = CREATES[self.version.name]
        answer = await self._request("POST", self.version.collections[0], json=bodies[number % len(bodies)])
        assert answer.status_code in (201, 429, 503), answer.text
        if answer.status_code == 201:
            self._add(answer.headers["location"])

    async def ring(self, number):
        id_ = await self.simulator.ring(CALLBACK, version=self.version.name)
        self._add(f"{self.version.collections[0]}/{id_}")

    async def perform(self, number):
        if self.urls:
            bodies = BODIES[self.version.name]
            path, body = bodies[number % len(bodies)]
            url = f"{self.urls[number % len(self.urls)]}/{path.format(participant='none')}"
            body = body and {name: value for name, value in body.items() if name != "callbackUri"}
            assert (await self._request("POST", url, json=body)).status_code < 500

    async def hang_up(self, number):
        if self.urls:
            url = self.urls[number % len(self.urls)]
            assert (await self._request("DELETE", url)).status_code in (204, 404, 429)

    async def callee_hangs_up(self, number):
        if self.calls:
            with contextlib.suppress(ValueError):  # it ended a while ago
                await self.simulator.hang_up(self.calls[number % len(self.calls)].id)

    async def wait(self, number):
        for _ in range(number % 7):
            await self.time.step()


@contextlib.asynccontextmanager
async def run_simulator(version, **settings_):
    time, items = VirtualTime(), []

    async def post(url, headers, content):
        body = json.loads(content)
        items.extend(body.get("value", ()))
        return PostResponse(202 if "value" in body else 204)

    simulator = Simulator(
        sleep=time.sleep,
        clock=time.clock,
        post=post,
        make_key=lambda: shared_key(0),
        **settings_,
    )
    transport = httpx.ASGITransport(simulator.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://graph") as graph:
        yield Simulation(graph, simulator, time, get_version(version), items)
    await simulator.aclose()


async def run_actions(simulation, actions):
    for name, number in actions:
        await getattr(simulation, name)(number)
    while await simulation.time.step():
        pass


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["create", "ring", "perform", "perform", "perform", "hang_up", "callee_hangs_up", "wait", "wait", "wait"]
        ),
        st.integers(0, 100),
    ),
    min_size=6,
    max_size=30,
).map(lambda actions: [("create", actions[0][1]), *actions])
HARMLESS_FAULTS = st.sets(
    st.sampled_from(sorted(set(FAULTS) - REORDERING_FAULTS - {"throttled", "unavailable", "connection_reset"}))
)
ALL_FAULTS = st.sets(st.sampled_from(sorted(set(FAULTS) - {"unavailable", "connection_reset"})))
PARAMETERS = {
    "version": st.sampled_from(list(VERSIONS)),
    "scenario": st.sampled_from(sorted(SCENARIOS)),
    "seed": st.integers(0, 1000),
    "actions": ACTIONS,
}


def group_states(items):
    """Return the states of each call in the order of their notifications."""
    states = {}
    for item in items:
        data = item["resourceData"]
        if isinstance(data, dict) and data["@odata.type"].endswith(".call"):
            id_ = get_resource(item).rpartition("/")[2]
            states.setdefault(id_, []).append(data.get("state", "terminated"))
    return states


@settings(max_examples=60, derandomize=True)
@given(**PARAMETERS, faults=ALL_FAULTS)
def test_every_call_ends_through_allowed_transitions(version, scenario, seed, actions, faults):
    async def run():
        async with run_simulator(version, scenario=scenario, seed=seed, faults=faults) as simulation:
            await run_actions(simulation, actions)
            for call in [*simulation.calls, *simulation.simulator.calls]:
                path = [state for state, _ in call.sent_states]
                # A tone, the state of the media, or a failed transfer in 2018, repeats the state of the call.
                steps = {(before, after) for before, after in itertools.pairwise([None, *path]) if before != after}
                assert steps <= STEPS
                assert (call.state.has_ended, call.operations, call.tasks) == (True, {}, {})

    asyncio.run(run())


@settings(max_examples=40, derandomize=True)
@given(**PARAMETERS, faults=HARMLESS_FAULTS)
def test_notifications_match_the_sent_states(version, scenario, seed, actions, faults):
    async def run():
        async with run_simulator(version, scenario=scenario, seed=seed, faults=faults) as simulation:
            await run_actions(simulation, actions)
            calls = [*simulation.calls, *simulation.simulator.calls]
            sent = {each.id: [state for state, _ in each.sent_states] for each in calls}
            received = group_states(simulation.items)
            # A call that the callee made may be removed by now.
            assert {id_: received[id_] for id_ in received.keys() & sent.keys()} == {
                id_: sent[id_] for id_ in received.keys() & sent.keys()
            }
            ends = Counter(
                item.get("resourceUrl") or item["resource"]
                for item in simulation.items
                if item["changeType"] == "deleted"
            )
            assert set(ends.values()) <= {1}

    asyncio.run(run())


@settings(max_examples=20, derandomize=True)
@given(**PARAMETERS, faults=ALL_FAULTS)
def test_seed_repeats_a_run_to_the_byte(version, scenario, seed, actions, faults):
    async def run():
        async with run_simulator(version, scenario=scenario, seed=seed, faults=faults) as simulation:
            await run_actions(simulation, actions)
            return json.dumps(simulation.items)

    assert asyncio.run(run()) == asyncio.run(run())
