"""The addresses that notifications may be sent to."""

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiohttp.abc import AbstractResolver

from graphcall_nb.simulator.callbacks import CallbackPolicy
from graphcall_nb.simulator.delivery import HttpPoster
from graphcall_nb.simulator.resolver import CallbackResolver

LOCAL = [
    "http://127.0.0.1:8/x",
    "http://localhost/",
    "https://[::1]:9/",
    "http://127.8.9.1/",
    "http://[::ffff:127.0.0.1]/",
]
NOT_ALLOWED = [
    "http://192.168.0.1/x", "http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0:1/",
    "https://169.254.169.254/", "https://10.0.0.1:8443/x", "https://[fe80::1]/", "https://[fd00::1]/",
    "https://[::]/", "http://localhost.evil/", "https://8.8.8.8/", "https://[64:ff9b::7f00:1]/",
]  # fmt: skip
NO_ADDRESS = [
    "http://127.1/", "https://127.1/", "http://2130706433/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://10.0.0.0x1/", "http://127.0.0.1@evil/", "http://127.0.0.1:1\\@evil/",
    "http://127.0.0.1:99999/", "file:///etc/passwd", "http://127.0.0.1:1/\r\nX: y", "http://127.0.0.1/?a=\x01\x7f",
    "//127.0.0.1/", "ftp://127.0.0.1/", "https://", "https://[::1", "",
]  # fmt: skip


@pytest.mark.parametrize("url", LOCAL)
def test_this_machine_is_allowed(url):
    assert CallbackPolicy().find_delivery_problem(url) == ""


@pytest.mark.parametrize("url", [*NOT_ALLOWED, *NO_ADDRESS])
def test_other_addresses_are_refused(url):
    assert CallbackPolicy().find_problem(url)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_unclear_addresses_cannot_be_allowed(url):
    assert CallbackPolicy(["evil", "127.0.0.1", "10.0.0.1"]).find_problem(url)


def test_remedy_names_the_option_with_the_host():
    assert "--allow-callback 10.0.0.1:8443" in CallbackPolicy().find_problem("https://10.0.0.1:8443/x")
    assert "--allow-callback [fd00::5]:443" in CallbackPolicy().find_problem("https://[fd00::5]/x")


def test_https_name_is_valid_but_gets_nothing():
    policy = CallbackPolicy()
    assert policy.find_problem("https://bot.contoso.com/") == ""
    assert "--allow-callback bot.contoso.com:443" in policy.find_delivery_problem("https://bot.contoso.com/")


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ("bot:3978", "http://bot:3978/api"),
        ("BOT", "http://bot.:80/"),
        ("10.0.0.1", "https://10.0.0.1:8443/"),
        ("[fd00:0::5]:8443", "https://[fd00::5]:8443/"),
        ("fd00::5", "https://[fd00::5]/"),
        ("169.254.169.254", "http://169.254.169.254/"),
    ],
)
def test_listed_hosts_are_allowed(entry, url):
    assert CallbackPolicy([entry]).find_delivery_problem(url) == ""


def test_another_port_of_a_listed_host_is_refused():
    assert CallbackPolicy(["bot:3978"]).find_problem("http://bot:22/")


@pytest.mark.parametrize(
    "entry", ["", "http://bot", "bot/api", "bot:x", "*", "*.contoso.com", "a b", "u@bot", "bot:99999", "[::1"]
)
def test_entry_that_is_not_a_host_is_refused(entry):
    with pytest.raises(ValueError, match="HOST:PORT"):
        CallbackPolicy([entry])


def test_application_with_a_seat_reaches_its_own_listener_only():
    policy = CallbackPolicy(["bot"])
    policy.restrict("ann", "http://127.0.0.1:1/ann")
    assert policy.find_problem("http://127.0.0.1:1/ann?call=1", "ann") == ""
    for url in ("http://127.0.0.1:1/bob", "http://127.0.0.1:1/ann/../bob", "http://127.0.0.1:2/ann", "https://bot/"):
        assert "own listener" in policy.find_problem(url, "ann")
    assert policy.find_problem("http://127.0.0.1:1/bob", "bob") == ""


class FixedResolver(AbstractResolver):
    """Resolves each name to the same addresses."""

    def __init__(self, *addresses):
        self.addresses = addresses

    async def resolve(self, host, port=0, family=0):
        return [{"hostname": host, "host": address, "port": port} for address in self.addresses]

    async def close(self):
        pass


@pytest.mark.parametrize(
    ("host", "addresses", "allowed"),
    [
        ("bot", ["172.18.0.2", "169.254.169.254", "fe80::1%eth0", "224.0.0.1", "8.8.8.8"], ["172.18.0.2", "8.8.8.8"]),
        ("localhost", ["127.0.0.1", "10.0.0.1"], ["127.0.0.1"]),
    ],
)
async def test_resolved_addresses_are_filtered(host, addresses, allowed):
    resolver = CallbackResolver(CallbackPolicy(["bot"]), FixedResolver(*addresses))
    assert [result["host"] for result in await resolver.resolve(host, 80)] == allowed


async def test_name_that_resolves_to_nothing_allowed_is_refused():
    resolver = CallbackResolver(CallbackPolicy(["bot"]), FixedResolver("169.254.169.254"))
    with pytest.raises(OSError, match="bot is not allowed"):
        await resolver.resolve("bot", 80)


class EndlessAnswer(BaseHTTPRequestHandler):
    """Answers with a body that has no end."""

    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.server.sent += self.wfile.write(b"x" * 65536)
        except OSError:
            pass

    def log_message(self, *_):
        pass


async def test_endless_answer_is_not_read():
    with ThreadingHTTPServer(("127.0.0.1", 0), EndlessAnswer) as server:
        server.sent = 0
        task = asyncio.create_task(asyncio.to_thread(server.serve_forever))
        poster = HttpPoster()
        response = await poster.post(f"http://127.0.0.1:{server.server_port}/", {}, b"{}")
        await poster.aclose()
        server.shutdown()
        await task
    assert (response.status, server.sent < 50_000_000) == (200, True)


@pytest.mark.parametrize("content", [None, b"not a certificate"])
def test_unreadable_ca_file_is_a_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(ValueError, match=r"callback_ca: .*ca.pem is not a readable PEM file"):
        HttpPoster(ca_file=tmp_path / "ca.pem")


@pytest.mark.parametrize("url", ["https://10.0.0.1/x", "http://192.168.0.1/", "https://127.1/"])
async def test_call_with_a_refused_address_is_not_created(service, url):
    answer = await service.create(callbackUri=url)
    assert (answer.status_code, "callbackUri" in answer.text) == (400, True)


async def test_ring_and_answer_do_not_lead_elsewhere(service):
    with pytest.raises(ValueError, match="--allow-callback"):
        await service.simulator.ring("https://10.0.0.1/")
    id_ = await service.simulator.ring(service.receiver.url, version="v1.0")
    answer = {
        "callbackUri": "https://10.0.0.1/",
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
    }
    assert (await service.graph.post(f"/v1.0/communications/calls/{id_}/answer", json=answer)).status_code == 400
