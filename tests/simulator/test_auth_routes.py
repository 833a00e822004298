"""The tenant: tokens from real MSAL and from plain forms, and the keys of notifications."""

import asyncio
import itertools
from types import SimpleNamespace

import jwt
import msal
import pytest
import pytest_asyncio
import requests

from graphcall_nb.background import serve
from graphcall_nb.simulator.certificates import CertificateAuthority
from graphcall_nb.simulator.simulator import Simulator
from graphcall_nb.simulator.tokens import NotificationTokens

from .service import shared_key

SCOPES = ["https://graph.microsoft.com/.default"]


@pytest_asyncio.fixture(loop_scope="session")
async def tls(start_service, tmp_path):
    """A simulator behind https, with the file of its authority."""
    service = await start_service()
    authority = CertificateAuthority(tmp_path)
    server = await serve(service.simulator.app, ssl_context=authority.make_server_context())
    service.info = service.simulator.info(server.url)
    with requests.Session() as session:
        # MSAL's own session reads REQUESTS_CA_BUNDLE, which may be set where the tests run.
        session.trust_env, session.verify = False, str(authority.ca_file)
        yield SimpleNamespace(service=service, info=service.info, session=session)
    await server.close()


async def acquire_token(tls, authority=None, **changed):
    """Sign in with MSAL."""
    settings = tls.info | changed
    arguments = authority or {"authority": settings["authority"], "instance_discovery": False}

    def sign_in():
        application = msal.ConfidentialClientApplication(
            settings["client_id"],
            client_credential=settings["client_secret"],
            http_client=tls.session,
            **arguments,
        )
        return application.acquire_token_for_client(SCOPES)

    return await asyncio.to_thread(sign_in)


async def test_msal_gets_a_token_that_creates_a_call(tls):
    answer = await acquire_token(tls)
    tls.service.graph.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert (await tls.service.create()).status_code == 201


@pytest.mark.parametrize("kind", ["instance discovery", "OpenID"])
async def test_msal_discovers_the_authority(tls, kind):
    graph_url, authority = tls.info["graph_url"], tls.info["authority"]
    instance = {"authority": authority, "instance_discovery": f"{graph_url}/common/discovery/instance"}
    chosen = instance if kind == "instance discovery" else {"oidc_authority": f"{authority}/v2.0"}
    assert "access_token" in await acquire_token(tls, chosen)


async def test_msal_reports_a_wrong_secret(tls):
    answer = await acquire_token(tls, client_secret="wrong")
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert answer["error_description"].startswith("AADSTS7000215: ")


async def test_msal_refuses_an_unknown_tenant(tls):
    with pytest.raises(ValueError, match="tenant"):
        await acquire_token(tls, authority={"authority": f"{tls.info['graph_url']}/x", "instance_discovery": False})


async def test_first_token_endpoint_takes_a_resource(service):
    url = service.info["token_url"].replace("/v2.0", "")
    form = {name: service.info[name] for name in ("client_id", "client_secret")} | {"grant_type": "client_credentials"}
    answer = (await service.graph.post(url, data=form | {"resource": "https://graph.microsoft.com"}, auth=None)).json()
    assert (answer["expires_in"], answer["resource"]) == ("3599", "https://graph.microsoft.com")
    service.graph.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert (await service.create()).status_code == 201
    for resource, number in (("", 900144), ("https://vault.azure.net", 500011)):
        answer = await service.graph.post(url, data=form | {"resource": resource}, auth=None)
        assert (answer.status_code, answer.json()["error_codes"]) == (400, [number])


async def test_access_token_has_the_claims_of_entra(service):
    claims = jwt.decode((await service.token()).json()["access_token"], options={"verify_signature": False})
    assert (claims["aud"], claims["tid"]) == ("https://graph.microsoft.com", service.info["tenant_id"])
    assert (claims["appid"], claims["idtyp"]) == (service.info["client_id"], "app")
    assert "Calls.Initiate.All" in claims["roles"]


@pytest.mark.parametrize(
    ("changed", "status", "error", "number"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_id": "unknown"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"scope": None}, 400, "invalid_request", 900144),
        ({"scope": "User.Read"}, 400, "invalid_scope", 1002012),
    ],
)
async def test_invalid_form_gives_the_error_of_entra(service, changed, status, error, number):
    answer = await service.token(**changed)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_codes"]) == (status, error, [number])


async def test_unknown_tenant_gives_the_error_of_entra(service):
    url = service.info["token_url"].replace(service.info["tenant_id"], "unknown")
    assert (await service.graph.post(url, data={})).json()["error_codes"] == [90002]


async def test_client_may_use_basic_authentication(service):
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    who = (service.info["client_id"], service.info["client_secret"])
    assert (await service.graph.post(service.info["token_url"], data=form, auth=who)).status_code == 200


@pytest.mark.parametrize("header", ["Basic !", "Basic /w=="])
async def test_invalid_basic_header_is_refused(service, header):
    answer = await service.graph.post(service.info["token_url"], headers={"Authorization": header})
    assert answer.status_code == 400


async def test_repr_has_no_secret():
    tenant = Simulator(client_secret="hush").tenant
    assert "hush" not in repr(tenant.bot)


async def fetch_key(service, token):
    document = (await service.graph.get(service.info["openid_url"])).json()
    keys = jwt.PyJWKSet.from_dict((await service.graph.get(document["jwks_uri"])).json())
    return keys[jwt.get_unverified_header(token)["kid"]].key


async def test_notifications_are_signed_with_the_published_key(service):
    await service.create()
    await service.receiver.wait_for_state("establishing")
    scheme, token = service.receiver.requests[0][0]["authorization"].split()
    issuer, audience = "https://api.botframework.com", service.info["client_id"]
    claims = jwt.decode(token, await fetch_key(service, token), algorithms=["RS256"], audience=audience, issuer=issuer)
    assert (scheme, claims["tid"]) == ("Bearer", service.info["tenant_id"])
    assert claims.keys() == {"tid", "appid", "nbf", "exp", "iss", "aud"}


async def test_one_token_serves_many_notifications(start_service):
    seconds = itertools.count(1_700_000_000)
    service = await start_service(clock=lambda: float(next(seconds)))
    await service.create()
    await service.receiver.wait_for_state("established")
    assert len({headers["authorization"] for headers, _ in service.receiver.requests}) == 1


async def test_token_near_its_end_is_renewed(start_service):
    now = [1_700_000_000.0]
    service = await start_service(clock=lambda: now[0])
    url = (await service.create()).headers["location"]
    await service.receiver.wait_for_state("established")
    now[0] += 3400
    await service.graph.delete(url)
    await service.receiver.wait_for_state("terminated")
    assert len({headers["authorization"] for headers, _ in service.receiver.requests}) == 2


def test_given_ids_are_kept():
    info = Simulator(tenant_id="t", client_id="c", client_secret="s").info("http://127.0.0.1:1/")
    assert (info["tenant_id"], info["client_id"], info["client_secret"]) == ("t", "c", "s")
    assert info["token_url"] == "http://127.0.0.1:1/t/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scenario": "x"}, "answered, declined"),
        ({"faults": ["x"]}, "choose from: duplicated"),
        ({"speed": 0}, "above zero"),
        ({"speed": "fast"}, "above zero"),
    ],
)
def test_invalid_setting_is_refused_with_the_valid_ones(settings, words):
    with pytest.raises(ValueError, match=words):
        Simulator(**settings)


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("botframework", ["https://api.botframework.com"] * 2),
        ("graph", ["https://graph.microsoft.com"] * 2),
        ("both", ["https://api.botframework.com", "https://graph.microsoft.com"]),
    ],
)
def test_issuer_of_notifications_can_be_chosen(issuer, expected):
    tokens = NotificationTokens("t", lambda: 1000.0, lambda: shared_key(0), issuer=issuer)
    claims = [jwt.decode(tokens.get_token("bot"), options={"verify_signature": False}) for _ in range(2)]
    assert [each["iss"] for each in claims] == expected


async def test_short_lived_token_has_the_captured_life(start_service):
    service = await start_service(faults=["token_short_lived"])
    await service.create()
    await service.receiver.wait_until(lambda: service.receiver.requests)
    token = service.receiver.requests[0][0]["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["nbf"] == 300


def test_token_is_replaced_when_the_clock_is_set_back():
    times = [5000.0, 1000.0]
    tokens = NotificationTokens("t", lambda: times.pop(0) if len(times) > 1 else times[0], lambda: shared_key(0))
    starts = [jwt.decode(tokens.get_token("bot"), options={"verify_signature": False})["nbf"] for _ in range(2)]
    assert starts == [5000, 1000]
