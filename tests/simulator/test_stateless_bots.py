"""Bots with the logic of Microsoft's four stateless samples: they act once ``mediaState.audio`` is ``active``.

The samples are SimpleIvrBot, VoiceRecorderAndPlaybackBot, ReminderBot and IncidentBot of microsoft-graph-comms-samples.
"""

import json
import time

import httpx
import pytest

from graphcall_nb.simulator import Simulator
from graphcall_nb.simulator.delivery import PostResponse

from .service import shared_key

CALLBACK = "https://bot.contoso.com/api/callback"
USER = {"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}
MEDIA = {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}
PROMPT = {"prompts": [{"@odata.type": "#microsoft.graph.mediaPrompt", "mediaInfo": {"uri": "https://bot/x.wav"}}]}
CALL = {
    "@odata.type": "#microsoft.graph.call",
    "callbackUri": CALLBACK,
    "targets": [USER],
    "requestedModalities": ["audio"],
    "mediaConfig": MEDIA,
    "tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47",
}
MEETING = {
    "chatInfo": {"@odata.type": "#microsoft.graph.chatInfo", "threadId": "19:m@thread.v2", "messageId": "0"},
    "meetingInfo": {
        "@odata.type": "#microsoft.graph.organizerMeetingInfo",
        "organizer": {"user": {"id": "4b444206-207c-42f8-92a6-e332b41c88a2", "tenantId": CALL["tenantId"]}},
    },
}


class Bot:
    """A bot that keeps no state: each notification says what to do next."""

    def __init__(self):
        self.simulator = Simulator(seed=1, virtual_time=True, post=self.receive, make_key=lambda: shared_key(0))
        tenant = self.simulator.tenant
        token = tenant.make_access_token(tenant.bot, time.time())
        self.graph = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.simulator.app),
            base_url="http://graph/v1.0/communications",
            headers={"Authorization": f"Bearer {token}"},
        )
        self.log = []

    async def receive(self, url, headers, content):
        for item in json.loads(content)["value"]:
            data = item["resourceData"]
            if isinstance(data, dict):
                await self.handle(item["resourceUrl"].split("/")[3], item["changeType"], data)
        return PostResponse(202)

    async def handle(self, call_id, change_type, data):
        kind = data["@odata.type"].rpartition(".")[2]
        if kind == "call":
            await self.handle_call(call_id, data)
        elif data.get("status") == "completed" and change_type == "deleted":
            self.log.append(kind)
            await self.handle_end(call_id, kind, data)

    async def handle_call(self, call_id, data):
        if data["state"] == "incoming":
            await self.post(call_id, "answer", callbackUri=CALLBACK, mediaConfig=MEDIA, acceptedModalities=["audio"])
        elif data["state"] == "terminated":
            self.log.append("terminated")
        elif tone := data.get("toneInfo"):
            await self.handle_tone(call_id, tone["tone"])
        elif (data.get("mediaState") or {}).get("audio") == "active" and data["state"] == "established":
            await self.start(call_id)

    async def handle_tone(self, call_id, tone): ...

    async def handle_end(self, call_id, kind, data): ...

    async def post(self, call_id, action, **body):
        response = await self.graph.post(f"/calls/{call_id}/{action}", json=body)
        assert response.is_success, self.log.append(response.text)
        return response


class IvrBot(Bot):
    async def start(self, call_id):
        await self.post(call_id, "subscribeToTone", clientContext="ivr")
        await self.post(call_id, "playPrompt", **PROMPT, clientContext="welcome")

    async def handle_tone(self, call_id, tone):
        self.log.append(tone)
        await self.post(call_id, "transfer", transferTarget=USER)

    async def run(self):
        call_id = await self.simulator.ring(CALLBACK, version="v1.0")
        await self.simulator.advance(10)
        await self.simulator.press(call_id, "tone1")


class RecorderBot(Bot):
    async def start(self, call_id):
        await self.post(call_id, "playPrompt", **PROMPT, clientContext="please record")

    async def handle_end(self, call_id, kind, data):
        if data["clientContext"] == "please record":
            await self.post(call_id, "recordResponse", **PROMPT, maxRecordDurationInSeconds=10, clientContext="record")
        elif kind == "recordOperation":
            headers = {"Authorization": f"Bearer {data['recordingAccessToken']}"}
            recording = await self.graph.get(data["recordingLocation"], headers=headers)
            assert recording.content[:4] == b"RIFF"
            await self.post(call_id, "playPrompt", **PROMPT, clientContext="play back")
        else:
            await self.graph.delete(f"/calls/{call_id}")

    async def run(self):
        await self.simulator.ring(CALLBACK, version="v1.0")


class ReminderBot(Bot):
    async def start(self, call_id):
        await self.post(call_id, "playPrompt", **PROMPT, clientContext="reminder")

    async def handle_end(self, call_id, kind, data):
        await self.graph.delete(f"/calls/{call_id}")

    async def run(self):
        (await self.graph.post("/calls", json=CALL)).raise_for_status()


class IncidentBot(Bot):
    async def start(self, call_id):
        if call_id == self.meeting:
            return
        await self.post(call_id, "subscribeToTone", clientContext="incident")
        await self.post(call_id, "playPrompt", **PROMPT, clientContext="press 1 to join")

    async def handle_tone(self, call_id, tone):
        invited = {"@odata.type": "#microsoft.graph.invitationParticipantInfo", **USER, "replacesCallId": call_id}
        await self.post(self.meeting, "participants/invite", participants=[invited], clientContext="join")

    async def run(self):
        self.meeting = (await self.graph.post("/calls", json=CALL | MEETING | {"targets": []})).json()["id"]
        call_id = (await self.graph.post("/calls", json=CALL)).json()["id"]
        await self.simulator.advance(10)
        await self.simulator.press(call_id, "tone1")


@pytest.mark.parametrize(
    ("make_bot", "log"),
    [
        (IvrBot, ["playPromptOperation", "tone1", "terminated"]),
        (RecorderBot, ["playPromptOperation", "recordOperation", "playPromptOperation", "terminated"]),
        (ReminderBot, ["playPromptOperation", "terminated"]),
        (IncidentBot, ["playPromptOperation", "inviteParticipantsOperation"]),
    ],
)
async def test_stateless_bot_runs_to_its_end(make_bot, log):
    bot = make_bot()
    async with bot.graph:
        await bot.run()
        await bot.simulator.advance(60)
        await bot.simulator.aclose()
    assert [entry for entry in bot.log if entry in log] == log
