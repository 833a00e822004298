"""The display of frames: the same cells as text and as HTML, and data that stay those of pandas."""

import copy
import pickle
import re
from html import unescape

import pandas as pd
import pytest

from graphcall_nb.frames.journal_frame import JournalFrame

from .records import Log, create, life, row

CALL_ID = "57DAB8B1894C409AB240BD8BEAE78896"
FRAMES = ("notifications", "intervals", "calls", "participants", "operations", "requests", "messages")
ROWS = [*life("establishing", "ringing", call=CALL_ID), row(3, "terminated", call=CALL_ID, result=(487, 10004, None))]


@pytest.fixture
def log():
    return Log(ROWS, [create(CALL_ID, {"subject": "<b>Test</b>\nCall"})])


def read_html(frame):
    """Return the cells that a reader sees: the beginning of an id is hidden."""
    html = re.sub(r'<span class="gcnb-id"><span>[\w-]+</span>', "<span>…", frame._repr_html_())
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    cells = [[unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]
    return [[cell for cell in line if cell] for line in cells]


def read_text(frame):
    with pd.option_context("display.max_columns", None):
        table, _, _ = repr(frame).partition("\n\n")
    return [re.split(r" {2,}", line.strip()) if line.strip() else [] for line in table.splitlines()]


@pytest.mark.parametrize("name", FRAMES)
def test_text_and_html_have_the_same_cells(log, name):
    shown = getattr(log.frames, name)()
    assert read_html(shown) == read_text(shown)


@pytest.mark.parametrize("name", FRAMES)
def test_the_id_of_the_call_is_a_column_of_every_frame(log, name):
    assert "call_id" in getattr(log.frames, name)().columns[:3]


def test_cells_of_a_call_are_for_reading(log):
    _, line = read_text(log.frames.calls()[["call_id", "result", "talk_time", "time_to_ring", "ended_at"]])
    assert line == ["0", "…EAE78896", "The target did not answer in time", "–", "2.00 s", "22:13:23.000"]


def test_an_id_is_whole_in_the_page(log):
    html = log.frames.calls()._repr_html_()
    assert CALL_ID in re.sub("<[^>]+>", "", html)
    assert f'title="{CALL_ID}"' in html


def test_markup_of_others_is_text(log):
    assert "&lt;b&gt;Test&lt;/b&gt; Call" in log.frames.calls()._repr_html_()


def test_each_kind_of_missing_value_has_one_mark():
    columns = {"a": [None, "x"], "b": [float("nan"), 1.5], "c": pd.array([None, 1], "Int64"), "d": [pd.NaT, pd.NaT]}
    assert read_text(JournalFrame(columns))[1] == ["0", "–", "–", "–", "–"]


def test_times_of_several_days_have_their_day():
    at = pd.to_datetime(["2026-01-01T23:59:59.9996Z", "2026-01-02T00:00:01Z"], format="ISO8601")
    shown = repr(JournalFrame({"at": at}))
    assert "2026-01-01 23:59:59.999" in shown
    assert shown.endswith("2 rows × 1 column. Times in UTC.")


def test_a_long_frame_is_cut_with_a_count():
    long = JournalFrame({"seq": range(1000)})
    assert "… 990 rows not shown …" in repr(long)
    assert "… 990 rows not shown …" in long._repr_html_()
    assert repr(long).endswith("1,000 rows × 1 column.")


ID = "57dab8b1-894c-409a-b240-bd8beae78896"
ODD = {
    "tuples as columns": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])),
    "levels of rows": pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([("x", 1)], names=["name", "number"])),
    "equal names": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "lists": pd.DataFrame({"a": [[1, 2], {"b": pd.NA}]}),
    "no columns": pd.DataFrame(index=[1, 2]),
    "no rows": pd.DataFrame({"a": []}),
    "nothing": pd.DataFrame(),
    "categories in rows": pd.DataFrame({"a": [1]}, index=pd.CategoricalIndex(["x"])),
    "ids around the cut": pd.DataFrame({"a": [" ".join([ID] * 30), "x" * 60 + " " + ID]}),
    "periods": pd.DataFrame({"a": pd.period_range("2026-01", periods=2, freq="M")}),
    "other zone": pd.DataFrame({"a": pd.to_datetime(["2026-01-01"]).tz_localize("Asia/Tokyo")}),
}


@pytest.mark.parametrize("plain", ODD.values(), ids=ODD)
def test_frames_made_by_users_are_shown(plain):
    shown = JournalFrame(plain)
    assert read_html(shown) == (read_text(shown) or [[]])


KEPT = {
    "rows": lambda frame: frame.iloc[:1],
    "columns": lambda frame: frame[["call_id", "state"]],
    "mask": lambda frame: frame[frame["state"].notna()],
    "concat": lambda frame: pd.concat([frame, frame], ignore_index=True),
    "merge": lambda frame: frame.merge(frame, on="call_id"),
    "group": lambda frame: frame.groupby("state", observed=True).head(1),
    "assign": lambda frame: frame.assign(one=1),
    "copy": copy.deepcopy,
}


@pytest.mark.parametrize("select", KEPT.values(), ids=KEPT)
def test_the_type_is_kept(log, select):
    assert type(select(log.frames.calls())) is JournalFrame


def test_data_and_types_are_those_of_pandas(log):
    shown = log.frames.calls()
    assert type(pd.DataFrame(shown)) is pd.DataFrame
    assert pd.DataFrame(shown).dtypes.equals(shown.dtypes)
    assert shown.to_string() == pd.DataFrame(shown).to_string()


def test_pickled_it_is_an_ordinary_frame_with_its_marks(log):
    shown = log.frames.calls()
    shown.attrs["simulated"] = True
    copied = pickle.loads(pickle.dumps(shown))  # noqa: S301 - our own
    pd.testing.assert_frame_equal(shown, copied)
    assert (type(copied), copied.attrs) == (pd.DataFrame, {"simulated": True})


def test_a_shown_frame_reads_only_the_payloads_in_view():
    log = Log([row(seq, "ringing", call=str(seq)) for seq in range(1, 200)])
    repr(log.frames.notifications())
    assert len(log.payloads_read) <= 20


def test_a_terminal_shows_the_columns_that_fit(log):
    with pd.option_context("display.max_columns", 0):
        lines = repr(log.frames.calls()).splitlines()
    assert len(lines[0]) <= 80
    assert "Not shown: " in lines[-1]
