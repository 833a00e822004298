"""``connect`` from settings to a whole call: a service on a port of its own, real MSAL, sockets and signatures."""

import json
import socket
import threading

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import InvalidSetting, ServiceUnreachable, SettingsMissing, SignInFailed, TunnelError
from graphcall_nb.graph import templates
from graphcall_nb.tunnels.tunnel import Tunnel
from graphcall_nb.tunnels.url import Url
from graphcall_nb.widgets.cockpit.status import collect_facts

from .service import make_parameters, serve_simulator


@pytest.fixture(scope="module")
def info():
    with serve_simulator() as found:
        yield found


@pytest.fixture
def given(info, tmp_path):
    return make_parameters(info) | {"journal": tmp_path / "calls.sqlite"}


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE", "TUNNEL", "CLOUD"):
        monkeypatch.delenv(f"GRAPHCALL_{name}", raising=False)


def run_whole_call(session):
    call = session.create_call(templates.peer_to_peer())
    call.wait_for("established", timeout=20)
    call.hang_up()
    call.wait_for("terminated", timeout=20)
    return session.intervals()["state"].tolist()


def test_whole_call_in_v1(given):
    with gc.connect(**given) as session:
        assert session.version.name == "v1.0"
        states = run_whole_call(session)
        assert (states[0], states[-1]) == ("establishing", "terminated")
        assert "established" in states


@pytest.mark.slow
def test_listener_in_a_process_of_its_own(given):
    with gc.connect(**given, isolated=True) as session:
        assert "established" in run_whole_call(session)
        assert session.listener.pid


def test_beta_can_be_selected(given):
    with gc.connect(**given, version="beta") as session:
        assert "established" in run_whole_call(session)


def test_settings_come_from_the_environment_and_a_file(given, monkeypatch, tmp_path):
    given = {name: str(value) for name, value in given.items()}
    given["client_secret"] = given.pop("client_credential")
    monkeypatch.setenv("GRAPHCALL_TENANT_ID", given.pop("tenant_id"))
    lines = [f"GRAPHCALL_{name.upper()}={value}" for name, value in given.items()]
    (tmp_path / ".env").write_text("\n".join(["GRAPHCALL_TENANT_ID=another", *lines]))
    with gc.connect() as session:
        assert session.create_call(templates.pstn()).id


def test_notifications_arrive_through_an_existing_address(given):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with gc.connect(**given, tunnel=Tunnel(Url(f"http://localhost:{port}", local_port=port))) as session:
        assert session.callback_uri.startswith(f"http://localhost:{port}/api/calls/")
        assert "established" in run_whole_call(session)


def test_example_identities_are_replaced(given, info):
    with gc.connect(**given) as session:
        session.create_call(templates.peer_to_peer())
        [sent] = session.journal.read_requests()
        body = json.loads(sent.request_body)
    assert body["tenantId"] == info["tenant_id"]
    assert body["source"]["identity"]["application"]["id"] == info["client_id"]
    assert "value" not in str(body["source"])


def test_service_on_this_machine_is_shown_as_simulated(given):
    with gc.connect(**given) as session:
        assert "SIMULATED" in repr(session)


def test_failed_sign_in_leaves_no_journal_and_no_thread(given):
    with pytest.raises(SignInFailed, match=r"7000215.*Value"):
        gc.connect(**given | {"client_credential": "wrong"})
    assert not given["journal"].exists()
    assert not [thread for thread in threading.enumerate() if thread.name == "graphcall_nb"]


def test_unknown_tenant_has_the_error_of_entra(given):
    with pytest.raises(SignInFailed, match=r"90002.*check the tenant id"):
        gc.connect(**given | {"tenant_id": "contoso.example"})


def test_all_missing_settings_are_named_at_once():
    with pytest.raises(SettingsMissing, match="3 settings are missing") as caught:
        gc.connect()
    assert caught.value.missing == ("tenant_id", "client_id", "client_secret")


def test_unreachable_network_is_one_sentence(given):
    with pytest.raises(ServiceUnreachable, match=r"127\.0\.0\.1 cannot be reached .*check the network"):
        gc.connect(**given | {"authority": "http://127.0.0.1:9"})


def test_tunnel_without_https_is_refused(given):
    with pytest.raises(TunnelError, match="https"):
        gc.connect(**given, tunnel="http://bot.example.org")


def test_plain_http_to_another_machine_is_refused(given):
    with pytest.raises(InvalidSetting, match=r"graph_url: .*https"):
        gc.connect(**given | {"graph_url": "http://graph.example"})


class MovingProvider:
    """A tunnel that the test closes, and that reopens at another address."""

    name, local_port = "wandering", None

    def __init__(self):
        self.links = []

    async def check(self):
        return "It is a test."

    async def connect(self, port):
        import asyncio

        class Link:
            url = f"http://{'localhost' if self.links else '127.0.0.1'}:{port}"
            gone = asyncio.Event()

            async def wait_lost(self):
                await self.gone.wait()
                return "The test closed it."

            async def recover(self):
                return False

            async def close(self):
                pass

        self.links.append(Link())
        return self.links[-1]


def test_new_calls_get_the_new_address_of_a_tunnel(given, caplog):
    way = MovingProvider()
    with gc.connect(**given, tunnel=Tunnel(way, backoff=[0, 0])) as session:
        old = session.create_call(templates.peer_to_peer())
        moved = threading.Event()
        session.tunnel.on_url_change(lambda before, after: moved.set())
        session.submit(_lose(way))
        form = session.form()
        assert moved.wait(20)
        form.call = templates.peer_to_peer()
        for new in (form.create().result(20), session.create_call(templates.peer_to_peer())):
            new.wait_for("established", timeout=20)
        assert session.callback_uri.startswith("http://localhost:")
        assert session.calls_with_stale_callback == (old.id,)
        assert "1 call left on a former address" in repr(session)
        assert "came back at another address, http://localhost:" in caplog.text
        assert "1 call left" in collect_facts(session, "")["tunnel"]["text"]


async def _lose(way):
    way.links[0].gone.set()
