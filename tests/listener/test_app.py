"""The listener on a real socket, with real signatures and a real journal."""

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from graphcall_nb.background import serve
from graphcall_nb.errors import JournalError
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import LARGEST_BODY, Listener
from graphcall_nb.listener.tokens import TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer

PATH = "/api/calls/unguessable"
BODY = (Path(__file__).parent.parent / "samples" / "beta" / "notification_ringing.json").read_bytes()


class Receiver:
    def __init__(self, signer, journal):
        self.signer, self.journal, self.bearer = signer, journal, signer.bearer()
        self.checker = TokenChecker(audience=AUDIENCE, tenant_id=TENANT, openid_url=OPENID_URL, fetch=signer.fetch)
        self.listener = Listener(journal, self.checker, path=PATH)

    async def post(self, path=PATH, body=BODY, method="POST", **headers):
        given = {"authorization": self.bearer, "content-type": "application/json"} | headers
        given = {name: value for name, value in given.items() if value is not None}
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.request(method, path, content=body, headers=given)


@pytest.fixture(params=["token comes first", "token is known"])
async def receiver(tmp_path, request):
    journal = open_journal(tmp_path / "journal.sqlite")
    made = Receiver(Signer(), journal)
    if request.param == "token is known":
        await made.checker.check(made.bearer)  # a request with it goes the short way
    server = await serve(made.listener)
    made.url = server.url
    yield made
    await server.close()
    journal.close()


async def test_good_notification_is_stored_and_acknowledged(receiver):
    response = await receiver.post()
    assert response.status_code == 202
    assert [record.state for record in receiver.journal.read()] == ["ringing"]
    assert receiver.listener.accepted == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"path": "/api/calls/other"}, 404),
        ({"path": "/"}, 404),
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"body": b" " * (LARGEST_BODY + 1)}, 413),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": None}, 415),
        ({"authorization": None}, 401),
        ({"authorization": b"Bearer forged.forged.forged"}, 401),
        ({"body": b"not json"}, 400),
        ({"body": b"{}"}, 400),
    ],
)
async def test_anything_else_is_refused_and_leaves_nothing(receiver, change, status):
    response = await receiver.post(**change)
    assert response.status_code == status
    assert receiver.journal.read() == []
    assert receiver.listener.refused == {status: 1}


@pytest.mark.parametrize("claims", [{"aud": "another application"}, {"tid": "another tenant"}])
async def test_token_of_somebody_else_is_refused(receiver, claims):
    response = await receiver.post(authorization=receiver.signer.bearer(**claims))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert receiver.journal.read() == []


async def test_body_of_unsaid_length_is_counted(receiver):
    async def endless():
        for _ in range(LARGEST_BODY // 65536 + 2):
            yield b" " * 65536

    assert (await receiver.post(body=endless())).status_code == 413


async def test_empty_envelope_is_acknowledged(receiver):
    assert (await receiver.post(body=b'{"value": []}')).status_code == 202


async def test_format_from_before_graph_is_kept_and_asked_for_anew(receiver):
    body = b'{"callState": "incoming", "from": {"id": "29:1kMG"}}'
    response = await receiver.post(body=body)
    assert (response.status_code, response.content, "content-length" in response.headers) == (204, b"", False)
    (record,) = receiver.journal.read()
    assert (record.call_id, record.entity, record.resource) == ("", "legacy", "")
    assert (record.change_type, record.state, record.raw.encode()) == ("created", None, body)


async def test_format_from_before_graph_needs_the_token_too(receiver):
    assert (await receiver.post(body=b'{"callState": "incoming"}', authorization=None)).status_code == 401
    assert receiver.journal.read() == []


@pytest.mark.parametrize("receiver", ["token comes first"], indirect=True)
async def test_without_keys_the_sender_may_try_again(receiver):
    receiver.signer.down = True
    response = await receiver.post()
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")


class FullJournal:
    """A journal that cannot be written."""

    async def append(self, notifications, received_at_us):
        raise JournalError("the disk is full")

    def append_with_callback(self, notifications, received_at_us, on_done):
        on_done(JournalError("the disk is full"))


@pytest.mark.parametrize("is_token_known", [False, True])
async def test_sender_may_retry_when_the_journal_fails(is_token_known):
    receiver = Receiver(Signer(), FullJournal())
    if is_token_known:
        await receiver.checker.check(receiver.bearer)
    server = await serve(receiver.listener)
    receiver.url = server.url
    response = await receiver.post()
    assert (response.status_code, response.headers["retry-after"]) == (503, "5")
    await server.close()


async def test_the_secret_path_is_in_no_log(receiver, caplog):
    caplog.set_level(logging.DEBUG)
    await receiver.post()
    await receiver.post(body=b"not json")
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [record for record in ours if "unguessable" in record.getMessage()]


@pytest.mark.parametrize("slash", ["/", r"\/"])
async def test_secrets_of_an_address_that_the_service_repeats_are_not_kept(tmp_path, slash):
    secret, journal = "s" * 43, open_journal(tmp_path / "journal.sqlite")
    made = Receiver(Signer(), journal)
    made.listener = Listener(journal, made.checker, path=f"/api/calls/{secret}")
    server = await serve(made.listener)
    made.url = server.url
    repeated = f"https://hub.contoso.com/user/ann/graphcall/cb/entrance/api/calls/{secret}".replace("/", slash).encode()
    body = BODY.replace(b'"state"', b'"callbackUri": "' + repeated + b'", "state"')
    assert (await made.post(path=f"/api/calls/{secret}", body=body)).status_code == 202
    [kept] = [json.loads(record.raw) for record in journal.read()]
    assert kept["resourceData"]["callbackUri"] == "https://hub.contoso.com/***"
    assert "entrance" not in str(kept)
    await server.close()
    journal.close()


SERVER = """
import asyncio, sys
from graphcall_nb.background import serve
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener

class Trusting:
    def knows(self, authorization):
        return True

async def main():
    server = await serve(Listener(open_journal(sys.argv[1]), Trusting(), path="/x"))
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
def test_kill_right_after_202_loses_nothing(tmp_path):
    path = tmp_path / "killed.sqlite"
    with subprocess.Popen([sys.executable, "-c", SERVER, path], stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{int(process.stdout.readline())}/x"
        status = httpx.post(url, content=BODY, headers={"content-type": "application/json"}).status_code
        os.kill(process.pid, signal.SIGKILL)
    journal = open_journal(path)
    assert (status, [json.loads(record.raw) for record in journal.read()]) == (202, json.loads(BODY)["value"])
    journal.close()
