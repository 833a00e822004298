"""Sources of settings, and the messages for settings that are missing or invalid."""

import pytest

from graphcall_nb.client.credential import Credential
from graphcall_nb.client.settings import read_settings
from graphcall_nb.errors import InvalidSetting, SettingsMissing
from graphcall_nb.graph.clouds import CLOUDS

PARAMETERS = {"tenant_id": "contoso.onmicrosoft.com", "client_id": "8A34A46B", "client_secret": "the secret"}


@pytest.fixture(autouse=True)
def _empty_working_directory(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def read(parameters=PARAMETERS, **settings):
    return read_settings(parameters, **{"environ": {}} | settings)


def test_parameters_override_the_environment_which_overrides_the_file(tmp_path):
    lines = ("GRAPHCALL_TENANT_ID=file", "GRAPHCALL_CLIENT_ID=file", "GRAPHCALL_TUNNEL='ssh:x' # mine")
    (tmp_path / ".env").write_text("\n".join(lines))
    environ = {"GRAPHCALL_TENANT_ID": "environment", "GRAPHCALL_CLIENT_ID": "environment"}
    settings = read({"tenant_id": "parameter", "client_secret": "s"}, environ=environ)
    assert (settings.tenant_id, settings.client_id, settings.tunnel) == ("parameter", "environment", "ssh:x")
    assert settings.sources["tenant_id"] == "parameter"
    assert settings.sources["client_id"] == "environment"
    assert settings.sources["tunnel"].endswith(".env")


def test_empty_values_are_ignored():
    with pytest.raises(SettingsMissing) as raised:
        read({"tenant_id": "", "client_id": None}, environ={"GRAPHCALL_CLIENT_SECRET": ""})
    assert raised.value.missing == ("tenant_id", "client_id", "client_secret")


def test_missing_setting_is_named_with_the_place_of_its_value():
    with pytest.raises(SettingsMissing, match=r"One setting is missing: GRAPHCALL_CLIENT_ID \(Entra > .* Overview"):
        read({"tenant_id": "t", "client_secret": "s"})


def test_repr_has_no_secret():
    assert "the secret" not in repr(read())
    assert "client secret" in repr(read())


@pytest.mark.parametrize("name", CLOUDS)
def test_cloud_sets_all_urls(name):
    cloud = CLOUDS[name]
    settings = read(PARAMETERS | {"cloud": name.upper()})
    assert (settings.authority, settings.graph_url) == (cloud.authority, cloud.graph_url)
    assert settings.cloud.scope == f"{cloud.graph_url}/.default"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("cloud", "mars", "usgov-dod"),
        ("graph_url", "http://graph.example", "https"),
        ("authority", "login.example", "https"),
        ("client_certificate", "missing.pem", "check the path"),
        ("tenant_id", 5, "expected a text; got int"),
    ],
)
def test_invalid_setting_is_named(name, value, message):
    with pytest.raises(InvalidSetting, match=message) as raised:
        read(PARAMETERS | {name: value})
    assert raised.value.setting == name


def test_missing_env_file_is_named():
    with pytest.raises(InvalidSetting, match=r"env_file: nowhere\.env is not a file"):
        read(env_file="nowhere.env")


def test_env_file_that_is_not_a_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"GRAPHCALL_TENANT_ID=\xff\xfe")
    with pytest.raises(InvalidSetting, match="UTF-8"):
        read()


def test_secret_parameter_overrides_a_certificate_of_the_environment():
    environ = {"GRAPHCALL_CLIENT_CERTIFICATE": "missing.pem"}
    assert read(environ=environ).credential.reveal() == "the secret"


def test_dollar_in_a_secret_is_not_interpolated(tmp_path):
    (tmp_path / ".env").write_text("GRAPHCALL_CLIENT_SECRET=a${HOME}b\n")
    assert read(PARAMETERS | {"client_secret": None}).credential.reveal() == "a${HOME}b"


def test_service_on_this_machine_needs_no_tunnel():
    assert read(PARAMETERS | {"graph_url": "http://127.0.0.1:8710"}).tunnel == "none"
    assert read().tunnel == "auto"


def test_repr_of_a_credential_shows_its_kind_only():
    assert repr(Credential({"private_key": "PEM"})) == "<Credential: certificate>"
