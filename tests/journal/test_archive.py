"""Saved sessions and journals that are damaged, hostile or too large: each is refused with a sentence, or readable."""

import gzip
import json
import math
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcall_nb as gc
from graphcall_nb.errors import JournalError
from graphcall_nb.journal.archive import MAX_LINE_BYTES
from graphcall_nb.journal.journal import open_journal
from tests.journal.records import make_notification

FRAMES = ("notifications", "intervals", "calls", "participants", "operations", "requests", "messages")
NAMES = ["seq", "received_at_us", "call_id", "entity", "resource", "change_type", "state", "tone", "result_code", "raw"]
ROW = [1, 1_700_000_000_000_000, "a", "call", "/app/calls/a", "updated", "ringing", None, None, "{}"]
HEAD = {"graphcall_nb": 1, "version": "beta", "simulated": True, "masked": False, "notifications": NAMES}
HEAD |= {"requests": ["seq", "sent_at_us", "method", "url", "operation", "duration_us"]}


def pack(*lines, level=1):
    encoded = (line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    return gzip.compress(b"\n".join(encoded), level)


def read_all(path):
    """Return True if a file was read with all its frames, False if it was refused with a sentence."""
    try:
        session = gc.replay(path, speed=math.inf)
    except JournalError as error:
        print(error)
        return False
    with session:
        for name in FRAMES:
            repr(getattr(session, name)())
        gc.describe(session.intervals())
        for call_id in session.calls()["call_id"]:
            repr(session.call(call_id))
    return True


ODD = [None, "x", -1, 2**63 - 1, 2**63, 2**70, 1.5, True, [], {}, "\0", "[" * 100_000, "<b>", "9" * 400, ""]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_odd_value_in_a_column_is_refused_or_shown(tmp_path, name):
    for number, odd in enumerate(ODD):
        path = tmp_path / f"{number}.gcnb"
        path.write_bytes(
            pack(HEAD, ["n", *[odd if column == name else value for column, value in zip(NAMES, ROW, strict=True)]])
        )
        read_all(path)


ODD_FILES = {
    "head is a list": pack([]),
    "head is deep": pack(b"[" * 100_000),
    "version is unknown": pack({**HEAD, "version": "evil"}),
    "version is a list": pack({**HEAD, "version": ["x"]}),
    "format is a text": pack({**HEAD, "graphcall_nb": "9"}),
    "columns are numbers": pack({**HEAD, "notifications": [1]}),
    "columns are missing": pack({**HEAD, "notifications": []}, ["n"]),
    "kind is unknown": pack(HEAD, ["z", 1]),
    "kind is a list": pack(HEAD, [["n"], 1]),
    "row is empty": pack(HEAD, []),
    "row is an object": pack(HEAD, {"n": 1}),
    "row is deep": pack(HEAD, b"[" * 100_000),
    "row is short": pack(HEAD, ["n", 1]),
    "rows are equal": pack(HEAD, ["n", *ROW], ["n", *ROW]),
    "line is no JSON": pack(HEAD, b"\xff\xfe"),
    "surrogate": pack(HEAD, json.dumps(["n", *ROW]).replace("ringing", "\\ud800").encode()),
    "garbage behind": pack(HEAD, ["n", *ROW]) + b"garbage",
    "wrong checksum": pack(HEAD, ["n", *ROW])[:-8] + b"12345678",
    "only the beginning": b"\x1f\x8b",
    "line without end": pack(HEAD, b" " * (MAX_LINE_BYTES + 1)),
    "request without a time": pack(HEAD, ["r", 1, None, "GET", "http://x", "get", 0]),
    "request with a negative duration": pack(HEAD, ["r", 1, 1, "GET", "http://x", "get", -1]),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_damaged_file_is_refused_with_a_sentence(tmp_path, name):
    path = tmp_path / "x.gcnb"
    path.write_bytes(ODD_FILES[name])
    assert not read_all(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_are_refused_or_harmless(tmp_path, data):
    content = bytearray(pack(HEAD, *(["n", seq, *ROW[1:]] for seq in range(1, 30))))
    place = data.draw(st.integers(2, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path / "x.gcnb"
    path.write_bytes(content)
    read_all(path)


def test_file_that_expands_without_measure_is_refused(tmp_path):
    row = [*ROW[:-1], "x" * 1_000_000]
    path = tmp_path / "x.gcnb"
    path.write_bytes(pack(HEAD, *(["n", seq, *row[1:]] for seq in range(1, 80)), level=6))
    with pytest.raises(JournalError, match="expands to more than"):
        gc.replay(path)


@pytest.mark.parametrize("odd", ["text", b"blob", 1.5, 10**17])
async def test_foreign_value_in_a_journal_is_named(tmp_path, odd):
    path = tmp_path / "x.sqlite"
    journal = open_journal(path)
    await journal.append([make_notification("a", state="ringing")], 1)
    journal.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE notifications SET received_at_us = ?", (odd,))
    connection.close()
    with pytest.raises(JournalError, match=r"value of another type \(notifications, seq 1\)"):
        gc.replay(path)
