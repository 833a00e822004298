"""Real MSAL against the simulator's token endpoint, on a real socket."""

import httpx
import pytest

from graphcall_nb.auth.sign_in import MsalAuth
from graphcall_nb.background import Background, serve
from graphcall_nb.errors import ServiceUnreachable, SignInFailed
from graphcall_nb.simulator.simulator import Simulator


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


def auth_of(service, **changed):
    said = {name: service[name] for name in ("tenant_id", "client_id")} | {
        "client_credential": service["client_secret"]
    }
    return MsalAuth(**said | {"authority": service["graph_url"]} | changed)


def test_token_is_taken_by_the_service(service):
    with httpx.Client(auth=auth_of(service), base_url=service["graph_url"]) as client:
        assert client.get("/beta/app/calls/unknown").status_code == 404


async def test_token_is_taken_asynchronously(service):
    async with httpx.AsyncClient(auth=auth_of(service), base_url=service["graph_url"]) as client:
        assert (await client.get("/beta/app/calls/unknown")).status_code == 404


def test_token_is_kept_until_shortly_before_it_expires(service):
    now = 1000.0
    auth = auth_of(service, clock=lambda: now)
    first = auth.acquire()
    auth._app = None  # nobody is left to ask
    assert auth.acquire() == first
    now += 3600
    assert auth._fresh() == ""


def test_refused_token_is_renewed_once(service):
    auth = auth_of(service)
    good = auth.acquire()
    auth._token = good[:-4] + "AAAA"
    with httpx.Client(auth=auth, base_url=service["graph_url"]) as client:
        assert client.get("/beta/app/calls/unknown").status_code == 404


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"client_credential": "wrong"}, "use its Value, not its Secret ID"),
        ({"client_id": "00000000-0000-0000-0000-000000000000"}, "check the client id"),
        ({"tenant_id": "00000000-0000-0000-0000-000000000000"}, "(?i)tenant"),
    ],
)
def test_sign_in_that_fails_says_what_to_do(service, change, word):
    with pytest.raises(SignInFailed, match=word) as caught:
        auth_of(service, **change).acquire()
    assert service["client_secret"] not in str(caught.value)
    assert "Trace" not in str(caught.value)


def test_authority_that_cannot_be_reached_is_said_so(service):
    with pytest.raises(ServiceUnreachable, match="check the network"):
        auth_of(service, authority="http://127.0.0.1:9").acquire()


def test_repr_holds_no_secret(service):
    auth = auth_of(service)
    auth.acquire()
    assert service["client_secret"] not in repr(auth)
    assert auth._token not in repr(auth)
