"""URL helpers of the client's side."""

import pytest

from graphcall_nb._urls import is_loopback, redact_path


@pytest.mark.parametrize(
    "url",
    ["http://localhost", "https://localhost:8443/x", "http://127.0.0.1:8710", "http://127.8.9.1/", "http://[::1]:80/"],
)
def test_loopback_url(url):
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "ftp://127.0.0.1",
        "https://graph.microsoft.com",
        "http://localhost.example.org",
        "http://[",
        "http://10.0.0.1",
    ],
)
def test_other_url(url):
    assert not is_loopback(url)


def test_redacted_url_has_neither_user_nor_path():
    assert (
        redact_path("https://ann:secret@hub.example.org:8443/a/secret?token=secret") == "https://hub.example.org:8443/…"
    )
