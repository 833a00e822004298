"""URLs in the output of services and programs, from published transcripts, split anywhere."""

import pytest

from graphcall_nb.tunnels.ssh import SERVICES
from graphcall_nb.tunnels.url import UrlScanner

LOCALHOST_RUN = """
===============================================================================
Welcome to localhost.run!

Follow your favourite reverse tunnel at [https://twitter.com/localhost_run].

To set up and manage custom domains go to https://admin.localhost.run/

More details on custom domains (and how to enable subdomains of your custom
domain) at https://localhost.run/docs/custom-domains
===============================================================================


** your connection id is 6f5ba6d9-1b4e-4f1c-a5a2-3f0a3b0f5a1e, please mention it. **

4d5e6f7a8b9c0d.lhr.life tunneled with tls termination, https://4d5e6f7a8b9c0d.lhr.life
create an account and add your key for a longer lasting domain name. see https://localhost.run/docs/forever-free/
"""

SERVEO = (
    "\x1b[32mForwarding HTTP traffic from \x1b[0mhttps://a1b2c3.serveousercontent.com\x1b[0m\r\n"
    "To request a particular subdomain, register at https://console.serveo.net\r\n"
)

PINGGY = """You are not authenticated.
Your tunnel will expire in 60 minutes. Upgrade to Pinggy Pro to get unrestricted tunnels. https://dashboard.pinggy.io
\r
http://rnxyz-203-0-113-7.a.free.pinggy.link
https://rnxyz-203-0-113-7.a.free.pinggy.link
"""

TRANSCRIPTS = [
    ("localhost.run", LOCALHOST_RUN, "https://4d5e6f7a8b9c0d.lhr.life"),
    ("serveo", SERVEO, "https://a1b2c3.serveousercontent.com"),
    ("pinggy", PINGGY, "https://rnxyz-203-0-113-7.a.free.pinggy.link"),
]


@pytest.mark.parametrize(("name", "text", "url"), TRANSCRIPTS)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_scanner_recognizes_the_url_of_a_service(name, text, url, size):
    scanner = UrlScanner(SERVICES[name].url_pattern)
    urls = [scanner.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert {url for url in urls if url} == {url}


def test_last_line_of_an_output():
    scanner = UrlScanner(SERVICES["serveo"].url_pattern)
    scanner.feed("Hi there\r\n\x1b[31mYou are blocked\x1b[0m\r\n\r\n")
    assert scanner.last_line == "You are blocked"


def test_last_line_of_an_empty_output():
    assert UrlScanner("x").last_line == "(none)"
