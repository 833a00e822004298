"""The log of both directions: contents, filters, bounds and secrets."""

import asyncio
import json

import pytest

from graphcall_nb.simulator.delivery import Delivery, DeliveryResult
from graphcall_nb.simulator.message_log import MessageLog

URL = "http://127.0.0.1:3978/api/calls"


def make_log(**settings):
    return MessageLog(lambda: 0.0, owner_id="owner", **settings)


def add_request(log, path="/x", **values):
    entry = log.start_request("POST", path)
    for name, value in values.items():
        setattr(entry, name, value)
    log.finish_request(entry)
    return entry


async def read(service, path):
    response = await service.graph.get(f"/simulator/{path}")
    assert response.status_code == 200, response.text
    return response.json()["value"]


async def test_request_has_its_operation_body_and_response(service):
    call_id = (await service.create()).json()["id"]
    (entry,) = await read(service, "requests?operation=create")
    assert (entry["method"], entry["path"], entry["status"]) == ("POST", "/beta/app/calls", 201)
    assert (entry["call_id"], entry["response"]["id"]) == (call_id, call_id)
    assert entry["body"]["targets"] == service.call()["targets"]


async def test_refused_requests_are_logged_with_operation_and_body(start_service):
    service = await start_service()
    url = f"/v1.0/communications/calls/{'0' * 32}/playPrompt"
    await service.graph.post(url, json={"prompts": []}, headers={"Authorization": "Bearer x"})
    (entry,) = await read(service, "requests?operation=playPrompt")
    assert (entry["status"], entry["body"]) == (401, {"prompts": []})


async def test_delivery_has_url_state_and_result(service):
    call_id = (await service.create()).json()["id"]
    await service.receiver.wait_for_state("established")
    entries = await read(service, f"deliveries?call_id={call_id.lower()}&state=ringing")
    assert [(entry["url"], entry["status"], entry["attempt"]) for entry in entries] == [(service.receiver.url, 202, 1)]


async def test_each_attempt_of_a_delivery_is_logged(start_service):
    service = await start_service(virtual_time=True, speed=1)
    service.receiver.statuses = [503, 404]
    await service.simulator.ring(service.receiver.url)
    await service.simulator.advance(5)
    assert [(entry.attempt, entry.status) for entry in service.simulator.log.deliveries()] == [(1, 503), (2, 404)]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
async def test_unreachable_bot_has_the_reason(start_service, host):
    service = await start_service(virtual_time=True, speed=1)
    await service.simulator.ring(f"http://{host}:9/")
    await service.simulator.advance(0)
    (entry,) = await read(service, "deliveries")
    assert (entry["status"], "nothing listens there" in entry["error"]) == (None, True)


async def test_deleted_and_reset_logs_are_empty(service):
    await service.create()
    assert (await service.graph.delete("/simulator/requests")).status_code == 204
    assert await read(service, "requests") == []
    await service.receiver.wait_for_state("established")
    assert (await service.graph.post("/simulator/reset")).status_code == 204
    assert await read(service, "deliveries") == []
    assert (await service.graph.get("/simulator/calls")).json() == {}


async def test_notification_is_sent_again(service):
    await service.create()
    await service.receiver.wait_for_state("established")
    (entry,) = await read(service, "deliveries?state=ringing")
    resent = (await service.graph.post(f"/simulator/deliveries/{entry['id']}/resend")).json()
    assert (resent["status"], resent["body"]) == (202, entry["body"])
    assert service.receiver.states.count("ringing") == 2


@pytest.mark.parametrize(
    ("method", "path", "message"),
    [
        ("GET", "requests?operaton=playPrompt", "did you mean 'operation'"),
        ("GET", "deliveries?operation=x", "choose from: call_id"),
        ("POST", "deliveries/999999/resend", "is not in the log"),
    ],
)
async def test_wrong_log_request_names_the_remedy(service, method, path, message):
    response = await service.graph.request(method, f"/simulator/{path}")
    assert (response.status_code, message in response.json()["error"]["message"]) == (400, True)


async def test_secrets_are_not_in_the_log(service):
    await service.token()
    await service.token(client_secret="typed-wrong-by-hand")
    await service.create(subject=f"the secret is {service.info['client_secret']}")
    log = json.dumps(await read(service, "requests"))
    secrets = [service.info["client_secret"], "typed-wrong-by-hand", service.graph.headers["Authorization"][7:]]
    assert [secret for secret in secrets if secret in log] == []


async def test_application_sees_its_own_entries_only(start_service):
    service = await start_service(extra_applications=1)
    await service.create()
    (other,) = service.simulator.tenant.extra_applications
    assert service.simulator.log.requests(application_id=other.id) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"client_secret=s3cret&x=1", "application/x-www-form-urlencoded"),
        (b'{"client_secret": "s3cret"}', "application/json"),
        (b'{"a": [{"Client_Assertion": "s3cret"}]}', "application/json"),
        (b'{"client_secret": "s3cret"', "application/json"),
        (b'{"text": "known s3cret here"}', "application/json"),
        (b'{"token": "s3cret"}', ""),
    ],
)
def test_secret_in_any_body_is_hidden(body, content_type):
    log = make_log(secrets=["known s3cret"])
    add_request(log, body=body, content_type=content_type, response=body, response_type=content_type)
    assert "s3cret" not in repr(log.requests())


def test_secret_path_of_a_callback_is_hidden():
    log = make_log()
    url = "http://127.0.0.1:3978/calls/q1J7sW5kq0Y2hGm3vBn4cXz8aLp6dRfTyUiOe9wQsEx"
    log.finish_delivery(log.start_delivery(Delivery("c", url, "app", {}), ""), DeliveryResult(202))
    add_request(log, body=json.dumps({"callbackUri": url}).encode())
    assert log.deliveries()[0].url == "http://127.0.0.1:3978/calls/***"
    assert log.requests()[0].body == {"callbackUri": "http://127.0.0.1:3978/calls/***"}


def test_log_keeps_the_last_entries():
    log = make_log(max_entries=3)
    for number in range(5):
        add_request(log, f"/{number}")
        log.start_delivery(Delivery("c", URL, "app", {}), "")
    assert [entry.path for entry in log.requests()] == ["/2", "/3", "/4"]
    assert [entry.id for entry in log.deliveries()] == [3, 4, 5]


def test_log_keeps_a_bounded_number_of_bytes():
    log = make_log(max_bytes=100)
    pending = log.start_request("POST", "/pending")
    for number in range(5):
        add_request(log, f"/{number}", body=b"1" * 40)
    assert [entry.path for entry in log.requests()] == ["/3", "/4"]
    log.clear_requests()
    pending.body = b"1" * 400
    log.finish_request(pending)
    assert log.requests() == []


async def test_equal_seeds_give_equal_logs(start_service):
    logs = []
    for _ in range(2):
        service = await start_service(virtual_time=True, speed=1, seed=1, faults=["reordered", "throttled"])
        for _ in range(2):
            await service.graph.post("/beta/app/calls", json=service.call() | {"callbackUri": URL})
        await asyncio.wait_for(service.simulator.advance(60), 10)
        log = service.simulator.log
        logs.append([log.requests({"operation": "create"}), log.deliveries()])
    assert logs[0] == logs[1]
    assert len(logs[0][1]) > 3


def test_description_has_both_directions_in_order():
    log = make_log()
    for _ in range(2):
        add_request(log, "/x", status=200)
        log.finish_delivery(log.start_delivery(Delivery("c", URL, "app", {}), ""), DeliveryResult(404))
    lines = log.describe(3).splitlines()
    assert [("/x 200" in line, f"{URL} 404" in line) for line in lines] == [(False, True), (True, False), (False, True)]


async def test_keys_are_not_in_the_log(service):
    await service.graph.get(service.info["openid_url"].rpartition("/")[0] + "/keys")
    assert [entry["response"] for entry in await read(service, "requests?path=/v1/.well-known/keys")] == [None]


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'"\\ud800"',
        b"\xff",
        b"[" * 5000,
        b"a=%ff&b=%ed%a0%80",
        b'{"a": 1,}',
        b"5",
        b"\x00",
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", ""])
async def test_any_body_can_be_read_from_the_log(service, body, content_type):
    for path in ("/v1.0/communications/calls", f"/{service.info['tenant_id']}/oauth2/v2.0/token"):
        await service.graph.post(path, content=body, headers={"content-type": content_type})
        assert await read(service, f"requests?path={path}")


@pytest.mark.parametrize("url", ["", "bot", "http://[", "mailto:ann@contoso.com", "//host", "http://host:port/"])
def test_invalid_callback_is_shown_as_it_is(url):
    log = make_log()
    add_request(log, body=json.dumps({"callbackUri": url}).encode())
    assert log.requests()[0].body["callbackUri"] in (url, "***")
