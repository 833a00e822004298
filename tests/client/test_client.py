"""The client against a transport that is passed in; against a real service in tests/session."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from graphcall_nb import AsyncCalls
from graphcall_nb._backoff import Backoff
from graphcall_nb.background import serve
from graphcall_nb.client.transport import MAX_REQUESTS_IN_FLIGHT
from graphcall_nb.errors import GraphError, NotFound, ServiceUnreachable, Throttled
from graphcall_nb.graph import templates
from graphcall_nb.graph.models import ServiceHostedMediaConfig
from graphcall_nb.graph.operations import Answer, Operation

from .tls_servers import CertificateAuthority

SAMPLES = Path(__file__).parent.parent / "samples" / "beta"
CREATED = json.loads((SAMPLES / "peer_to_peer.response.json").read_text())


class Service:
    """Answers in turn with what it was given: a status, a response or an error to raise."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.pauses = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer, json={})

    async def sleep(self, seconds):
        self.pauses.append(seconds)

    def calls(self, **settings):
        return AsyncCalls(transport=httpx.MockTransport(self), sleep=self.sleep, clock=lambda: 1.5, **settings)


async def return_authorization(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": dict(scope["headers"])[b"authorization"]})


def created():
    return httpx.Response(201, json=CREATED, headers={"request-id": "theirs"})


async def test_create_sends_the_body_and_reads_the_call():
    service = Service(created())
    call = await service.calls().create(templates.peer_to_peer())
    assert call.to_json_dict() == CREATED
    (request,) = service.requests
    assert str(request.url) == "https://graph.microsoft.com/beta/app/calls"
    assert json.loads(request.content) == templates.peer_to_peer().to_json_dict()
    assert len(request.headers["client-request-id"]) == 36


@pytest.mark.parametrize("version", ["beta", "v1.0"])
async def test_example_address_of_an_action_is_replaced(version):
    service = Service(202)
    calls = service.calls(version=version)
    calls.get_callback_uri = lambda: "https://bot.adatum.net/secret"
    media = ServiceHostedMediaConfig()
    answer = Answer(callback_uri="https://bot.contoso.com/callback", accepted_modalities=["audio"], media_config=media)
    await calls.perform("57", answer)
    assert json.loads(service.requests[0].content)["callbackUri"] == "https://bot.adatum.net/secret"


async def test_a_failed_connection_is_retried_after_growing_delays():
    service = Service(httpx.ConnectError("refused"), httpx.ConnectError("refused"), created())
    await service.calls(backoff=Backoff(jitter=lambda: 0.0)).create(templates.peer_to_peer())
    assert service.pauses == [0.25, 0.5]


async def test_get_and_delete():
    service = Service(httpx.Response(200, json=CREATED), 204)
    calls = service.calls()
    assert (await calls.get("57")).id == CREATED["id"]
    assert await calls.delete("57") is None
    assert [(r.method, r.url.path) for r in service.requests] == [
        ("GET", "/beta/app/calls/57"),
        ("DELETE", "/beta/app/calls/57"),
    ]


async def test_throttled_request_is_retried_after_the_requested_time():
    service = Service(httpx.Response(429, headers={"retry-after": "3"}), created())
    await service.calls().create(templates.pstn())
    assert service.pauses == [3.0]
    first, second = service.requests
    assert first.headers["client-request-id"] == second.headers["client-request-id"]


async def test_throttling_at_every_attempt_is_an_error():
    service = Service(*[httpx.Response(429, headers={"retry-after": "1"})] * 4)
    with pytest.raises(Throttled):
        await service.calls().create(templates.pstn())
    assert len(service.requests) == 4


async def test_create_that_was_not_sent_is_retried():
    service = Service(httpx.ConnectError("refused"), created())
    assert (await service.calls().create(templates.pstn())).id


@pytest.mark.parametrize("error", [httpx.ReadTimeout("x"), httpx.ReadError("x"), httpx.RemoteProtocolError("x")])
async def test_create_without_a_response_is_not_retried(error):
    service = Service(error)
    with pytest.raises(ServiceUnreachable, match="before you repeat") as caught:
        await service.calls().create(templates.pstn())
    assert caught.value.maybe_sent


async def test_get_is_retried_after_a_broken_response():
    service = Service(httpx.ReadError("x"), httpx.Response(200, json=CREATED))
    assert (await service.calls().get("57")).id


async def test_unreachable_service_is_an_error_with_a_reason():
    service = Service(*[httpx.ConnectError("refused")] * 4)
    with pytest.raises(ServiceUnreachable, match="Check the network") as caught:
        await service.calls().get("57")
    assert not caught.value.maybe_sent


async def test_errors_of_the_service():
    with pytest.raises(NotFound, match="removes a call soon after"):
        await Service(404).calls().get("57")
    with pytest.raises(GraphError, match="500"):
        await Service(500).calls().get("57")


async def test_number_of_requests_in_flight_is_limited():
    under_way, most = 0, 0

    async def service(request):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return httpx.Response(204)

    calls = AsyncCalls(transport=httpx.MockTransport(service))
    await asyncio.gather(*(calls.delete(str(number)) for number in range(3 * MAX_REQUESTS_IN_FLIGHT)))
    assert most == MAX_REQUESTS_IN_FLIGHT


async def test_each_request_is_reported_without_secrets():
    records = []

    async def tell(exchange):
        records.append(exchange)

    service = Service(httpx.ReadError("x"), created())
    calls = service.calls(on_exchange=tell, base_url="https://graph.example")
    call = templates.join_by_token(token="t0p")
    with pytest.raises(ServiceUnreachable):
        await calls.create(call)
    await calls.create(call)
    failed, good = records
    assert (failed.status, failed.error, failed.call_id) == (None, "ReadError", None)
    assert (good.status, good.call_id, good.request_id, good.sent_at_us) == (201, CREATED["id"], "theirs", 1_500_000)
    assert good.url == "https://graph.example/beta/app/calls"
    assert "t0p" not in good.request_body


@pytest.mark.parametrize("answer", [httpx.Response(201, json={"subject": 5}), httpx.Response(201, text="<html>")])
async def test_response_that_is_not_a_call_is_an_error_with_a_reason(answer):
    with pytest.raises(GraphError, match="not a call"):
        await Service(answer).calls().create(templates.pstn())


async def test_one_attempt_turns_retries_off():
    service = Service(httpx.Response(429, headers={"retry-after": "1"}))
    with pytest.raises(Throttled) as refused:
        await service.calls(max_attempts=1).get("57DAB8B1")
    assert (len(service.requests), refused.value.retry_after) == (1, 1)


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "https://graph.example"])
async def test_certificate_of_a_recording_elsewhere_is_verified(tmp_path, monkeypatch, base_url):
    authority = CertificateAuthority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    server = await serve(return_authorization, ssl_context=authority.context)
    operation = Operation(id="1", recording_location=f"{server.url}/1.wav", recording_access_token="t0p")
    async with AsyncCalls(base_url=base_url) as calls:
        assert await calls.recording("57", operation) == b"Bearer t0p"
    await server.close()
