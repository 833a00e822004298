"""What Entra refuses, and a network that leads nowhere, in one sentence each."""

import socket
import time

import pytest

from graphcall_nb.auth.discovery import discover
from graphcall_nb.auth.entra import REMEDIES
from graphcall_nb.auth.network import trusted
from graphcall_nb.auth.sign_in import MsalAuth
from graphcall_nb.errors import InvalidSetting, ServiceUnreachable, SignInFailed

from .entra import TENANT, Entra, serving


@pytest.fixture(scope="module")
def entra():
    app = Entra()
    with serving(app) as url:
        app.url = url
        yield app


@pytest.fixture
def answering(entra):
    def answer(*what):
        entra.answer = what or None
        return entra.url

    yield answer
    entra.answer = None


@pytest.mark.parametrize("number", REMEDIES)
def test_each_code_that_people_meet_has_its_remedy(entra, number):
    entra.number = number
    auth = MsalAuth(TENANT, "client", "the secret", authority=entra.url)
    with pytest.raises(SignInFailed) as caught:
        auth.acquire()
    auth.close()
    assert caught.value.code == f"AADSTS{number}"
    assert REMEDIES[number] in str(caught.value)
    assert "Trace" not in str(caught.value)


def test_other_codes_are_looked_up(entra):
    entra.number = 4711
    with pytest.raises(SignInFailed, match=r"AADSTS4711: It is refused\. Look the code up"):
        MsalAuth(TENANT, "client", "the secret", authority=entra.url).acquire()


def test_entra_out_of_order_is_said_so(entra, monkeypatch):
    monkeypatch.setattr(entra, "status", 503)
    with pytest.raises(ServiceUnreachable, match=r"out of order .*try again"):
        MsalAuth(TENANT, "client", "the secret", authority=entra.url).acquire()


async def test_discovery_finds_the_tenants_id_and_the_clock(entra):
    found = await discover(entra.url, "contoso.example", clock=lambda: time.time() + 120)
    assert found.tenant_id == TENANT
    assert found.skew_seconds == pytest.approx(119.5, abs=2)


@pytest.mark.parametrize("answer", [(200, b"<html>Welcome to the hotel"), (200, {}), (502, b"")])
async def test_what_is_not_entra_is_said_so(answering, answer):
    with pytest.raises(SignInFailed, match=r"does not answer like Microsoft Entra .*login page"):
        await discover(answering(*answer), TENANT)


@pytest.mark.parametrize(
    ("authority", "words"),
    [
        ("https://login.nowhere.invalid", r"login\.nowhere\.invalid cannot be reached .*check the network"),
        ("http://127.0.0.1:9", "cannot be reached .*check the network"),
    ],
)
async def test_without_network_it_is_one_sentence(authority, words):
    with pytest.raises(ServiceUnreachable, match=words):
        await discover(authority, TENANT)


async def test_a_network_that_swallows_packets_is_given_up_soon():
    # A full queue of connections answers like a network that drops packets: not at all.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        with pytest.raises(ServiceUnreachable, match="does not answer; check the network"):
            await discover(f"http://127.0.0.1:{port}", TENANT)
        assert time.monotonic() - started < 10
        for each in waiting:
            each.close()


async def test_proxy_that_is_down_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ServiceUnreachable, match="HTTPS_PROXY"):
        await discover("https://login.microsoftonline.com", TENANT)


def test_wrong_ca_bundle_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("hello")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(InvalidSetting, match="ca_bundle"):
            trusted(path)
