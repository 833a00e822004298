"""Signing in by certificate: real MSAL signs, the simulated tenant checks the signature."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from graphcall_nb.auth.sign_in import MsalAuth
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


def test_curve_keys_are_refused(tmp_path):
    made = Made(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "bot.pem").write_bytes(made.private() + made.public)
    with pytest.raises(InvalidSetting, match="RSA only"):
        certificate(str(tmp_path / "bot.pem"))


def test_certificate_that_has_ended_is_said_so(made, tmp_path):
    (tmp_path / "bot.pem").write_bytes(made.private() + made.public)
    with pytest.raises(InvalidSetting, match="ended on"):
        certificate(str(tmp_path / "bot.pem"), now=datetime.now(UTC) + timedelta(days=31))


SEALED = "does not open; give the right password"
FILES = {
    "is missing": (lambda made: None, "cannot be read"),
    "is something else": (lambda made: made.private() + b"hello", "holds no certificate"),
    "is half a certificate": (lambda made: made.private() + made.public[:300], "holds no certificate"),
    "has no key": (lambda made: made.public, "holds no private key"),
    "has half a key": (lambda made: made.private()[:300] + made.public, SEALED),
    "has a key with a password": (lambda made: made.private(PASSWORD) + made.public, SEALED),
    "has the key of another": (lambda made: Made().private() + made.public, "not that of the certificate"),
}


@pytest.mark.parametrize(("content", "word"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_credential_is_named(made, tmp_path, content, word):
    path = tmp_path / "bot.pem"
    if written := content(made):
        path.write_bytes(written)
    with pytest.raises(InvalidSetting, match=word) as caught:
        certificate(str(path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [None, b"hello"])
def test_pkcs12_that_does_not_open(made, tmp_path, content):
    (tmp_path / "bot.pfx").write_bytes(content or made.pfx())
    with pytest.raises(InvalidSetting, match=SEALED):
        certificate(str(tmp_path / "bot.pfx"), password="wrong")
