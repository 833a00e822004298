"""A company's network: its own certificate authority and its proxy, for sign-in and Graph alike."""

from contextlib import AsyncExitStack

import pytest

import graphcall_nb as gc
from graphcall_nb.background import Background, serve
from graphcall_nb.errors import ServiceUnreachable
from graphcall_nb.graph import templates
from graphcall_nb.simulator.simulator import Simulator
from tests.client.tls_servers import PROXY_ONLY_HOST, CertificateAuthority, serve_forward_proxy

from .service import make_parameters


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A service behind TLS that only those believe who know the company's authority, and a proxy that leads to it."""
    background = Background("company")
    background.start()
    authority, simulator = CertificateAuthority(tmp_path_factory.mktemp("company")), Simulator(speed=50)
    stack = AsyncExitStack()

    async def opened():
        server = await serve(simulator.app, ssl_context=authority.context)
        stack.push_async_callback(server.close)
        authority.asked = []
        authority.proxy = await stack.enter_async_context(serve_forward_proxy(authority.asked, server.url))
        authority.info = simulator.info(server.url)

    background.run(opened())
    yield authority
    background.run(simulator.aclose())
    background.run(stack.aclose())
    background.stop()


@pytest.fixture
def given(company, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    company.asked.clear()
    return make_parameters(company.info) | {"journal": tmp_path / "calls.sqlite"}


def established(session):
    session.create_call(templates.peer_to_peer()).wait_for("established", timeout=30)
    return True


def test_certificate_authority_of_a_company_is_trusted(company, given):
    with gc.connect(**given, ca_bundle=company.bundle) as session:
        assert established(session)


def test_untrusted_certificate_names_the_setting(given):
    with pytest.raises(ServiceUnreachable, match=r"certificate of 127\.0\.0\.1 is not trusted.*GRAPHCALL_CA_BUNDLE"):
        gc.connect(**given)


def test_a_proxy_is_used_for_sign_in_and_graph(company, given, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", company.proxy)
    inside = dict.fromkeys(("graph_url", "authority"), f"https://{PROXY_ONLY_HOST}")
    keys = f"https://{PROXY_ONLY_HOST}/v1/.well-known/OpenIdConfiguration"
    with gc.connect(**given | inside | {"openid_url": keys}, ca_bundle=company.bundle, tunnel="none") as session:
        signing_in = len(company.asked)
        assert established(session)
        assert "SIMULATED" not in repr(session)
    assert signing_in >= 2
    assert len(company.asked) > signing_in
    assert set(company.asked) == {f"{PROXY_ONLY_HOST}:443"}


@pytest.mark.slow
def test_loopback_uses_no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with gc.simulate(speed=50) as session:
        assert established(session)
        assert session.doctor().wait(60).ok


@pytest.mark.parametrize("isolated", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_simulator_serves_https_to_its_own_session(tmp_path, isolated):
    with gc.simulate(tls=tmp_path, speed=50, isolated=isolated) as session:
        assert established(session)
        assert session.requests()["url"].str.startswith("https://127.0.0.1").all()


def test_folder_of_the_authority_that_cannot_be_used_is_named():
    with pytest.raises(ValueError, match="choose a folder"):
        gc.simulate(tls=__file__)
