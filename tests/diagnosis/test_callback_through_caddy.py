"""The doctor of a connected session behind a real Caddy with TLS."""

import pytest

import graphcall_nb as gc
from graphcall_nb.tunnels import Url
from tests.session.service import make_parameters, serve_simulator
from tests.tunnels.servers import free_port
from tests.tunnels.ssh_server import needs_caddy, run_caddy

pytestmark = [needs_caddy, pytest.mark.slow]


@pytest.fixture(scope="module")
def info():
    with serve_simulator() as service:
        yield service


def run_doctor(info, folder, url, port, **settings):
    tunnel = Url(url, local_port=port)
    with gc.connect(**make_parameters(info), journal=folder / "calls.sqlite", tunnel=tunnel, **settings) as session:
        return session.doctor().wait(60)


def test_request_through_caddy(info, tmp_path):
    port = free_port()
    with run_caddy(tmp_path, port) as (url, _):
        root = tmp_path / "caddy/pki/authorities/local/root.crt"
        report = run_doctor(info, tmp_path, url, port, ca_bundle=root)
        assert report.ok, str(report)
        assert f"{url} leads to the listener in" in report["callback"].detail
        assert "its certificate expires in" in report["callback"].detail
        # Without the CA bundle, Caddy's authority is unknown, as it is to Microsoft.
        report = run_doctor(info, tmp_path, url, port)
        assert "certificate is not trusted" in report["callback"].detail


def test_caddy_without_a_listener(info, tmp_path):
    with run_caddy(tmp_path, free_port()) as (url, _):
        root = tmp_path / "caddy/pki/authorities/local/root.crt"
        report = run_doctor(info, tmp_path, url, None, ca_bundle=root)
    assert "reaches no listener (502)" in report["callback"].detail
