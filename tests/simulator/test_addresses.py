"""Announced URLs: below the address that the client used, or that of a proxy on this machine, or a set one."""

import httpx
import pytest

from graphcall_nb.simulator import Simulator
from graphcall_nb.simulator.addresses import parse_address

from .service import sample, shared_key


async def announce(headers, client="127.0.0.1", **settings):
    """Return the URLs that a simulator announces to a request with these headers, without their paths."""
    simulator = Simulator(make_key=lambda: shared_key(0), **settings)
    transport = httpx.ASGITransport(simulator.app, client=(client, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8700", headers=headers) as http:
        tenant = simulator.tenant
        notifications = (await http.get("/v1/.well-known/OpenIdConfiguration")).json()
        form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        form |= {"client_id": tenant.bot.id, "client_secret": tenant.bot.secret}
        documents = [
            (await http.get(f"/{tenant.id}{version}/.well-known/openid-configuration")).json()
            for version in ("", "/v2.0")
        ]
        instance = (await http.get("/common/discovery/instance")).json()
        token = (await http.post(f"/{tenant.id}/oauth2/v2.0/token", data=form)).json()["access_token"]
        body = sample("peer_to_peer.request") | {"callbackUri": "http://127.0.0.1:9/"}
        created = await http.post("/beta/app/calls", json=body, headers={"Authorization": f"Bearer {token}"})
    await simulator.aclose()
    announced = {created.headers["location"], notifications["jwks_uri"], instance["tenant_discovery_endpoint"]}
    for document in documents:
        announced |= {value for name, value in document.items() if name.endswith(("_endpoint", "_uri", "issuer"))}
    return {url.rpartition("//")[0] + "//" + url.split("/")[2] for url in announced}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "http://localhost:8700"),
        ({"Host": "[::1]:8700"}, "http://[::1]:8700"),
        ({"Host": "simulator"}, "http://simulator"),
        ({"X-Forwarded-Proto": "https"}, "https://localhost:8700"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "graph.test"}, "https://graph.test"),
        ({"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "graph.test:444, inner"}, "https://graph.test:444"),
        ({"X-Forwarded-Proto": "gopher", "X-Forwarded-Host": "a b"}, "http://localhost:8700"),
    ],
)
async def test_urls_are_below_the_address_of_the_client(headers, expected):
    assert await announce(headers) == {expected}


@pytest.mark.parametrize("host", ["a b", "[", "[::1", "user@host", "host:99999", "host:0", "host/path", ""])
async def test_invalid_host_is_replaced_by_the_address_of_the_socket(host):
    assert await announce({"Host": host}) == {"http://localhost:8700"}


async def test_proxy_on_another_machine_is_not_believed():
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "graph.test"}
    assert await announce(headers, client="192.0.2.7") == {"http://localhost:8700"}


async def test_set_address_precedes_every_header():
    headers = {"Host": "inner", "X-Forwarded-Host": "proxy"}
    assert await announce(headers, address="https://graph.test:8700/") == {"https://graph.test:8700"}


@pytest.mark.parametrize(
    "address", ["graph.test", "ftp://graph.test", "https://", "https://graph.test/path", "https://u@graph.test",
                "https://graph.test:x", "https://graph.test?x", "https://gräph.test", "https://[::1"]
)  # fmt: skip
def test_address_that_no_server_has_is_refused(address):
    with pytest.raises(ValueError, match=r"address: .* write http:// or https://"):
        parse_address(address)
