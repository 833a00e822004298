"""Refusals of Entra and unreachable networks, each with its remedy."""

import socket
import time

import pytest

from graphcall_nb.client.entra_errors import REMEDIES
from graphcall_nb.client.sign_in import MsalAuth, discover_tenant, make_sign_in_error
from graphcall_nb.client.tls import create_ssl_context
from graphcall_nb.errors import InvalidSetting, ServiceUnreachable, SignInFailed

from .fake_entra import TENANT, FakeEntra, serve_entra


@pytest.fixture(scope="module")
def entra():
    app = FakeEntra()
    with serve_entra(app) as url:
        app.url = url
        yield app


def test_error_code_has_its_remedy(entra):
    entra.number = 7000215
    auth = MsalAuth(TENANT, "client", "the secret", authority=entra.url)
    with pytest.raises(SignInFailed) as raised:
        auth.acquire()
    auth.close()
    assert raised.value.code == "AADSTS7000215"
    assert REMEDIES[7000215] in str(raised.value)
    assert "Trace" not in str(raised.value)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (50012, "secret or certificate was refused"),
        (700025, "public client"),
        (50194, "pass its id, not common"),
        (500021, "tenant restrictions"),
        (650057, "API permissions"),
        (530032, "Conditional access blocks"),
        (90024, "try again in some minutes"),
    ],
)
def test_remedy_fits_the_code(number, remedy):
    assert remedy in str(make_sign_in_error({"error_codes": [number], "error_description": "It is refused."}))


def test_other_error_code_is_looked_up(entra):
    entra.number = 4711
    with pytest.raises(SignInFailed, match=r"AADSTS4711: It is refused\. Look the code up"):
        MsalAuth(TENANT, "client", "the secret", authority=entra.url).acquire()


def test_unavailable_entra():
    with (
        serve_entra(FakeEntra(status=503)) as url,
        pytest.raises(ServiceUnreachable, match=r"temporarily unavailable .*try again"),
    ):
        MsalAuth(TENANT, "client", "the secret", authority=url).acquire()


async def test_discovery_returns_the_tenant_id_and_the_clock_skew(entra):
    tenant = await discover_tenant(entra.url, "contoso.example", clock=lambda: time.time() + 120)
    assert tenant.tenant_id == TENANT
    assert tenant.skew_seconds == pytest.approx(119.5, abs=2)


@pytest.mark.parametrize("response", [(200, b"<html>Welcome to the hotel"), (200, {}), (502, b"")])
async def test_server_that_is_not_entra(response):
    with (
        serve_entra(FakeEntra(response=response)) as url,
        pytest.raises(SignInFailed, match=r"does not answer like Microsoft Entra .*login page"),
    ):
        await discover_tenant(url, TENANT)


@pytest.mark.parametrize(
    ("authority", "message"),
    [
        ("https://login.nowhere.invalid", r"login\.nowhere\.invalid cannot be reached .*check the network"),
        ("http://127.0.0.1:9", "cannot be reached .*check the network"),
    ],
)
async def test_unreachable_network(authority, message):
    with pytest.raises(ServiceUnreachable, match=message):
        await discover_tenant(authority, TENANT)


async def test_network_that_drops_packets_is_reported_soon():
    # A full backlog answers like a network that drops packets: not at all.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        clients = [socket.socket() for _ in range(4)]
        for client in clients:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", port))
        started = time.monotonic()
        with pytest.raises(ServiceUnreachable, match="does not answer; check the network"):
            await discover_tenant(f"http://127.0.0.1:{port}", TENANT)
        assert time.monotonic() - started < 10
        for client in clients:
            client.close()


async def test_stopped_proxy_is_named(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(ServiceUnreachable, match="HTTPS_PROXY"):
        await discover_tenant("https://login.microsoftonline.com", TENANT)


def test_invalid_ca_bundle_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("hello")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        with pytest.raises(InvalidSetting, match="ca_bundle"):
            create_ssl_context(path)
