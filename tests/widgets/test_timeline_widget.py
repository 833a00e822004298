"""The timeline without a browser: its messages, its snapshot, its description."""

import contextlib
import gc
import xml.etree.ElementTree as ElementTree

import pytest
from IPython.core.formatters import DisplayFormatter

import graphcall_nb
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.widgets.sync import JournalWatcher, Update
from graphcall_nb.widgets.timeline import Timeline
from tests.widgets.test_timeline_model import request, row

NASTY = "<img src=x onerror=alert(1)>"


class Rows:
    """A journal that does not change."""

    announces_commits = False

    def __init__(self, *rows, requests=()):
        self.rows, self.requests = list(rows), list(requests)

    def read(self, after=0, limit=None):
        return [row for row in self.rows if row.seq > after]

    def read_requests(self, after=0):
        return [row for row in self.requests if row.seq > after]

    def watch_commits(self, on_commit):
        return contextlib.nullcontext()
        return False


class Watched(Timeline):
    """A timeline that records its messages."""

    def send(self, content, buffers=None):
        self.__dict__.setdefault("sent", []).append(content)

    def send_state(self, key=None):
        self.__dict__.setdefault("sent_states", []).append(key)


@pytest.fixture
def timeline():
    rows = Rows(row(1, "a", "ringing"), row(2, "b", "established", 500), requests=[request(1, "a", NASTY)])
    made = Watched(rows, title="Calls & more", simulated=True, clock=lambda: 1001.0)
    yield made
    made.close()


def state(timeline):
    return timeline.get_state("_state")["_state"]


def test_state_has_earlier_calls(timeline):
    assert [call[1] for call in state(timeline)["calls"]] == ["a", "b"]
    assert not timeline.__dict__.get("sent")


def test_a_change_is_sent_with_the_next_number_and_the_state_has_it_too(timeline):
    timeline.handle_update(Update([row(3, "a", "established", 900)]))
    [sent] = timeline.sent
    assert (sent["n"], state(timeline)["n"]) == (1, 1)
    names = [name for name, *_ in state(timeline)["states"]]
    assert sent["calls"][0][4:] == [1, [names.index("established"), sent["calls"][0][5][1]]]


def test_update_without_changes_is_not_sent(timeline):
    timeline.handle_update(Update([row(3, "a", "ringing", 900)]))
    assert "sent" not in timeline.__dict__


def test_view_that_missed_nothing_gets_the_time_only(timeline):
    timeline.handle_message(None, {"kind": "hello", "n": 0}, [])
    assert timeline.sent == [{"kind": "changes", "n": 0, "now": 0, "live": True}]


def test_view_that_missed_a_message_gets_the_state(timeline):
    timeline.sent_states.clear()
    timeline.handle_message(None, {"kind": "hello", "n": 7}, [])
    assert timeline.sent_states == ["_state"]


@pytest.mark.parametrize("content", [None, [], "hello", {}, {"kind": "other"}])
def test_unknown_messages_are_ignored(timeline, content):
    timeline.handle_message(None, content, [])
    assert "sent" not in timeline.__dict__


def test_bars_stop_growing_when_the_session_closes(timeline):
    timeline.watcher.close()
    assert timeline.sent[-1]["live"] is False
    assert state(timeline)["live"] is False


def test_a_widget_of_a_closed_session_can_still_be_made():
    watcher = JournalWatcher(Rows(row(1, "a", "ringing")))
    watcher.close()
    assert Timeline(watcher).describe() == "Timeline of 1 call: 1 ringing."


def test_a_widget_of_a_closed_journal_is_empty_and_raises_nothing():
    journal = open_journal()
    watcher = JournalWatcher(journal)
    watcher.close()
    journal.close()
    assert Timeline(watcher).describe() == "Timeline without calls."


def test_description_is_the_text_without_widgets(timeline):
    assert repr(timeline) == f"<{timeline.describe()}>" == "<Timeline of 2 calls: 1 ringing, 1 established.>"
    assert DisplayFormatter().format(timeline)[0]["text/plain"] == repr(timeline)


def test_the_snapshot_is_a_picture_with_a_name_and_text_as_text(timeline):
    picture = ElementTree.fromstring(DisplayFormatter().format(timeline.snapshot())[0]["image/svg+xml"])  # noqa: S314
    assert picture.get("aria-label") == timeline.describe()
    texts = "".join(picture.itertext())
    assert NASTY in texts
    assert "SIMULATED" in texts
    assert "Calls & more" in texts


def test_snapshot_without_calls():
    timeline = Timeline(Rows())
    assert "No calls yet" in timeline.snapshot().svg
    timeline.close()


def test_the_snapshot_shows_the_newest_calls():
    timeline = Timeline(Rows(*[row(i, f"call-{i:03}", "ringing") for i in range(1, 101)]))
    svg = timeline.snapshot(max_calls=10).svg
    assert "call-100" in svg
    assert "call-090" not in svg
    timeline.close()


def test_the_snapshot_can_be_saved(timeline, tmp_path):
    timeline.snapshot().save(tmp_path / "timeline.svg")
    assert (tmp_path / "timeline.svg").read_text().startswith("<svg")


def test_a_session_without_a_name_lives_until_its_timeline_is_closed():
    timeline = graphcall_nb.simulate().timeline()
    gc.collect()
    assert not timeline.watcher.closed
    timeline.close()
    gc.collect()
    assert timeline.watcher.closed
