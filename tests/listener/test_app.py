"""The listener on a real socket, with real signatures and a real journal."""

import asyncio
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
from graphcall_nb.listener.app import MAX_BODY_BYTES, Listener
from graphcall_nb.listener.tokens import TokenChecker

from .signing import AUDIENCE, OPENID_URL, TENANT, Signer

PATH = "/api/calls/unguessable"
BODY = (Path(__file__).parent.parent / "samples" / "beta" / "notification_ringing.json").read_bytes()


class Receiver:
    """A listener with its signer and its journal."""

    def __init__(self, signer, journal):
        self.signer, self.journal, self.bearer = signer, journal, signer.make_bearer()
        self.checker = TokenChecker(audience=AUDIENCE, tenant_id=TENANT, openid_url=OPENID_URL, fetch=signer.fetch)
        self.listener = Listener(journal, self.checker, path=PATH)

    async def post(self, path=PATH, body=BODY, method="POST", **headers):
        all_headers = {"authorization": self.bearer, "content-type": "application/json"} | headers
        all_headers = {name: value for name, value in all_headers.items() if value is not None}
        async with httpx.AsyncClient(base_url=self.url) as client:
            return await client.request(method, path, content=body, headers=all_headers)


@pytest.fixture(params=["new token", "verified token"])
async def receiver(tmp_path, request):
    journal = open_journal(tmp_path / "journal.sqlite")
    receiver = Receiver(Signer(), journal)
    if request.param == "verified token":
        await receiver.checker.check(receiver.bearer)  # now requests use the fast path
    server = await serve(receiver.listener)
    receiver.url = server.url
    yield receiver
    await server.close()
    journal.close()


async def test_valid_notification_is_stored_and_acknowledged(receiver):
    response = await receiver.post()
    assert response.status_code == 202
    assert [record.state for record in receiver.journal.read()] == ["ringing"]
    assert receiver.listener.accepted == 1


def overwrite(path):
    with open(path, "r+b", buffering=0) as file:
        file.write(b"\0" * 32)


async def test_nothing_is_acknowledged_after_another_program_overwrote_the_log(receiver, tmp_path):
    await receiver.post()
    overwrite(tmp_path / "journal.sqlite-wal")
    async with asyncio.timeout(30):
        while (response := await receiver.post()).status_code == 202:  # until the next check
            pass
    assert response.status_code == 503
    assert "-wal file was overwritten" in receiver.journal.write_error


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"path": "/api/calls/other"}, 404),
        ({"path": "/"}, 404),
        ({"method": "GET"}, 405),
        ({"method": "PUT"}, 405),
        ({"body": b" " * (MAX_BODY_BYTES + 1)}, 413),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": None}, 415),
        ({"content-type": "application/jsonp"}, 415),
        ({"authorization": None}, 401),
        ({"authorization": b"Bearer forged.forged.forged"}, 401),
        ({"body": b"not json"}, 400),
        ({"body": b"{}"}, 400),
    ],
)
async def test_other_requests_are_refused_and_not_stored(receiver, change, status):
    response = await receiver.post(**change)
    assert response.status_code == status
    assert receiver.journal.read() == []
    assert receiver.listener.refused == {status: 1}


@pytest.mark.parametrize("claims", [{"aud": "another application"}, {"tid": "another tenant"}])
async def test_token_for_another_bot_is_refused(receiver, claims):
    response = await receiver.post(authorization=receiver.signer.make_bearer(**claims))
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert receiver.journal.read() == []


async def test_chunked_body_is_limited(receiver):
    async def endless():
        for _ in range(MAX_BODY_BYTES // 65536 + 2):
            yield b" " * 65536

    assert (await receiver.post(body=endless())).status_code == 413


async def test_empty_envelope_is_acknowledged(receiver):
    assert (await receiver.post(body=b'{"value": []}')).status_code == 202


async def test_legacy_format_is_stored_and_acknowledged_with_204(receiver):
    body = b'{"callState": "incoming", "from": {"id": "29:1kMG"}}'
    response = await receiver.post(body=body)
    assert (response.status_code, response.content, "content-length" in response.headers) == (204, b"", False)
    (record,) = receiver.journal.read()
    assert (record.call_id, record.entity, record.resource) == ("", "legacy", "")
    assert (record.change_type, record.state, record.raw.encode()) == ("created", None, body)


async def test_legacy_format_needs_a_token(receiver):
    assert (await receiver.post(body=b'{"callState": "incoming"}', authorization=None)).status_code == 401
    assert receiver.journal.read() == []


@pytest.mark.parametrize("receiver", ["new token"], indirect=True)
async def test_sender_may_retry_when_keys_are_unavailable(receiver):
    receiver.signer.is_down = True
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


async def test_logs_do_not_contain_the_secret_path(receiver, caplog):
    caplog.set_level(logging.DEBUG)
    await receiver.post()
    await receiver.post(body=b"not json")
    own_records = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [record for record in own_records if "unguessable" in record.getMessage()]


@pytest.mark.parametrize("slash", ["/", r"\/"])
async def test_secrets_in_a_repeated_callback_url_are_not_stored(tmp_path, slash):
    secret, journal = "s" * 43, open_journal(tmp_path / "journal.sqlite")
    receiver = Receiver(Signer(), journal)
    receiver.listener = Listener(journal, receiver.checker, path=f"/api/calls/{secret}")
    server = await serve(receiver.listener)
    receiver.url = server.url
    callback_url = f"https://hub.contoso.com/user/ann/graphcall/cb/route/api/calls/{secret}".replace(
        "/", slash
    ).encode()
    body = BODY.replace(b'"state"', b'"callbackUri": "' + callback_url + b'", "state"')
    assert (await receiver.post(path=f"/api/calls/{secret}", body=body)).status_code == 202
    [stored] = [json.loads(record.raw) for record in journal.read()]
    assert stored["resourceData"]["callbackUri"] == "https://hub.contoso.com/***"
    assert "route" not in str(stored)
    await server.close()
    journal.close()


SERVER = """
import asyncio, sys
from graphcall_nb.background import serve
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.listener.app import Listener

class Trusting:
    def is_verified(self, authorization):
        return True

async def main():
    server = await serve(Listener(open_journal(sys.argv[1]), Trusting(), path="/x"))
    print(server.port, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
def test_kill_right_after_202_loses_no_notification(tmp_path):
    path = tmp_path / "killed.sqlite"
    with subprocess.Popen([sys.executable, "-c", SERVER, path], stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{int(process.stdout.readline())}/x"
        status = httpx.post(url, content=BODY, headers={"content-type": "application/json"}).status_code
        os.kill(process.pid, signal.SIGKILL)
    journal = open_journal(path)
    assert (status, [json.loads(record.raw) for record in journal.read()]) == (202, json.loads(BODY)["value"])
    journal.close()
