"""First runs with a fault each, whose report names the remedy, and one without a fault."""

import pytest

from graphcall_nb.client.credential import Credential
from graphcall_nb.diagnosis.checks import find_missing_permissions
from graphcall_nb.diagnosis.report import Check, Report
from graphcall_nb.session.doctor import check_settings
from tests.session.service import serve_simulator


@pytest.fixture(scope="module")
def info():
    with serve_simulator() as service:
        yield service


@pytest.fixture(autouse=True)
def _without_settings_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE", "TUNNEL", "CLOUD"):
        monkeypatch.delenv(f"GRAPHCALL_{name}", raising=False)


def examine(info, *, tunnel=None, template="peer_to_peer", **changes):
    parameters = {
        "tenant_id": info["tenant_id"],
        "client_id": info["client_id"],
        "client_secret": Credential(info["client_secret"]),
        "graph_url": info["graph_url"],
        "authority": info["graph_url"],
        "openid_url": info["openid_url"],
    }
    return check_settings(parameters | changes, tunnel=tunnel, template=template)


def test_working_settings_pass_every_check(info):
    report = examine(info)
    assert report.ok, str(report)
    names = ["settings", "sign_in", "permissions", "tunnel", "callback", "clock", "journal"]
    assert [check.name for check in report] == names


def assert_failed(report, name, message):
    check = report[name]
    assert (check.status, report.ok) == ("fail", False)
    assert message in check.detail
    assert "Traceback" not in str(report)


def test_missing_settings_leave_everything_unreached():
    report = check_settings({})
    assert_failed(report, "settings", "3 settings are missing: GRAPHCALL_TENANT_ID (Entra >")
    assert {check.status for check in report if check.name != "settings"} == {"not reached"}
    assert report["sign_in"].detail == "It requires “Settings” to pass first."


def test_missing_secret(info):
    report = examine(info, client_secret=None)
    assert_failed(report, "settings", "One setting is missing: GRAPHCALL_CLIENT_SECRET")


def test_wrong_secret(info):
    report = examine(info, client_secret=Credential("wrong"))
    assert_failed(report, "sign_in", "AADSTS7000215")
    assert report["permissions"].status == report["clock"].status == "not reached"
    assert report["callback"].status == "pass"


def test_wrong_tenant(info):
    assert_failed(examine(info, tenant_id="contoso.example"), "sign_in", "AADSTS90002")


def test_missing_consent(info):
    application = {
        "client_id": info["client_id_without_consent"],
        "client_secret": Credential(info["client_secret_without_consent"]),
    }
    assert_failed(
        examine(info, **application), "permissions", "lacks Calls.Initiate.All (it has: none); add it in Entra"
    )


def test_unreachable_network(info):
    assert_failed(examine(info, authority="http://127.0.0.1:9"), "sign_in", "check the network")


def test_missing_tunnel_program(info, monkeypatch):
    monkeypatch.setenv("PATH", "")
    report = examine(info, tunnel="auto")
    assert_failed(report, "tunnel", "No tunnel can work here")
    assert report["callback"].status == "not reached"


def test_missing_tunnel(info):
    report = examine(info, graph_url="https://graph.microsoft.com", tunnel="none")
    assert_failed(report, "tunnel", "Microsoft cannot reach this machine; connect with tunnel='auto'")


def test_missing_certificate_file(info):
    assert_failed(examine(info, client_certificate="bot.pem"), "settings", "client_certificate: bot.pem cannot be read")


def test_permissions_of_the_selected_template(info):
    report = examine(info, template="join_meeting_id")
    assert "Join by meeting id" in report["permissions"].detail


@pytest.mark.parametrize(
    ("required", "roles", "missing"),
    [
        ("Calls.Initiate.All", ["Calls.Initiate.All"], []),
        ("Calls.A or Calls.B", ["Calls.B"], []),
        ("Calls.A or Calls.B with Calls.C", ["Calls.B"], ["Calls.C"]),
        ("Calls.A, Calls.B or Calls.C", ["Calls.B"], []),
    ],
)
def test_missing_permissions(required, roles, missing):
    assert find_missing_permissions(required, roles) == missing


def test_detail_of_several_lines_stays_in_its_column():
    first, second = str(Report((Check("tunnel", "Tunnel", "fail", "None.\nngrok: no key"),))).splitlines()
    assert first.index("None.") == second.index("ngrok: no key")
