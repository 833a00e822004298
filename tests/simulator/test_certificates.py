"""The simulator's certificate authority: kept in a folder, trusted by strict clients, private."""

import contextlib
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from graphcall_nb.simulator.certificates import CertificateAuthority


def shake_hands(client, server, host):
    """Let a client and a server context talk in memory; raise what the client raises."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for _ in range(3):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "graph.test", "192.0.2.7"])
def test_strict_client_with_the_file_trusts_the_server(tmp_path, host):
    authority = CertificateAuthority(tmp_path)
    client = ssl.create_default_context(cafile=authority.ca_file)
    client.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
    shake_hands(client, authority.make_server_context(["graph.test", "192.0.2.7", ""]), host)


def test_certificate_is_for_its_hosts_alone(tmp_path):
    authority = CertificateAuthority(tmp_path)
    client = ssl.create_default_context(cafile=authority.ca_file)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"graph\.test"):
        shake_hands(client, authority.make_server_context(), "graph.test")


def test_authority_is_made_once(tmp_path):
    folder = tmp_path / "new" / "tls"
    first = CertificateAuthority(folder).ca_file.read_bytes()
    (folder / "ca.pem").unlink()
    assert CertificateAuthority(folder).ca_file.read_bytes() == first


def test_simulators_that_start_together_share_an_authority(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(CertificateAuthority, [tmp_path] * 8))
    client = ssl.create_default_context(cafile=made[0].ca_file)
    for authority in made:
        shake_hands(client, authority.make_server_context(), "localhost")


def test_only_the_user_reads_the_key(tmp_path):
    CertificateAuthority(tmp_path).make_server_context()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"authority.pem": 0o600, "ca.pem": 0o644}


@pytest.mark.parametrize("content", ["", "text", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_file_that_is_not_an_authority_is_named(tmp_path, content):
    (tmp_path / "authority.pem").write_text(content)
    with pytest.raises(ValueError, match=r"authority\.pem .*delete it"):
        CertificateAuthority(tmp_path)


def test_key_of_another_authority_is_refused(tmp_path):
    for name in ("one", "other"):
        CertificateAuthority(tmp_path / name)
    key, _, _ = (tmp_path / "one" / "authority.pem").read_text().partition("-----BEGIN CERTIFICATE")
    (tmp_path / "other" / "authority.pem").write_text(key + (tmp_path / "other" / "ca.pem").read_text())
    with pytest.raises(ValueError, match="private key of its certificate"):
        CertificateAuthority(tmp_path / "other")


def test_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="choose a folder"):
        CertificateAuthority(tmp_path / "file")
