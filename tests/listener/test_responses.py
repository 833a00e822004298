"""Responses of the listener to each kind of request, without a socket, a journal or a signature."""

import json

import httpx
import pytest

from graphcall_nb.errors import JournalError, KeysUnavailable, TokenRejected, TooManyTokens
from graphcall_nb.listener.app import MAX_BODY_BYTES, MIN_SECRET_CHARS, PROBE_HEADER, Listener, sign_probe

PATH = "/api/calls/unguessable"
BODY = b'{"value": [{"resource": "/app/calls/1", "resourceData": {"state": "ringing"}}]}'
JSON = {b"content-type": b"application/json", b"authorization": b"Bearer known"}
LENGTH_0 = ((b"content-length", b"0"),)


class MemoryLog:
    """A log that keeps notifications in a list, or fails with an error."""

    def __init__(self, error=None):
        self.error = error
        self.batches = []

    async def append(self, notifications, received_at_us):
        if self.error:
            raise self.error
        self.batches.append((notifications, received_at_us))

    def append_with_callback(self, notifications, received_at_us, on_done):
        self.batches.append((notifications, received_at_us))
        on_done(self.error)


class KnownToken:
    """A checker that accepts one header, or fails with an error."""

    def __init__(self, error=None):
        self.error = error

    async def check(self, authorization, peer):
        if self.error or authorization != b"Bearer known":
            raise self.error or TokenRejected("it is unknown")

    def is_verified(self, authorization):
        return authorization == b"Bearer known"


def make_listener(*, error=None, token_error=None, path=PATH):
    return Listener(MemoryLog(error), KnownToken(token_error), path=path, clock_ns=lambda: 1_234_567)


async def send(listener, *, path=PATH, method="POST", body=BODY, **headers):
    headers = {"content-type": "application/json", "authorization": "Bearer known"} | headers
    headers = {name: value for name, value in headers.items() if value is not None}
    transport = httpx.ASGITransport(listener)
    async with httpx.AsyncClient(transport=transport, base_url="http://listener") as client:
        return await client.request(method, path, content=body, headers=headers)


def handle(listener, body=BODY):
    """Return the response of the fast path."""
    responses = []
    listener.handle(body, lambda *response: responses.append(response))
    [response] = responses
    return response


async def test_notification_is_logged_with_its_arrival_in_microseconds():
    log = MemoryLog()
    listener = Listener(log, KnownToken(), path=PATH, clock_ns=lambda: 1_234_567)
    response = await send(listener)
    [([notification], received_at_us)] = log.batches
    assert (notification.call_id, received_at_us, listener.last_received_us) == ("1", 1234, 1234)
    assert (response.status_code, response.content, response.headers["content-length"]) == (202, b"", "0")


def test_fast_path_logs_the_same_notification():
    log = MemoryLog()
    listener = Listener(log, KnownToken(), path=PATH, clock_ns=lambda: 1_234_567)
    assert handle(listener) == (202, b"", LENGTH_0)
    [([notification], received_at_us)] = log.batches
    assert (notification.call_id, received_at_us, listener.last_received_us) == ("1", 1234, 1234)


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"path": "/other"}, 404, "Not found."),
        ({"method": "GET"}, 405, "Notifications are sent by POST."),
        ({"content-length": "x"}, 413, f"The body exceeds {MAX_BODY_BYTES} bytes."),
        ({"content-length": str(MAX_BODY_BYTES + 1)}, 413, f"The body exceeds {MAX_BODY_BYTES} bytes."),
        ({"content-type": "text/plain"}, 415, "The content type must be application/json."),
        ({"authorization": "Bearer x"}, 401, "The bearer token is rejected: it is unknown."),
    ],
)
async def test_refusal_says_why(change, status, text):
    response = await send(make_listener(), **change)
    assert (response.status_code, response.text) == (status, text)
    assert (b"content-type", b"text/plain; charset=utf-8") in response.headers.raw
    assert (b"content-length", b"%d" % len(text)) in response.headers.raw


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"method": "GET"}, "allow", "POST"),
        ({"authorization": "Bearer x"}, "www-authenticate", "Bearer"),
        ({"authorization": "Bearer x", PROBE_HEADER: "7"}, PROBE_HEADER, sign_probe(PATH, "7")),
        ({"authorization": "Bearer x", PROBE_HEADER: "é".encode("latin-1")}, PROBE_HEADER, sign_probe(PATH, "é")),
    ],
)
async def test_refusal_has_the_header_that_helps_the_sender(change, name, value):
    response = await send(make_listener(), **change)
    assert (name.encode(), value.encode()) in response.headers.raw  # ASGI wants names in lower case


@pytest.mark.parametrize(("authorization", "refused"), [(None, {}), ("Bearer x", {401: 1})])
async def test_request_of_the_doctor_is_not_counted_as_refused(authorization, refused):
    listener = make_listener()
    response = await send(listener, **{"authorization": authorization, PROBE_HEADER: "7"})
    assert (response.status_code, listener.refused) == (401, refused)


async def test_refusal_has_no_proof_without_a_probe():
    assert PROBE_HEADER not in (await send(make_listener(), authorization="Bearer x")).headers


@pytest.mark.parametrize(
    ("error", "status", "retry_after"), [(TooManyTokens("wait"), 429, "1"), (KeysUnavailable("wait"), 503, "5")]
)
async def test_token_that_cannot_be_checked_may_be_sent_again(error, status, retry_after):
    response = await send(make_listener(token_error=error))
    assert (response.status_code, response.text) == (status, "wait")
    assert (b"retry-after", retry_after.encode()) in response.headers.raw


async def test_notification_that_is_not_stored_is_not_counted_as_received():
    listener = make_listener(error=JournalError("full"))
    response = await send(listener)
    assert (response.status_code, response.text) == (503, "The notification could not be stored; send it again.")
    assert (listener.accepted, listener.refused, listener.last_received_us) == (0, {503: 1}, None)


def test_fast_path_does_not_count_a_notification_that_is_not_stored():
    listener = make_listener(error=JournalError("full"))
    assert handle(listener)[:2] == (503, b"The notification could not be stored; send it again.")
    assert (listener.accepted, listener.refused, listener.last_received_us) == (0, {503: 1}, None)


async def test_requests_are_counted_by_status():
    listener = make_listener()
    for path in (PATH, PATH, "/other", "/other", "/third"):
        await send(listener, path=path)
    handle(listener)
    assert (listener.accepted, listener.refused) == (3, {404: 3})
    assert repr(listener) == "<Listener: 3 accepted, 3 refused>"


async def test_largest_body_is_accepted():
    assert (await send(make_listener(), body=BODY.ljust(MAX_BODY_BYTES))).status_code == 202


async def test_largest_body_in_chunks_is_accepted():
    async def stream():
        yield BODY
        yield b" " * (MAX_BODY_BYTES - len(BODY))

    assert (await send(make_listener(), body=stream())).status_code == 202


async def test_chunked_body_beyond_the_limit_is_refused():
    async def stream():
        yield BODY
        yield b" " * (MAX_BODY_BYTES - len(BODY) + 1)

    response = await send(make_listener(), body=stream())
    assert (response.status_code, response.text) == (413, f"The body exceeds {MAX_BODY_BYTES} bytes.")


async def test_content_type_may_have_parameters_and_any_letter_case():
    content_type = "Application/JSON; charset=utf-8"
    assert (await send(make_listener(), **{"content-type": content_type})).status_code == 202


def make_scope(**changes):
    return {"type": "http", "path": PATH, "method": "POST", "headers": list(JSON.items())} | changes


async def test_connection_that_closes_before_the_end_of_the_body_is_refused():
    messages = iter([{"type": "http.request", "body": BODY, "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(messages)

    async def record(message):
        sent.append(message)

    await make_listener()(make_scope(), receive, record)
    assert (sent[0]["status"], sent[1]["body"]) == (400, b"The connection was closed before the end of the body.")


async def test_message_without_a_body_is_an_empty_part_of_it():
    messages = iter([{"type": "http.request", "more_body": True}, {"type": "http.request", "body": BODY}])
    sent = []

    async def receive():
        return next(messages)

    async def record(message):
        sent.append(message)

    await make_listener()(make_scope(), receive, record)
    assert sent == [
        {"type": "http.response.start", "status": 202, "headers": LENGTH_0},
        {"type": "http.response.body", "body": b""},
    ]


async def test_other_scopes_of_asgi_are_ignored():
    assert await make_listener()({"type": "lifespan"}, None, None) is None


def test_fast_path_accepts_a_verified_notification():
    assert make_listener().accepts(b"POST", PATH.encode(), JSON)


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        (b"PUT", PATH.encode(), JSON),
        (b"POST", b"/other", JSON),
        (b"POST", PATH.encode(), JSON | {b"content-type": b"text/plain"}),
        (b"POST", PATH.encode(), {b"authorization": b"Bearer known"}),
        (b"POST", PATH.encode(), JSON | {b"authorization": b"Bearer x"}),
        (b"POST", PATH.encode(), {b"content-type": b"application/json"}),
    ],
)
def test_fast_path_leaves_other_requests_to_asgi(method, target, headers):
    assert not make_listener().accepts(method, target, headers)


def test_fast_path_acknowledges_the_legacy_format_without_a_length():
    assert handle(make_listener(), b'{"callState": "incoming"}') == (204, b"", ())


def test_fast_path_refuses_a_body_that_is_not_an_envelope():
    listener = make_listener()
    status, text, headers = handle(listener, b"[]")
    assert (status, listener.refused, listener.accepted) == (400, {400: 1}, 0)
    assert text.startswith(b"This is not a notification envelope: ")
    assert headers[1] == (b"content-length", b"%d" % len(text))


def log_with_secret(secret, text):
    """Return the note that is logged for a notification with ``text`` in it."""
    log = MemoryLog()
    listener = Listener(log, KnownToken(), path=f"/api/calls/{secret}")
    handle(listener, json.dumps({"value": [{"note": text}]}).encode())
    [([notification], _)] = log.batches
    return json.loads(notification.raw)["note"]


def test_secret_of_the_path_is_redacted_wherever_it_stands():
    secret = "s" * MIN_SECRET_CHARS
    assert log_with_secret(secret, f"a {secret} and {secret}") == "a *** and ***"


def test_callback_url_is_redacted_behind_its_host():
    secret = "s" * MIN_SECRET_CHARS
    assert log_with_secret(secret, f"to http://host/a/{secret} now") == "to http://host/*** now"


def test_short_word_at_the_end_of_the_path_is_not_a_secret():
    word = "w" * (MIN_SECRET_CHARS - 1)
    assert log_with_secret(word, f"http://host/{word}") == f"http://host/{word}"
