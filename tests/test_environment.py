"""Environment variables that choose certificates and proxies: they work, or the error names the variable."""

import io
from contextlib import redirect_stdout
from importlib.util import find_spec

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb import cli
from graphcall_nb._environment import find_httpx_proxy, find_proxy
from graphcall_nb.client.tls import create_ssl_context, describe_connection_error, make_connection_options
from graphcall_nb.errors import InvalidSetting
from graphcall_nb.simulator.delivery import HttpPoster

PROXY = "http://proxy.example.org:8080"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("no_proxy", "url", "is_direct"),
    [
        ("::1,[2001:db8::1]", "https://[2001:db8::1]/x", True),
        ("2001:db8::1", "https://[2001:db8::1]:8443", True),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]", False),
        ("2001:db8::/32", "https://[2001:db8:5::1]", True),
        ("fe80::/10", "https://[2001:db8::1]", False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://login.example.org", False),
        (".example.org", "https://login.example.org", True),
        ("example.org", "https://badexample.org", False),
        ("*.example.org", "https://login.example.org", True),
        ("login.example.org:443", "https://login.example.org", True),
        ("*", "https://login.example.org", True),
        (" , [::, ]:1, a:b:c", "https://login.example.org", False),
    ],
)
def test_no_proxy(monkeypatch, no_proxy, url, is_direct):
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (find_proxy(url) is None) == is_direct
    assert make_connection_options(url)["proxy"] == (None if is_direct else PROXY)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://127.0.0.1"])
def test_this_machine_needs_no_proxy(monkeypatch, url):
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1")
    assert find_httpx_proxy(url) is None


@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("proxy", ["foo://user:password@host", "http://host:port", "gopher://[::1"])
def test_unusable_proxy_is_named_without_its_password(monkeypatch, variable, proxy):
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(InvalidSetting, match=f"{variable.upper()}: expected the URL of a proxy") as raised:
        find_httpx_proxy("https://login.example.org")
    assert "password" not in str(raised.value)


@pytest.mark.skipif(find_spec("socksio") is not None, reason="The package is installed.")
@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_socks_proxy_names_the_missing_package(monkeypatch, scheme):
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:1")
    with pytest.raises(InvalidSetting, match=rf"ALL_PROXY: a {scheme}:// proxy needs the package socksio: run pip"):
        gc.connect("tenant", "client", "secret", tunnel="none")


def test_unreachable_proxy_is_named(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert "check ALL_PROXY" in describe_connection_error("https://login.example.org", httpx.ProxyError(""))


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"])
def test_missing_file_names_its_variable(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, str(tmp_path / "missing" / "file"))
    with pytest.raises(InvalidSetting, match=rf"{variable}: .*missing.*unset the variable"):
        gc.connect("tenant", "client", "secret", tunnel="none")


def test_certificate_file_without_certificates_is_named(monkeypatch, tmp_path):
    (tmp_path / "ca.pem").write_text("hello")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(InvalidSetting, match=r"SSL_CERT_FILE: .*not a readable PEM file"):
        create_ssl_context()


async def test_delivery_over_https_names_the_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    poster = HttpPoster()
    with pytest.raises(ConnectionError, match="SSL_CERT_FILE"):
        await poster.post("https://127.0.0.1:9/", {}, b"")
    await poster.aclose()


def test_simulation_needs_neither_certificates_nor_proxies(monkeypatch, tmp_path):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5h://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "[::1],fd00::/8")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("HOME", "/proc/missing")
    with gc.simulate(speed=100) as session:
        session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=30)
        assert session.doctor().wait(60).ok


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_commands_print_in_any_encoding(monkeypatch, encoding):
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setenv("GRAPHCALL_CLOUD", "nowhere")
    with redirect_stdout(output):
        assert cli.main(["doctor"]) == 1
    assert "fail" in output.buffer.getvalue().decode(encoding)
