"""First runs that fail, each in one sentence with the remedy, and one that does not."""

import pytest
from graphcall_nb.session.doctor.doctor import examine_first_run

from graphcall_nb.diagnosis.permissions import missing_permissions
from graphcall_nb.diagnosis.report import Check, Report
from graphcall_nb.settings.credential import Credential
from tests.session.service import serving


@pytest.fixture(scope="module")
def info():
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE", "TUNNEL", "CLOUD"):
        monkeypatch.delenv(f"GRAPHCALL_{name}", raising=False)


def report_of(info, *, tunnel=None, template="peer_to_peer", **changed):
    given = {
        "tenant_id": info["tenant_id"],
        "client_id": info["client_id"],
        "client_secret": Credential(info["client_secret"]),
        "graph_url": info["graph_url"],
        "authority": info["graph_url"],
        "openid_url": info["openid_url"],
    }
    return examine_first_run(given | changed, tunnel=tunnel, template=template)


def test_a_first_run_that_works_passes_every_step(info):
    report = report_of(info)
    assert report.ok, str(report)
    assert [check.name for check in report] == ["settings", "sign_in", "permissions", "tunnel", "callback", "clock"]


def failing(report, name, words):
    check = report[name]
    assert (check.status, report.ok) == ("fail", False)
    assert words in check.detail
    assert "Traceback" not in str(report)
    return check


def test_without_settings_nothing_else_is_reached():
    report = examine_first_run({})
    failing(report, "settings", "3 settings are missing: GRAPHCALL_TENANT_ID (Entra >")
    assert {check.status for check in report if check.name != "settings"} == {"not reached"}
    assert report["sign_in"].detail == "It needs “Settings” to pass first."


def test_without_secret_only_that_is_named(info):
    report = report_of(info, client_secret=None)
    failing(report, "settings", "One setting is missing: GRAPHCALL_CLIENT_SECRET")


def test_with_a_wrong_secret(info):
    report = report_of(info, client_secret=Credential("wrong"))
    failing(report, "sign_in", "AADSTS7000215")
    assert report["permissions"].status == report["clock"].status == "not reached"
    assert report["callback"].status == "pass"


def test_with_a_wrong_tenant(info):
    failing(report_of(info, tenant_id="contoso.example"), "sign_in", "AADSTS90002")


def test_without_consent(info):
    without = {
        "client_id": info["client_id_without_consent"],
        "client_secret": Credential(info["client_secret_without_consent"]),
    }
    failing(
        report_of(info, **without), "permissions", "lacks Calls.Initiate.All (it holds: none at all); add it in Entra"
    )


def test_without_network(info):
    failing(report_of(info, authority="http://127.0.0.1:9"), "sign_in", "check the network")


def test_without_a_tunnel_program(info, monkeypatch):
    monkeypatch.setenv("PATH", "")
    report = report_of(info, tunnel="auto")
    failing(report, "tunnel", "No tunnel can work here")
    assert report["callback"].status == "not reached"


def test_without_a_tunnel_microsoft_reaches_nobody(info):
    report = report_of(info, graph_url="https://graph.microsoft.com", tunnel="none")
    failing(report, "tunnel", "Microsoft cannot reach this machine; connect with tunnel='auto'")


def test_with_a_certificate_file_that_is_missing(info):
    failing(report_of(info, client_certificate="bot.pem"), "settings", "client_certificate: bot.pem cannot be read")


def test_permissions_of_the_chosen_template(info):
    report = report_of(info, template="join_meeting_id")
    assert "Join by meeting id" in report["permissions"].detail


@pytest.mark.parametrize(
    ("needed", "roles", "missing"),
    [
        ("Calls.Initiate.All", ["Calls.Initiate.All"], []),
        ("Calls.A or Calls.B", ["Calls.B"], []),
        ("Calls.A or Calls.B with Calls.C", ["Calls.B"], ["Calls.C"]),
        ("Calls.A, Calls.B or Calls.C", ["Calls.B"], []),
    ],
)
def test_permissions_are_read_as_people_write_them(needed, roles, missing):
    assert missing_permissions(needed, roles) == missing


def test_detail_of_several_lines_stays_in_its_column():
    first, second = str(Report((Check("tunnel", "Tunnel", "fail", "None.\nngrok: no key"),))).splitlines()
    assert first.index("None.") == second.index("ngrok: no key")
