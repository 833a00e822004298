"""The doctor of a connected session whose public address is a real Caddy with TLS."""

import pytest

import graphcall_nb as gc
from graphcall_nb.tunnels.url import Url
from tests.session.service import parameters, serving
from tests.tunnels.servers import free_port
from tests.tunnels.way import caddy, needs_caddy

pytestmark = needs_caddy


@pytest.fixture(scope="module")
def info():
    with serving() as found:
        yield found


def report_of(info, folder, url, port, **settings):
    way = Url(url, local_port=port)
    with gc.connect(**parameters(info), journal=folder / "calls.sqlite", tunnel=way, **settings) as session:
        return session.doctor().wait(60)


def test_the_knock_through_caddy(info, tmp_path):
    port = free_port()
    with caddy(tmp_path, port) as (url, _):
        root = tmp_path / "caddy/pki/authorities/local/root.crt"
        report = report_of(info, tmp_path, url, port, ca_bundle=root)
        assert report.ok, str(report)
        assert f"{url} leads to the listener in" in report["callback"].detail
        assert "its certificate ends in" in report["callback"].detail
        # Nobody else knows Caddy's authority, and neither does Microsoft.
        report = report_of(info, tmp_path, url, port)
        assert "certificate is not believed" in report["callback"].detail


def test_caddy_that_leads_to_nobody(info, tmp_path):
    with caddy(tmp_path, free_port()) as (url, _):
        root = tmp_path / "caddy/pki/authorities/local/root.crt"
        report = report_of(info, tmp_path, url, None, ca_bundle=root)
    assert "finds nobody behind it (502)" in report["callback"].detail
