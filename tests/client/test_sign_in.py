"""Sign-in with real MSAL at the simulator's token endpoint, over a real socket."""

import json

import httpx
import pytest

from graphcall_nb.background import Background, serve
from graphcall_nb.client.sign_in import MsalAuth
from graphcall_nb.errors import ServiceUnreachable, SignInFailed
from graphcall_nb.simulator import Simulator


@pytest.fixture(scope="module")
def service():
    background = Background()
    background.start()
    simulator = Simulator(speed=100)
    server = background.run(serve(simulator.app))
    yield simulator.info(server.url)
    background.run(server.close())
    background.run(simulator.aclose())
    background.stop()


def make_auth(service, **changes):
    settings = {
        "tenant_id": service["tenant_id"],
        "client_id": service["client_id"],
        "client_credential": service["client_secret"],
        "authority": service["graph_url"],
    }
    return MsalAuth(**settings | changes)


class CountingTransport(httpx.HTTPTransport):
    """A transport that counts the requests for a token and can change the lifetime of the tokens."""

    def __init__(self, expires_in=None):
        super().__init__()
        self.expires_in = expires_in
        self.token_requests = 0

    def handle_request(self, request):
        response = super().handle_request(request)
        if request.method != "POST":
            return response
        self.token_requests += 1
        token = json.loads(response.read())
        return httpx.Response(200, json=token | ({"expires_in": self.expires_in} if self.expires_in else {}))


def test_service_accepts_the_token(service):
    with httpx.Client(auth=make_auth(service), base_url=service["graph_url"]) as client:
        assert client.get("/beta/app/calls/unknown").status_code == 404


async def test_service_accepts_the_token_of_an_async_client(service):
    async with httpx.AsyncClient(auth=make_auth(service), base_url=service["graph_url"]) as client:
        assert (await client.get("/beta/app/calls/unknown")).status_code == 404


def test_token_is_kept_until_shortly_before_it_expires(service):
    now = 1000.0
    with CountingTransport() as transport:
        auth = make_auth(service, clock=lambda: now, transport=transport)
        token = auth.acquire()
        now += 3200
        assert auth.acquire() == token
        assert transport.token_requests == 1


def test_token_with_less_than_five_minutes_left_is_renewed(service):
    with CountingTransport(expires_in=299) as transport:
        auth = make_auth(service, transport=transport)
        auth.acquire()
        auth.acquire()
        assert transport.token_requests == 2


def test_renew_requests_a_new_token(service):
    with CountingTransport() as transport:
        auth = make_auth(service, transport=transport)
        auth.acquire()
        auth.renew()
        assert transport.token_requests == 2


def test_refused_token_is_renewed_once(service):
    statuses = [401, 401, 404]
    api = httpx.MockTransport(lambda request: httpx.Response(statuses.pop(0)))
    with CountingTransport() as transport:
        auth = make_auth(service, transport=transport)
        with httpx.Client(auth=auth, base_url=service["graph_url"], transport=api) as client:
            assert client.get("/calls/unknown").status_code == 401
            assert (statuses, transport.token_requests) == ([404], 2)
            assert client.get("/calls/unknown").status_code == 404
        assert transport.token_requests == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"client_credential": "wrong"}, "use its Value, not its Secret ID"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "check the client id"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, "(?i)tenant"),
    ],
)
def test_failed_sign_in_names_the_remedy(service, change, message):
    with pytest.raises(SignInFailed, match=message) as raised:
        make_auth(service, **change).acquire()
    assert service["client_secret"] not in str(raised.value)
    assert "Trace" not in str(raised.value)


def test_unreachable_authority(service):
    with pytest.raises(ServiceUnreachable, match="check the network"):
        make_auth(service, authority="http://127.0.0.1:9").acquire()


def test_repr_has_no_secret(service):
    auth = make_auth(service)
    token = auth.acquire()
    assert service["client_secret"] not in repr(auth)
    assert token not in repr(auth)
