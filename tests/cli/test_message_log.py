"""Messages of a simulator on stderr."""

import io

import pytest
from rich.console import Console

from graphcall_nb.cli.message_log import MessagePrinter
from graphcall_nb.simulator.delivery import Delivery, DeliveryResult
from graphcall_nb.simulator.message_log import MessageLog

BODY = {"value": [{"changeType": "updated", "resourceData": {"state": "established"}}]}
DELIVERY = Delivery("c-1", "http://127.0.0.1:3979/api/calls", "app", BODY)


@pytest.fixture
def log():
    return MessageLog(lambda: 0.0)


def start_printer(log, **settings):
    output = io.StringIO()
    MessagePrinter(log, Console(file=output, width=40), **settings).start()
    return output


def attempt(log, result, token_fault=""):
    log.finish_delivery(log.start_delivery(DELIVERY, token_fault), result)


def request(log, path="/v1.0/communications/calls"):
    entry = log.start_request("POST", path)
    entry.operation, entry.status = "create", 201
    log.finish_request(entry)


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (DeliveryResult(None, error="Connection refused"), "Connection refused"),
        (DeliveryResult(404), "the bot responded 404"),
        (DeliveryResult(401), "the bot responded 401"),
    ],
)
def test_failed_delivery_is_always_one_line(log, result, reason):
    output = start_printer(log)
    attempt(log, result)
    (line,) = output.getvalue().splitlines()
    assert all(part in line for part in (DELIVERY.url, reason, "established", "c-1"))


def test_other_messages_are_printed_on_request(log):
    quiet, verbose = start_printer(log), start_printer(log, shows_all=True)
    request(log)
    attempt(log, DeliveryResult(202))
    assert quiet.getvalue() == ""
    assert [("create" in line, "established" in line) for line in verbose.getvalue().splitlines()] == [
        (True, False),
        (False, True),
    ]


def test_refusal_of_a_bad_token_is_not_a_failure(log):
    output = start_printer(log)
    attempt(log, DeliveryResult(401), token_fault="token_expired")
    assert output.getvalue() == ""


def test_colors_are_for_terminals_only(log):
    output = start_printer(log, shows_all=True)
    request(log, "/\x1b[31m")
    attempt(log, DeliveryResult(404))
    assert "\x1b" not in output.getvalue()
