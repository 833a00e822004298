"""Addresses in what services and programs print; the records are those of others, cut anywhere."""

import pytest

from graphcall_nb.tunnels.announced import Announcement
from graphcall_nb.tunnels.ssh_services import SERVICES

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

ANNOUNCED = [
    ("localhost.run", LOCALHOST_RUN, "https://4d5e6f7a8b9c0d.lhr.life"),
    ("serveo", SERVEO, "https://a1b2c3.serveousercontent.com"),
    ("pinggy", PINGGY, "https://rnxyz-203-0-113-7.a.free.pinggy.link"),
]


@pytest.mark.parametrize(("name", "text", "url"), ANNOUNCED)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_the_address_of_a_service(name, text, url, size):
    reading = Announcement(SERVICES[name].pattern)
    found = [reading.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert {address for address in found if address} == {url}


def test_the_last_words_of_an_output():
    reading = Announcement(SERVICES["serveo"].pattern)
    reading.feed("Hi there\r\n\x1b[31mYou are blocked\x1b[0m\r\n\r\n")
    assert reading.last_words == "You are blocked"


def test_an_output_without_words():
    assert Announcement("x").last_words == "nothing"
