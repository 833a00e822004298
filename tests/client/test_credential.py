"""Sign-in with a certificate: real MSAL signs, the simulated tenant verifies the signature."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from graphcall_nb.client.credential import load_certificate
from graphcall_nb.client.sign_in import MsalAuth
from graphcall_nb.errors import InvalidSetting, SignInFailed
from tests.session.service import serve_simulator

from .certificates import PASSWORD, SelfSignedCertificate


@pytest.fixture(scope="module")
def certificate():
    return SelfSignedCertificate()


@pytest.fixture(scope="module")
def info(certificate):
    with serve_simulator(client_certificate=certificate.pem.decode()) as service:
        yield service


def sign_in(info, credential):
    auth = MsalAuth(info["tenant_id"], info["client_id"], credential, authority=info["graph_url"])
    try:
        return auth.acquire()
    finally:
        auth.close()


def test_certificate_and_key_in_one_file(certificate, info, tmp_path):
    (tmp_path / "bot.pem").write_bytes(certificate.key_pem() + certificate.pem)
    assert sign_in(info, load_certificate(str(tmp_path / "bot.pem")))


def test_encrypted_key_in_a_separate_file(certificate, info, tmp_path):
    (tmp_path / "bot.pem").write_bytes(certificate.pem)
    (tmp_path / "bot.key").write_bytes(certificate.key_pem(PASSWORD))
    assert sign_in(info, load_certificate(str(tmp_path / "bot.pem"), str(tmp_path / "bot.key"), PASSWORD.decode()))


def test_pkcs12(certificate, info, tmp_path):
    (tmp_path / "bot.pfx").write_bytes(certificate.pfx())
    assert sign_in(info, load_certificate(str(tmp_path / "bot.pfx"), password=PASSWORD.decode()))


def test_certificate_of_another_application(info, tmp_path):
    other = SelfSignedCertificate()
    (tmp_path / "bot.pem").write_bytes(other.key_pem() + other.pem)
    with pytest.raises(SignInFailed, match="not one of the application's") as raised:
        sign_in(info, load_certificate(str(tmp_path / "bot.pem")))
    assert raised.value.code == "AADSTS700027"


def test_elliptic_curve_key_is_refused(tmp_path):
    certificate = SelfSignedCertificate(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "bot.pem").write_bytes(certificate.key_pem() + certificate.pem)
    with pytest.raises(InvalidSetting, match="RSA only"):
        load_certificate(str(tmp_path / "bot.pem"))


def test_expired_certificate(certificate, tmp_path):
    (tmp_path / "bot.pem").write_bytes(certificate.key_pem() + certificate.pem)
    with pytest.raises(InvalidSetting, match="expired on"):
        load_certificate(str(tmp_path / "bot.pem"), now=datetime.now(UTC) + timedelta(days=31))


DECRYPTION_ERROR = "cannot be decrypted; pass the right password"
FILES = {
    "is missing": (lambda certificate: None, "cannot be read"),
    "is not a certificate": (lambda certificate: certificate.key_pem() + b"hello", "contains no certificate"),
    "is half a certificate": (
        lambda certificate: certificate.key_pem() + certificate.pem[:300],
        "contains no certificate",
    ),
    "has no key": (lambda certificate: certificate.pem, "contains no private key"),
    "has half a key": (lambda certificate: certificate.key_pem()[:300] + certificate.pem, DECRYPTION_ERROR),
    "has an encrypted key": (lambda certificate: certificate.key_pem(PASSWORD) + certificate.pem, DECRYPTION_ERROR),
    "has the key of another certificate": (
        lambda certificate: SelfSignedCertificate().key_pem() + certificate.pem,
        "not that of the certificate",
    ),
}


@pytest.mark.parametrize(("content", "message"), FILES.values(), ids=FILES)
def test_invalid_file_is_named(certificate, tmp_path, content, message):
    path = tmp_path / "bot.pem"
    if data := content(certificate):
        path.write_bytes(data)
    with pytest.raises(InvalidSetting, match=message) as raised:
        load_certificate(str(path))
    assert str(path) in str(raised.value)


@pytest.mark.parametrize("content", [None, b"hello"])
def test_pkcs12_with_a_wrong_password(certificate, tmp_path, content):
    (tmp_path / "bot.pfx").write_bytes(content or certificate.pfx())
    with pytest.raises(InvalidSetting, match=DECRYPTION_ERROR):
        load_certificate(str(tmp_path / "bot.pfx"), password="wrong")
