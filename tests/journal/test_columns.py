"""Notifications as columns: the same values as the records, from SQLite and from PostgreSQL."""

from functools import partial

import msgspec
import pytest

from graphcall_nb.errors import JournalError
from graphcall_nb.frames import Frames
from graphcall_nb.journal.columns import NotificationColumns, parse_columns, parse_shared_fields
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.selection import make_selection

from .records import make_notification
from .test_journal import execute

TEXTS = ["],[", '"],["', "\\", "\n\x1f\x7f", "é😀", "", "null", "]]", "\u2028", "x" * 5_000]
"""Texts that JSON escapes, or that contain its punctuation."""


@pytest.fixture
def journal(journal_url):
    opened = open_journal(journal_url)
    yield opened
    opened.close()


def parse(columns):
    return columns._replace(shared=parse_shared_fields(columns.shared))


async def test_columns_have_the_values_of_the_records(journal):
    fields = ("entity", "resource", "state", "etag", "answered_by", "result_message")
    rows = [make_notification(text or "x", **dict.fromkeys(fields, text), result_code=-(2**63)) for text in TEXTS]
    await journal.append([make_notification("plain"), *rows], 2**52 + 1)
    expected = NotificationColumns(*map(list, NotificationColumns.from_records(journal.read())))
    assert parse(journal.read_columns()) == parse(expected)


async def test_columns_of_a_selection_are_in_the_order_of_seq(journal):
    for at in (30, 20, 10):  # the index on the time has the reverse order
        await journal.append([make_notification(str(at))], at)
    selection = make_selection(since_us=15)
    assert journal.read_columns(selection=selection).call_id == ["30", "20"]
    assert journal.read_columns(1, 1, selection=selection).call_id == ["20"]
    assert journal.read_columns(until=1).seq == [1]


async def test_columns_beyond_the_last_row_are_empty(journal):
    await journal.append([make_notification("a")], 1)
    assert journal.read_columns(1, 100) == journal.read_columns(1) == ([],) * 6


@pytest.mark.parametrize("where", [None, {"change_type": "updated"}])
def test_frames_have_the_rows_after_any_gap(tmp_path, where):
    journal = open_journal(tmp_path / "journal.sqlite")
    seqs = [1, 2, 30_000, 2**62]
    journal.restore([(seq, seq % 7, *make_notification("a")) for seq in seqs], [])
    read = partial(journal.read_columns, selection=make_selection(where=where))
    frames = Frames(read, journal.read_requests, journal.payloads)
    frames.refresh()
    assert frames.notifications()["seq"].tolist() == seqs
    journal.close()


def test_rows_in_another_order_are_sorted():
    columns = parse_columns(["[2,1]", "[20,10]", '["b","a"]', '["/b","/a"]', "[null,null]", "[[2],[1]]"])
    assert columns == ([1, 2], [10, 20], ["a", "b"], ["/a", "/b"], [None, None], ["1", "2"])


@pytest.mark.parametrize("value", ["'noon'", "x'00'", "1.5"])
def test_value_of_another_type_is_reported(tmp_path, value):
    url = f"sqlite:///{tmp_path / 'journal.sqlite'}"
    open_journal(url).close()
    columns = "(received_at_us, call_id, entity, resource, change_type, raw)"
    execute(url, f"INSERT INTO notifications {columns} VALUES ({value}, 'a', 'call', '/a', 'updated', '{{}}')")  # noqa: S608
    journal = open_journal(url)
    with pytest.raises(JournalError, match=r"damaged|Cannot read"):
        journal.read_columns()
    journal.close()


def test_shared_fields_have_their_types():
    with pytest.raises(msgspec.ValidationError):
        parse_shared_fields(['"call","updated",null,null,null,null,null,"200",null,null'])
