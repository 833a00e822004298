"""Signing in by certificate: real MSAL signs, the simulated tenant checks the signature."""

import pytest

from graphcall_nb.auth import MsalAuth
from graphcall_nb.errors import InvalidSetting, SignInFailed
from graphcall_nb.settings.credential import certificate
from tests.session.service import serving

from .certificates import PASSWORD, Made


@pytest.fixture(scope="module")
def made():
    return Made()


@pytest.fixture(scope="module")
def info(made):
    with serving(client_certificate=made.public.decode()) as found:
        yield found


def sign_in(info, credential):
    auth = MsalAuth(info["tenant_id"], info["client_id"], credential, authority=info["graph_url"])
    try:
        return auth.acquire()
    finally:
        auth.close()


def test_certificate_and_key_in_one_file(made, info, tmp_path):
    (tmp_path / "bot.pem").write_bytes(made.private() + made.public)
    assert sign_in(info, certificate(str(tmp_path / "bot.pem")))


def test_key_in_a_file_of_its_own_with_a_password(made, info, tmp_path):
    (tmp_path / "bot.pem").write_bytes(made.public)
    (tmp_path / "bot.key").write_bytes(made.private(PASSWORD))
    assert sign_in(info, certificate(str(tmp_path / "bot.pem"), str(tmp_path / "bot.key"), PASSWORD.decode()))


def test_pkcs12(made, info, tmp_path):
    (tmp_path / "bot.pfx").write_bytes(made.pfx())
    assert sign_in(info, certificate(str(tmp_path / "bot.pfx"), password=PASSWORD.decode()))


def test_certificate_of_somebody_else_is_said_so(info, tmp_path):
    other = Made()
    (tmp_path / "bot.pem").write_bytes(other.private() + other.public)
    with pytest.raises(SignInFailed, match="not one of the application's") as caught:
        sign_in(info, certificate(str(tmp_path / "bot.pem")))
    assert caught.value.code == "AADSTS700027"


def test_wrong_password_is_a_sentence(made, info, tmp_path):
    (tmp_path / "bot.pfx").write_bytes(made.pfx())
    with pytest.raises(SignInFailed, match="password"):
        sign_in(info, certificate(str(tmp_path / "bot.pfx"), password="wrong"))


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "cannot be read"), (b"hello", "holds no certificate"), ("public", "holds no private key")],
)
def test_file_that_is_no_credential_is_named(made, tmp_path, content, word):
    path = tmp_path / "bot.pem"
    if content:
        path.write_bytes(made.public if content == "public" else content)
    with pytest.raises(InvalidSetting, match=word) as caught:
        certificate(str(path))
    assert str(path) in str(caught.value)
