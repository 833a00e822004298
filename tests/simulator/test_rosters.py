"""Rosters: who is invited, who is listed, and how changes are notified."""

import pytest

from graphcall_nb.simulator import SimulatorOptions

CALLS = "/v1.0/communications/calls"
ADA, BOB = ({"user": {"id": f"{n * 8}-0000-4000-8000-000000000000", "displayName": n}} for n in "ab")
PHONE = {"phone": {"id": "+15555550123"}}
CHOSEN = "7D501BF1-5EE4-4605-BA92-0AE4513C611C"


class RosterCall:
    """An established call in virtual time, and what its bot can see."""

    def __init__(self, service, url):
        self.service = service
        self.url = url

    async def post(self, path, body):
        return await self.service.graph.post(f"{self.url}/{path}", json=body)

    async def invite(self, *identities, seconds=5, **members):
        participants = [{"identity": identity, **members} for identity in identities]
        response = await self.post("participants/invite", {"participants": participants})
        await self.service.simulator.advance(seconds)
        return response

    async def remove(self, participant_id):
        response = await self.service.graph.delete(f"{self.url}/participants/{participant_id}")
        await self.service.simulator.advance(5)
        return response

    async def list_participants(self):
        return (await self.service.graph.get(f"{self.url}/participants")).json()["value"]

    async def list_ids(self):
        """Return the ids of the identities in the call, without the bot."""
        identities = [each["info"]["identity"] for each in await self.list_participants()]
        return [(each.get("user") or each["phone"])["id"] for each in identities if "application" not in each]

    @property
    def rosters(self):
        items = self.service.receiver.items
        return [item["resourceData"] for item in items if item["resourceUrl"].endswith("/participants")]

    @property
    def ends(self):
        return [item["resourceData"] for item in self.service.receiver.items if "/operations/" in item["resourceUrl"]]


@pytest.fixture
def establish(start_virtual):
    """Return a function that creates an established call to these targets."""

    async def established(*targets, settings=None, **members):
        service = await start_virtual(**(settings or {}))
        call = {
            "callbackUri": service.receiver.url,
            "targets": [{"identity": target} for target in targets],
            "requestedModalities": ["audio"],
            "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
            "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
        }
        response = await service.graph.post(CALLS, json=call | members)
        assert response.status_code == 201, response.text
        await service.simulator.advance(10)
        return RosterCall(service, response.headers["location"])

    return established


@pytest.mark.parametrize("invited", [(ADA,), (ADA, PHONE), (PHONE, PHONE), (BOB, ADA)])
async def test_participant_is_listed_once(establish, invited):
    call = await establish(ADA, BOB)
    for _ in range(2):
        await call.invite(*invited)
    expected = {ADA["user"]["id"], BOB["user"]["id"]} | ({PHONE["phone"]["id"]} if PHONE in invited else set())
    assert sorted(await call.list_ids()) == sorted(expected)


async def test_invitation_of_the_callee_does_not_make_a_group_call(establish):
    call = await establish(ADA)
    await call.invite(ADA | {"user": {"id": ADA["user"]["id"].upper()}})
    assert (call.ends[0]["status"], call.rosters) == ("completed", [])


async def test_participant_who_left_can_be_invited_again(establish):
    call = await establish(ADA, BOB)
    await call.remove(call.rosters[-1][0]["id"])
    await call.invite(ADA)
    assert sorted(await call.list_ids()) == [ADA["user"]["id"], BOB["user"]["id"]]


async def test_participant_joins_with_the_chosen_id(establish):
    call = await establish(ADA, BOB)
    await call.invite(PHONE, participantId=CHOSEN)
    assert [each["id"] for each in call.rosters[-1] if "phone" in each["info"]["identity"]] == [CHOSEN]
    assert (await call.remove(CHOSEN.lower())).status_code == 204
    assert PHONE["phone"]["id"] not in await call.list_ids()


async def test_invitation_is_canceled_by_the_chosen_id(establish):
    call = await establish(ADA, BOB)
    await call.invite(PHONE, participantId=CHOSEN, seconds=0)
    assert (await call.remove(CHOSEN)).status_code == 204
    assert [(end["status"], end["resultInfo"]["subcode"]) for end in call.ends] == [("failed", 8508)]
    assert PHONE["phone"]["id"] not in await call.list_ids()


async def test_other_invitations_of_the_same_request_stay(establish):
    call = await establish(ADA)
    await call.post(
        "participants/invite", {"participants": [{"identity": PHONE, "participantId": CHOSEN}, {"identity": BOB}]}
    )
    await call.remove(CHOSEN)
    assert [end["status"] for end in call.ends] == ["completed"]
    assert sorted(await call.list_ids()) == [ADA["user"]["id"], BOB["user"]["id"]]


async def test_chosen_id_in_use_is_refused(establish):
    call = await establish(ADA, BOB)
    await call.invite(PHONE, participantId=CHOSEN, seconds=0)
    response = await call.invite({"phone": {"id": "+15555550199"}}, participantId=CHOSEN.lower())
    assert (response.status_code, "participantId is in use" in response.text) == (400, True)


STRICT = {"options": SimulatorOptions(strict=True)}


@pytest.mark.parametrize("path", ["/participants", "/participants/x", "?$expand=participants"])
async def test_strict_simulator_refuses_participants_of_a_call_to_one_person(establish, path):
    call = await establish(ADA, settings=STRICT)
    response = await call.service.graph.get(call.url + path)
    assert (response.status_code, "to one person" in response.text) == (400, True)


@pytest.mark.parametrize(("invited", "status"), [((BOB,), 200), ((BOB, PHONE), 400)])
async def test_strict_simulator_accepts_one_invitation_into_a_call_to_one_person(establish, invited, status):
    call = await establish(ADA, settings=STRICT)
    assert (await call.invite(*invited)).status_code == status


DELTA = {"callOptions": {"@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": True}}
FORMS = pytest.mark.parametrize("form", ["wire", "pages"])


def summarize(delta):
    """Return the number of a delta, and the kind of identity and the change of each participant."""
    assert {each["rosterSequenceNumber"] for each in delta["participants"]} == {delta["sequenceNumber"]}
    changes = [
        "left" if "removedState" in each else "muted" if each["isMuted"] else "there" for each in delta["participants"]
    ]
    kinds = [next(reversed(each["info"]["identity"])) for each in delta["participants"]]
    return delta["sequenceNumber"], list(zip(kinds, changes, strict=True))


@FORMS
async def test_delta_roster_notifies_of_changes_alone(establish, form):
    call = await establish(ADA, BOB, settings={"options": SimulatorOptions(form=form)}, **DELTA)
    await call.invite(PHONE, participantId=CHOSEN)
    for _ in range(2):
        await call.post(f"participants/{CHOSEN}/mute", {})
    await call.remove(CHOSEN)
    assert [summarize(each) for each in call.rosters][-3:] == [
        (len(call.rosters) - 2, [("phone", "there")]),
        (len(call.rosters) - 1, [("phone", "muted")]),
        (len(call.rosters), [("phone", "left")]),
    ]
    numbers = [each["rosterSequenceNumber"] for each in await call.list_participants()]
    assert max(numbers) == len(call.rosters) - 3


async def test_delta_roster_begins_with_all_participants(establish):
    call = await establish(ADA, **DELTA)
    await call.invite(PHONE)
    assert [summarize(each) for each in call.rosters] == [
        (1, [("user", "there"), ("application", "there")]),
        (2, [("phone", "there")]),
    ]


async def test_delta_roster_shows_held_audio(establish):
    call = await establish(ADA, settings={"scenario": "held"}, **DELTA)
    await call.service.simulator.advance(60)
    directions = [[each["mediaStreams"][0]["direction"] for each in one["participants"]] for one in call.rosters]
    assert directions[:2] == [["inactive", "sendReceive"], ["sendReceive"]]


@pytest.mark.parametrize(("has_limit", "count"), [(True, 100), (False, 103)])
async def test_large_roster_is_cut_as_an_option(establish, has_limit, count):
    call = await establish(ADA, BOB, settings={"options": SimulatorOptions(has_roster_limit=has_limit)})
    phones = [{"phone": {"id": f"+1555555{number}"}} for number in range(1000, 1100)]
    for start in range(0, 100, 5):
        await call.invite(*phones[start : start + 5], seconds=2)
    assert (len(call.rosters[-1]), len(await call.list_participants())) == (count, 103)
