"""Half characters, long numbers and byte order marks: kept, or refused with a message that names them."""

import asyncio
import contextlib
import math
import sqlite3
import time

import pytest

import graphcall_nb as gc
from graphcall_nb import parse_call
from graphcall_nb.errors import InvalidCall, InvalidNotification, JournalError
from graphcall_nb.graph.notifications import read_legacy, read_notifications
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.simulator.errors import GraphError
from graphcall_nb.simulator.validation import parse_json

from .frames.records import Log, row

MARK, DIGITS = b"\xef\xbb\xbf", b"9" * 5000
NOTIFICATION = b'{"value": [{"resource": "/app/calls/1", "resourceData": {"state": "ringing", "odd": %s}}]}'
CALL = b'{"subject": %s}'
HALVES = [b'"\\ud800"', b'"\\udc00x"', b'"\\ud83d\\ude00\\ud83d"', b'"\\\\\\uD800 "']
WHOLE = [b'"\\ud83d\\ude00"', b'"\\\\ud800"', DIGITS, b"-1e999", b'{"\\u0000": []}']


def paste(body):
    return parse_call(body.decode())


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize(
    ("read", "body", "error"),
    [
        (read_notifications, NOTIFICATION, InvalidNotification),
        (parse_json, CALL, GraphError),
        (paste, CALL, InvalidCall),
    ],
    ids=["listener", "simulator", "paste"],
)
def test_half_of_a_character_is_named(read, body, error, half):
    with pytest.raises(error, match=r"\\u[dD]\w{3} is half of a character"):
        read(body % half)


@pytest.mark.parametrize("read", [parse_json, paste], ids=["simulator", "paste"])
def test_long_number_is_named(read):
    with pytest.raises((GraphError, InvalidCall), match="A number has 5000 digits; at most 1000 are read"):
        read(CALL % DIGITS)


def test_number_out_of_range_is_named():
    with pytest.raises(GraphError, match="The number -1e999 is out of range"):
        parse_json(CALL % b"-1e999")


@pytest.mark.parametrize("field", [b'"resultInfo": {"code": %s}', b'"activeModalities": [%s]'])
def test_long_number_in_a_column_is_named(field):
    with pytest.raises(InvalidNotification, match=r"Integer value out of range - at `\$\.resourceData\."):
        read_notifications(b'{"value": [{"resourceData": {%s}}]}' % (field % DIGITS))


@pytest.mark.parametrize("read", [read_notifications, parse_json, paste, read_legacy])
def test_byte_order_mark_is_skipped(read):
    body = b'{"callState": "incoming"}' if read is read_legacy else CALL % b'"a"'
    body = NOTIFICATION % b"1" if read is read_notifications else body
    assert repr(read(MARK + body)) == repr(read(body)) != "None"


def test_other_encoding_is_named():
    with pytest.raises(InvalidNotification, match="it is UTF-16; send UTF-8"):
        read_notifications((NOTIFICATION % b"1").decode().encode("utf-16"))


@pytest.mark.parametrize("value", WHOLE)
def test_notification_is_kept_as_it_came(tmp_path, value):
    with contextlib.closing(open_journal(tmp_path / "a.sqlite")) as journal:
        asyncio.run(journal.append(read_notifications(NOTIFICATION % value), 1))
    with gc.open_journal(tmp_path / "a.sqlite") as session:
        session.save(tmp_path / "a.gcnb")
    for path in (tmp_path / "a.sqlite", tmp_path / "a.gcnb"):
        with gc.replay(path, speed=math.inf) as session:
            assert value.decode() in session.notifications()["raw"].iloc[0]


@pytest.mark.parametrize("odd", ["CAST(x'eda080' AS TEXT)", "CAST(x'ff' AS TEXT)", "9e999", f"'{'9' * 5000}'"])
@pytest.mark.parametrize("column", ["state", "raw", "received_at_us"])
def test_odd_value_in_a_journal_is_named_or_shown(tmp_path, column, odd):
    path = tmp_path / "a.sqlite"
    with contextlib.closing(open_journal(path)) as journal:
        asyncio.run(journal.append(read_notifications(NOTIFICATION % b"1"), 1))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE notifications SET {column} = {odd}")  # noqa: S608 - both are ours
    for open_session in (gc.open_journal, gc.replay):
        with contextlib.suppress(JournalError), open_session(path) as session:
            repr((session.notifications(), session.calls(), session.intervals()))


def measure_states(number):
    """Return the processor time of the frames of a call with so many distinct states."""
    frames = Log(row(seq, f"s{seq}") for seq in range(1, number + 1)).frames
    started = time.thread_time()
    assert len(frames.notifications()) == len(frames.intervals()) == number
    return time.thread_time() - started


def test_distinct_states_of_a_call_take_linear_time():
    fewer, more = (min(measure_states(number) for _ in range(2)) for number in (1_000, 8_000))
    assert more < 24 * fewer  # 64 times as long if it were quadratic
