"""Participants, from rosters and from responses."""

import itertools
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcall_nb.graph.notifications import read_notifications
from graphcall_nb.journal.records import NotificationRecord, RequestRecord

from .records import START_US, Log, frames, lengths, life, row, seconds

SAMPLES = Path(__file__).parent.parent / "samples"
UNHURRIED = settings(deadline=None)


def person(name, **rest):
    info = {"identity": {"user": {"id": f"id of {name}", "displayName": name}}}
    return {"id": name.lower(), "info": info, "isMuted": False, "isInLobby": False, **rest}


def roster(seq, *people, at=None, change="updated", data=None, path="participants"):
    resource = f"/app/calls/A/{path}"
    raw = json.dumps(
        {"resource": resource, "changeType": change, "resourceData": list(people) if data is None else data}
    )
    entity = "participants" if path == "participants" else "participant"
    return row(seq, at=at, entity=entity, change=change, resource=resource, raw=raw)


def delta(seq, number, *people, at=None):
    data = {"@odata.type": "#microsoft.graph.deltaParticipants", "sequenceNumber": number, "participants": list(people)}
    return roster(seq, at=at, data=data)


def request(seq, method, path, answer=None, *, at, status=200):
    url = f"https://graph.microsoft.com/v1.0/communications/calls/A/{path}"
    answered = None if answer is None else json.dumps(answer)
    return RequestRecord(
        seq, START_US + round(at * 1e6), method, url, "x", "A", status, 0, "r", "c", None, answered, None
    )


def table(rows=(), requests=()):
    return frames(rows, requests).participants().set_index("participant_id")


def get_times(found):
    times = zip(seconds(found.joined_at), seconds(found.left_at), strict=True)
    return dict(zip(found.index, times, strict=True))


def test_types_are_there_before_any_participant():
    types = {name: str(dtype) for name, dtype in frames().participants().dtypes.items()}
    assert types == {
        "call_id": "object",
        "participant_id": "object",
        "display_name": "object",
        "kind": "category",
        "joined_at": "datetime64[us, UTC]",
        "left_at": "datetime64[us, UTC]",
        "muted": "boolean",
        "in_lobby": "boolean",
    }


def test_types_do_not_change_with_participants():
    found = frames([roster(1, person("Ada"))]).participants()
    assert found.dtypes.astype(str).tolist() == frames().participants().dtypes.astype(str).tolist()


def test_a_complete_roster_shows_arrivals_and_departures():
    found = table([roster(1, person("Ada")), roster(2, person("Ada"), person("Bob")), roster(3, person("Bob"))])
    assert get_times(found) == {"ada": (1, 3), "bob": (2, None)}
    assert found.display_name.tolist() == ["Ada", "Bob"]


def test_a_delta_changes_only_the_named_participants():
    rows = [
        delta(1, 1, person("Ada")),
        delta(2, 2, person("Bob", isMuted=True)),
        delta(3, 3, person("Ada", removedState={})),
    ]
    rows.append(delta(4, 4, person("Ada", removedState={"reason": "left"})))
    found = table(rows)
    assert get_times(found) == {"ada": (1, 4), "bob": (2, None)}
    assert found.muted.tolist() == [False, True]


def test_numbers_put_rosters_in_order_however_late_they_come():
    late = [
        delta(1, 3, person("Ada", removedState={"reason": "left"})),
        delta(2, 1, person("Ada")),
        delta(3, 2, person("Bob")),
    ]
    assert get_times(table(late)) == {"ada": (1, 1), "bob": (1, None)}


def test_numbers_of_participants_put_rosters_in_order_too():
    rows = [roster(1, person("Ada", rosterSequenceNumber=2)), roster(2, person("Bob", rosterSequenceNumber=1))]
    assert get_times(table(rows)) == {"bob": (1, 1), "ada": (1, None)}


def test_a_repeated_roster_with_an_etag_counts_once():
    old = {"@odata.etag": 'W/"1"'}
    rows = [roster(1, person("Ada", **old)), roster(2, person("Bob")), roster(3, person("Ada", **old))]
    assert get_times(table(rows)) == {"ada": (1, 2), "bob": (2, None)}


def test_without_any_version_the_same_roster_may_come_back():
    rows = [roster(1, person("Ada")), roster(2), roster(3, person("Ada"))]
    assert get_times(table(rows)) == {"ada": (1, None)}


def test_a_notification_may_be_about_one_participant():
    rows = [
        roster(1, data=person("Ada"), path="participants/ada"),
        roster(2, data={}, change="deleted", path="participants/ada"),
    ]
    assert get_times(table(rows)) == {"ada": (1, 2)}


def test_a_participant_known_only_by_leaving_has_no_start():
    found = table([roster(1, person("Ada"), change="deleted")])
    assert get_times(found) == {"ada": (None, 1)}


def test_the_end_of_the_call_is_the_end_of_its_participants():
    rows = [*life("established"), roster(2, person("Ada")), row(3, "terminated", change="deleted")]
    assert get_times(table(rows)) == {"ada": (2, 3)}


def test_a_roster_after_the_end_has_no_duration():
    assert get_times(table([row(1, "terminated", change="deleted"), roster(2, person("Ada"))])) == {"ada": (2, 2)}


def test_responses_count_as_rosters():
    listed = request(1, "GET", "participants", {"value": [person("Ada"), person("Bob")]}, at=1)
    muted = request(2, "POST", "participants/bob/mute", {"status": "completed"}, at=2)
    removed = request(3, "DELETE", "participants/ada", at=3, status=204)
    found = table(requests=[listed, muted, removed])
    assert get_times(found) == {"ada": (1, 3), "bob": (1, None)}
    assert found.muted.tolist() == [False, True]


def test_a_page_of_a_list_is_not_a_complete_roster():
    page = request(1, "GET", "participants", {"value": [person("Bob")], "@odata.nextLink": "https://x"}, at=2)
    assert get_times(table([roster(1, person("Ada"))], [page])) == {"ada": (1, None), "bob": (2, None)}


@pytest.mark.parametrize(("count", "departed"), [(99, 2), (100, 0)])
def test_a_roster_that_may_be_cut_shows_no_departures(count, departed):
    people = [person(f"p{number}") for number in range(101)]
    later = roster(2, *people[:count])
    assert table([roster(1, *people), later]).left_at.notna().sum() == departed
    listed = request(1, "GET", "participants", {"value": people[:count]}, at=2)
    assert table([roster(1, *people)], [listed]).left_at.notna().sum() == departed


def test_a_refused_request_changes_nothing():
    refused = request(1, "DELETE", "participants/ada", {"error": {}}, at=3, status=403)
    assert get_times(table([roster(1, person("Ada"))], [refused])) == {"ada": (1, None)}


@pytest.mark.parametrize("data", ["x", 5, [5, None, {}], [{"info": 3, "id": 7}], {"participants": "x"}])
def test_invalid_content_is_ignored(data):
    assert len(table([roster(1, data=data)])) == 0


@pytest.mark.parametrize(
    ("identity", "name", "kind"),
    [
        ({"phone": {"id": "+14255550100"}}, "+14255550100", "phone"),
        ({"@odata.type": "x", "application": {"id": "a", "displayName": "Bot"}}, "Bot", "application"),
        ({"somethingNew": {"id": "n"}}, "n", "somethingNew"),
        ({}, None, None),
    ],
)
def test_names_and_kinds(identity, name, kind):
    found = table([roster(1, {"id": "p", "info": {"identity": identity}})])
    assert found.display_name.item() == name
    assert found.kind.isna().item() if kind is None else found.kind.item() == kind
    assert found.muted.isna().item()


def test_published_rosters_are_read_without_loss():
    """Some examples give no id at all."""
    rows, seen = [], 0
    for path in sorted(SAMPLES.glob("*/operations/*.json")):
        for item in published(json.loads(path.read_text())):
            (read,) = read_notifications(json.dumps({"value": [item]}))
            if read.entity == "participants":
                # Pages share the ids of calls and participants.
                call = f"{path.parts[-3]}/{path.stem}/{len(rows)}"
                rows.append(NotificationRecord(len(rows) + 1, START_US, call, *read[1:]))
                seen += len(item["resourceData"])
    assert len(frames(rows).participants()) == seen > 5


def published(value):
    """The items of all notifications in an example."""
    if isinstance(value, dict) and "changeType" in value:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from published(inner)


def test_an_earlier_frame_does_not_change():
    log = Log([roster(1, person("Ada"))])
    before = log.frames.participants()
    log.grow(roster(2, person("Bob")))
    assert before.left_at.isna().tolist() == [True]
    assert get_times(log.frames.participants().set_index("participant_id")) == {"ada": (1, 2), "bob": (2, None)}


# ---- properties

PEOPLE = ("Ada", "Bob", "Cy")


@st.composite
def histories(draw):
    """Numbered deltas of a roster, and who is in it at the end, with whether they are muted."""
    present, changes = {}, []
    for number in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(PEOPLE))
        if name in present and draw(st.booleans()):
            del present[name]
            changes.append((number, person(name, removedState={"reason": "x"})))
        else:
            present[name] = draw(st.booleans())
            changes.append((number, person(name, isMuted=present[name])))
    return present, changes


@pytest.mark.slow
@UNHURRIED
@given(histories(), st.data())
def test_order_and_number_of_arrivals_do_not_change_the_roster(history, data):
    present, changes = history
    arrived = data.draw(st.permutations(changes + data.draw(st.lists(st.sampled_from(changes), max_size=5))))
    found = table([delta(seq, number, entry) for seq, (number, entry) in enumerate(arrived, 1)])
    inside = found[found.left_at.isna()]
    assert dict(zip(inside.display_name, inside.muted, strict=True)) == present


@st.composite
def roster_rows(draw):
    """Rows about the rosters of two calls, of every kind, any order, with clocks that disagree."""
    rows = []
    for seq in range(1, draw(st.integers(0, 25)) + 1):
        people = [person(name) for name in draw(st.lists(st.sampled_from(PEOPLE), unique=True))]
        at = draw(st.integers(0, 20))
        kind = draw(st.sampled_from(["whole", "delta", "gone", "end"]))
        if kind == "delta":
            made = delta(seq, draw(st.integers(0, 9)), *people, at=at)
        elif kind == "end":
            made = row(seq, "terminated", at=at, change="deleted")
        else:
            made = roster(seq, *people, at=at, change="deleted" if kind == "gone" else "updated")
        call = draw(st.sampled_from("AB"))
        rows.append(made._replace(call_id=call))
    return rows


def test_equal_times_keep_journal_order_after_a_rebuild():
    rows = [delta(1, 5, person("Ada"), at=1), roster(2, at=1), roster(3, person("Bob"), at=0)]
    assert get_times(table(rows))["ada"] == (1, 1)


@pytest.mark.slow
@UNHURRIED
@given(roster_rows(), st.data())
def test_the_number_of_portions_does_not_change_the_frames(rows, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    log = Log()
    for start, end in itertools.pairwise([0, *cuts, len(rows)]):
        log.grow(*rows[start:end])
        log.frames.participants()
    key = ["call_id", "participant_id"]
    left, right = (one.participants().sort_values(key, ignore_index=True) for one in (log.frames, frames(rows)))
    pd.testing.assert_frame_equal(left, right)


@pytest.mark.slow
@UNHURRIED
@given(roster_rows())
def test_each_participant_is_listed_once_and_leaves_after_joining(rows):
    found = frames(rows).participants()
    assert not found.duplicated(["call_id", "participant_id"]).any()
    assert all(length is None or length >= 0 for length in lengths(found.left_at - found.joined_at))
