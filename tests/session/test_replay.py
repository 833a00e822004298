"""Saved, played again, moved about in, handed on."""

import gzip
import json
import math
import threading

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcall_nb as gc
from graphcall_nb.errors import ExtraMissing, JournalError, ReadOnly
from graphcall_nb.frames.export import write_frame
from graphcall_nb.graph import templates
from graphcall_nb.journal.anonymize import Anonymizer
from graphcall_nb.journal.archive import ArchiveHeader, save
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.journal.records import NotificationRecord
from graphcall_nb.journal.replay import Replay

WHOLE_LIFE = ["establishing", "ringing", "established", "terminating", "terminated"]


def make_notification(**fields):
    return NotificationRecord(**dict.fromkeys(NotificationRecord._fields) | fields)


def read_archive(path):
    return gzip.decompress(path.read_bytes()).decode()


@pytest.fixture(scope="module")
def recorded():
    """A session in which one call was placed and hung up."""
    with gc.simulate(speed=100, seed=1) as made:
        call = made.create_call(templates.pstn("+14255550100", subject="Call for Heidi Steen"))
        call.wait_for("established", timeout=30)
        call.hang_up()
        call.wait_for("terminated", timeout=30)
        yield made


@pytest.fixture
def saved(recorded, tmp_path):
    return recorded.save(tmp_path / "session.gcnb")


def test_replay_of_an_archive_has_the_same_frames(recorded, saved):
    with gc.replay(saved, speed=math.inf) as again:
        for name in ("notifications", "intervals", "calls", "requests"):
            pd.testing.assert_frame_equal(getattr(again, name)(), getattr(recorded, name)(), check_like=True)
        assert again.simulated
        assert again.version == recorded.version


def test_replay_of_a_journal(recorded):
    with gc.replay(recorded.journal, speed=math.inf) as again:
        assert again.intervals()["state"].tolist() == WHOLE_LIFE
    assert len(recorded.notifications()) >= 5, "the journal was closed with the replay"


@pytest.fixture
def replay(saved):
    """At its beginning, with time standing still."""
    with gc.replay(saved) as made:
        yield made


def test_position_decides_which_records_are_visible(replay, recorded):
    assert len(replay.notifications()) == 0
    times = recorded.notifications()["received_at"]
    began = pd.Timestamp(replay.started_at, unit="s", tz="UTC")
    for count in (2, 5, 1):  # forwards, to the end, and back
        replay.seek((times.iloc[count - 1] - began).total_seconds())
        assert len(replay.notifications()) == count
        assert replay.intervals()["state"].tolist() == WHOLE_LIFE[:count]
        assert replay.call(replay.calls().at[0, "call_id"]).state == WHOLE_LIFE[count - 1]
    assert len(replay.notifications(where={"entity": "call"})) == 1


def test_position_advances_with_speed():
    journal, now = open_journal(), 0.0
    journal.restore([(1, 1_000_000, "a", "call", "", "", *[None] * 9, "{}"), (2, 61_000_000, "a", "call", "", "", *[None] * 9, "{}")], [])  # fmt: skip  # noqa: E501
    player = Replay(journal, speed=10, clock=lambda: now)
    assert (player.duration, player.position, player.last_seq) == (60, 0, 1)
    now = 3.0
    assert (player.position, player.now(), player.is_playing) == (30, 31, True)
    player.pause()
    now = 5.0
    assert player.position == 30
    player.speed = 1
    player.play()
    now = 34.9
    assert player.last_seq == 1
    now = 35.0
    assert (player.position, player.last_seq, player.is_playing) == (60, 2, False)
    player.play()
    assert player.position == 0
    player.close()


def test_wait_for_a_later_position(saved):
    with gc.replay(saved) as again:
        call = again.call(json.loads(read_archive(saved).splitlines()[1])[3])
        assert (again.position, again.playing) == (0, False)
        again.play()
        call.wait_for("terminated", timeout=30)


def test_replay_sends_nothing(replay):
    for send in (lambda: replay.create_call(templates.pstn()), lambda: replay.call("x").refresh()):
        with pytest.raises(ReadOnly, match=r"simulate\(\)"):
            send()


def test_repr_has_the_position(replay):
    assert "at 0.0 of" in repr(replay)
    assert "SIMULATED" in repr(replay)
    replay.close()
    assert "closed" in repr(replay)


def test_journal_of_a_listener_alone_has_no_service(tmp_path):
    path = tmp_path / "journal.sqlite"
    open_journal(path).close()
    with gc.replay(path) as again:
        assert repr(again) == "<ReplaySession from a listener alone: 0 calls at 0.0 of 0.0 s>"
        assert repr(again.cockpit()).startswith("<Cockpit from a listener alone, replay: ")


def test_replayed_call_has_its_target(replay, recorded):
    replay.seek(replay.duration)
    shown = repr(replay.call(recorded.calls().at[0, "call_id"]))
    assert "'Call for Heidi Steen' to +14255550100" in shown


def scrub(player, seconds, held=False):
    player.slider.handle_message(player.slider, {"kind": "seek", "to": seconds, "held": held}, [])


def test_player_and_replay_follow_each_other(replay):
    player = replay.player()
    scrub(player, replay.duration)
    assert "1 terminated" in player.timeline.describe() or replay.position == replay.duration
    scrub(player, 0)
    assert replay.position == 0
    assert "without calls" in player.timeline.describe()
    player.speed.value = 50.0
    assert replay.speed == 50
    replay.speed = 77
    player.follow()
    assert player.speed.value == 77
    player.button.click()
    while replay.playing:
        pass
    player.follow()
    assert player.slider.value == replay.duration
    assert player.button.description == "Play"
    player.close()


def test_replay_pauses_while_the_slider_is_held(replay):
    player = replay.player()
    replay.speed = 1e-6
    replay.play()
    scrub(player, 0.0, held=True)
    assert not replay.playing
    assert player.button.description == "Pause"
    scrub(player, 0.0)
    assert replay.playing
    scrub(player, 0.0, held=True)
    scrub(player, replay.duration)
    assert replay.position == replay.duration
    player.close()


def test_player_keeps_its_content_after_close(saved):
    with gc.replay(saved, speed=math.inf) as replay:
        player = replay.player()
        before = player.timeline.describe()
    scrub(player, 0)
    assert player.timeline.describe() == before
    player.close()


def test_close_ends_the_threads_of_players(saved):
    with gc.replay(saved) as replay:
        player = replay.player()
    assert not {"graphcall_nb-live", "graphcall_nb-player"} & {thread.name for thread in threading.enumerate()}
    assert "Timeline" in player.timeline.describe()


def test_masked_archive_has_no_names_and_numbers(recorded, tmp_path):
    content = read_archive(recorded.save(tmp_path / "masked.gcnb", mask=True))
    for private in ("+14255550100", "Heidi Steen", "Heidi"):
        assert private not in content
    assert "+00000000001" in content
    with gc.replay(tmp_path / "masked.gcnb", speed=math.inf) as again:
        assert again.intervals()["state"].tolist() == WHOLE_LIFE


async def test_equal_values_have_equal_masks(tmp_path):
    from tests.journal import records

    def raw(name, user):
        return json.dumps({"resourceData": {"displayName": name, "phone": {"id": "5550100"}, "id": user}})

    journal = open_journal()
    await journal.append([records.make_notification("a", answered_by="Ada L", raw=raw("Ada L", "ada@contoso.com"))], 1)
    await journal.append([records.make_notification("b", answered_by="Bo", raw=raw("Bo", "19:x@thread.v2"))], 2)
    with gc.replay(save(journal, tmp_path / "x.gcnb", ArchiveHeader("beta", True, True)), speed=math.inf) as again:
        one, two = (json.loads(text)["resourceData"] for text in again.notifications()["raw"])
        assert again.notifications()["answered_by"].tolist() == ["Person 1", "Person 2"]
    journal.close()
    assert (one["displayName"], one["id"]) == ("Person 1", "person-1@masked.example")
    assert one["phone"] == two["phone"] == {"id": "+00000000001"}
    assert two["id"] == "19:x@thread.v2"


SAID = {
    "Ada Lovelace called": "Person 1 called",
    "ADA LOVELACE called": "Person 1 called",
    "it was planned": "it was planned",
    "dialled +1 (425) 555-0100": "dialled +00000000001",
    "call from 14255550100 failed": "call from +00000000001 failed",
    "tel:2065550123": "tel:+00000000002",
    "https://x/y?to=%2B14255550100": "https://x/y?to=+00000000001",
    "https://x/y?n=Ada%20Lovelace&m=ada%40contoso.com": "https://x/y?n=Person 1&m=person-1@masked.example",
    '2026-11-25T12:00:00.1234567Z W/"1234567"': '2026-11-25T12:00:00.1234567Z W/"1234567"',
}


@pytest.mark.parametrize("said", SAID)
def test_learned_values_are_masked_in_every_spelling(said):
    known = '{"people": [{"displayName": "Ada Lovelace"}, {"displayName": "Ann"}], "phone": {"id": "+14255550100"}}'
    masker = Anonymizer()
    masker.learn(make_notification(raw=known))
    assert masker.mask_text(said) == SAID[said]


def test_secret_path_is_never_saved(recorded, saved):
    assert recorded.callback_uri.rpartition("/")[2] not in read_archive(saved)


@given(
    names=st.lists(st.text(min_size=3, max_size=12), min_size=1, max_size=4, unique=True),
    digits=st.integers(10**7, 10**14),
)
def test_no_learned_value_is_left(names, digits):
    number = f"+{digits}"
    raw = json.dumps({"people": [{"displayName": name} for name in names], "said": [number, f"tel:{number}"]})
    masker = Anonymizer()
    record = make_notification(answered_by=names[0], raw=raw)
    masker.learn(record)
    masked = masker.mask(record)
    people = [person["displayName"] for person in json.loads(masked.raw)["people"]]
    assert people == [f"Person {n}" for n in range(1, len(names) + 1)]
    assert masked.answered_by == "Person 1"
    assert number not in masked.raw


def test_save_to_a_missing_folder(recorded, tmp_path):
    with pytest.raises(JournalError, match="choose another path"):
        recorded.save(tmp_path / "missing" / "x.gcnb")
    (tmp_path / "old.gcnb").write_text("old")
    recorded.save(tmp_path / "old.gcnb")
    assert [path.name for path in tmp_path.iterdir()] == ["old.gcnb"]


def cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def other(path):
    path.write_bytes(gzip.compress(b'{"something": "else"}\n'))


def newer(path):
    path.write_bytes(gzip.compress(b'{"graphcall_nb": 99}\n'))


def lacking(path):
    head, *rows = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(head.replace(b'"masked"', b'"x"') + b"".join(rows)))


def short(path):
    head, *_ = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(head + b'["n",1]'))


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_bytes(b"x")


DAMAGES = [
    (cut, "save it again"),
    (other, "save it again"),
    (lacking, "save it again"),
    (short, "save it again"),
    (newer, "newer"),
    (empty, "is empty; give a file"),
    (text, "is not a graphcall_nb journal"),
]


@pytest.mark.parametrize(("harm", "word"), DAMAGES)
def test_damaged_archive_is_reported(saved, harm, word):
    harm(saved)
    before = saved.read_bytes()
    with pytest.raises(JournalError, match=word):
        gc.replay(saved)
    assert saved.read_bytes() == before


def test_seek_to_nan_is_refused(replay):
    with pytest.raises(ValueError, match="seconds is nan; give"):
        replay.seek(math.nan)
    assert replay.position == 0


def test_wrong_type_of_path_is_named():
    with pytest.raises(TypeError, match=r"path_or_journal: give a path, .* not int"):
        gc.replay(3)


@pytest.mark.parametrize("where", ["{}/x.sqlite", "sqlite:///{}/x.sqlite"])
def test_missing_file_is_reported(tmp_path, where):
    with pytest.raises(JournalError, match="does not exist"):
        gc.replay(where.format(tmp_path))
    assert not list(tmp_path.iterdir())


def test_archive_of_the_first_format_can_be_read(tmp_path):
    """This text is never to be changed: it is what people have in their files."""
    head = '{"graphcall_nb":1,"version":"v1.0","simulated":false,"masked":false,"notifications":["seq","received_at_us","call_id","entity","resource","change_type","state","raw"],"requests":["seq","sent_at_us"]}'  # noqa: E501
    row = '["n",7,1000000,"a","call","/x","updated","ringing","{}"]'
    path = tmp_path / "first.gcnb"
    path.write_bytes(gzip.compress(f"{head}\n{row}\n".encode()))
    with gc.replay(path, speed=math.inf) as again:
        assert again.notifications()[["seq", "state"]].values.tolist() == [[7, "ringing"]]
        assert again.version.name == "v1.0"


READ = {
    "csv": pd.read_csv,
    "csv.gz": pd.read_csv,
    "jsonl": lambda path: pd.read_json(path, lines=True),
    "parquet": pd.read_parquet,
}


@pytest.mark.parametrize("end", READ)
@pytest.mark.parametrize("frame", ["notifications", "intervals", "calls"])
def test_frames_are_exported(recorded, tmp_path, end, frame):
    path = recorded.export(tmp_path / f"{frame}.{end}", frame)
    read, there = READ[end](path), getattr(recorded, frame)()
    assert len(read) == len(there)
    assert read["call_id"].tolist() == there.reset_index()["call_id"].tolist()
    assert read["state"].tolist() == there["state"].tolist()


def test_parquet_keeps_types(recorded, tmp_path):
    read = pd.read_parquet(recorded.export(tmp_path / "x.parquet"))
    there = recorded.notifications()
    assert read["received_at"].tolist() == there["received_at"].tolist()
    assert str(read["result_code"].dtype) == "Int64"


def test_part_of_a_frame_is_exported(recorded, tmp_path):
    path = recorded.export(tmp_path / "x.jsonl", where={"state": "ringing"})
    assert [json.loads(line)["state"] for line in path.read_text().splitlines()] == ["ringing"]


def test_invalid_exports_are_named(recorded, tmp_path):
    with pytest.raises(ValueError, match=r"\.parquet"):
        recorded.export(tmp_path / "x.xlsx")
    with pytest.raises(ValueError, match="intervals"):
        recorded.export(tmp_path / "x.csv", "interval")
    with pytest.raises(FileNotFoundError, match=r"The folder .*missing does not exist"):
        recorded.export(tmp_path / "missing" / "x.jsonl")


class FrameWithoutPyarrow(pd.DataFrame):
    """A frame that pandas cannot write as Parquet."""

    def to_parquet(self, *args, **kwargs):
        raise ImportError("Unable to find a usable engine; tried using: 'pyarrow'.")


def test_parquet_without_pyarrow_names_the_package(tmp_path):
    with pytest.raises(ExtraMissing, match="pip install"):
        write_frame(FrameWithoutPyarrow({"state": ["ringing"]}), tmp_path / "x.parquet")
