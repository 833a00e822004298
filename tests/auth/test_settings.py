"""Where settings come from, and what is said of those that are missing or wrong."""

import pytest

from graphcall_nb.clouds import CLOUDS
from graphcall_nb.errors import InvalidSetting, SettingsMissing
from graphcall_nb.settings.credential import Credential
from graphcall_nb.settings.read import read_settings

GIVEN = {"tenant_id": "contoso.onmicrosoft.com", "client_id": "8A34A46B", "client_secret": "the secret"}


@pytest.fixture(autouse=True)
def _no_env_file_above(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def read(given=GIVEN, **changed):
    return read_settings(given, **{"environ": {}} | changed)


def test_parameters_win_over_the_environment_and_that_over_the_file(tmp_path):
    lines = ("GRAPHCALL_TENANT_ID=file", "GRAPHCALL_CLIENT_ID=file", "GRAPHCALL_TUNNEL='ssh:x' # mine")
    (tmp_path / ".env").write_text("\n".join(lines))
    environ = {"GRAPHCALL_TENANT_ID": "environment", "GRAPHCALL_CLIENT_ID": "environment"}
    settings = read({"tenant_id": "parameter", "client_secret": "s"}, environ=environ)
    assert (settings.tenant_id, settings.client_id, settings.tunnel) == ("parameter", "environment", "ssh:x")
    assert settings.sources["tenant_id"] == "parameter"
    assert settings.sources["tunnel"].endswith(".env")


def test_what_is_empty_was_not_given():
    with pytest.raises(SettingsMissing) as caught:
        read({"tenant_id": "", "client_id": None}, environ={"GRAPHCALL_CLIENT_SECRET": ""})
    assert caught.value.missing == ("tenant_id", "client_id", "client_secret")


def test_what_is_missing_is_named_with_the_place_where_it_is_found():
    with pytest.raises(SettingsMissing, match=r"One setting is missing: GRAPHCALL_CLIENT_ID \(Entra > .* Overview"):
        read({"tenant_id": "t", "client_secret": "s"})


def test_the_repr_holds_no_secret():
    assert "the secret" not in repr(read())
    assert "client secret" in repr(read())


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_decides_all_addresses(name):
    cloud = CLOUDS[name]
    settings = read(GIVEN | {"cloud": name.upper()})
    assert (settings.authority, settings.graph_url) == (cloud.authority, cloud.graph_url)
    assert settings.cloud.scope == f"{cloud.graph_url}/.default"


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("cloud", "mars", "usgov-dod"),
        ("graph_url", "http://graph.example", "https"),
        ("authority", "login.example", "https"),
        ("client_certificate", "missing.pem", "check the path"),
    ],
)
def test_wrong_setting_is_named(name, value, word):
    with pytest.raises(InvalidSetting, match=word) as caught:
        read(GIVEN | {name: value})
    assert caught.value.setting == name


def test_missing_env_file_is_named():
    with pytest.raises(InvalidSetting, match=r"env_file: nowhere\.env"):
        read(env_file="nowhere.env")


def test_a_secret_given_beats_a_certificate_of_the_environment():
    environ = {"GRAPHCALL_CLIENT_CERTIFICATE": "missing.pem"}
    assert read(environ=environ).credential.reveal() == "the secret"


def test_a_dollar_in_a_secret_is_a_dollar(tmp_path):
    (tmp_path / ".env").write_text("GRAPHCALL_CLIENT_SECRET=a${HOME}b\n")
    assert read(GIVEN | {"client_secret": None}).credential.reveal() == "a${HOME}b"


def test_a_service_on_this_machine_needs_no_tunnel():
    assert read(GIVEN | {"graph_url": "http://127.0.0.1:8710"}).tunnel == "none"
    assert read().tunnel == "auto"


def test_a_credential_is_known_by_its_kind_only():
    assert repr(Credential({"private_key": "PEM"})) == "<Credential: certificate>"
