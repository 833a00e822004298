"""Operations: requests, notifications and results."""

import itertools
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .records import Log, create, frames, lengths, row, seconds

UNHURRIED = settings(deadline=None)
PLAY = "#microsoft.graph.playPromptOperation"


def notify(seq, status=None, *, id="op", at=None, change="updated", result=(None,) * 3, **data):
    resource = f"/communications/calls/A/operations/{id}"
    info = dict(zip(("code", "subcode", "message"), result, strict=True))
    said = {"status": status, "resultInfo": info if any(part is not None for part in result) else None}
    body = {"@odata.type": PLAY, **{name: value for name, value in said.items() if value is not None}, **data}
    raw = json.dumps({"resourceUrl": resource, "changeType": change, "resourceData": body})
    return row(seq, at=at, entity="operation", change=change, resource=resource, raw=raw, result=result)


def request(seq=1, status="running", *, id="op", at=0, operation="playPrompt", code=200, sent=None, **answer):
    url = f"https://graph.microsoft.com/v1.0/communications/calls/A/{operation}"
    body = json.dumps({"@odata.type": PLAY, "id": id, "status": status, **answer})
    return create(operation=operation, seq=seq, at=at, body=sent)._replace(
        url=url, status=code, duration_us=500_000, response_body=body
    )


def one(rows=(), requests=()):
    found = frames(rows, requests).operations()
    assert len(found) == 1
    return found.iloc[0]


def test_types_are_there_before_any_operation():
    types = {name: str(dtype) for name, dtype in frames().operations().dtypes.items()}
    assert types == {
        "call_id": "object",
        "operation_id": "object",
        "kind": "category",
        "client_context": "object",
        "status": "category",
        "started_at": "datetime64[us, UTC]",
        "ended_at": "datetime64[us, UTC]",
        "duration": "timedelta64[us]",
        "result_code": "Int64",
        "result_subcode": "Int64",
        "result": "object",
    }


def test_an_operation_goes_from_its_request_to_the_last_notification():
    found = one(
        [notify(1, "completed", at=3, change="deleted", result=(200, 0, "ok"))], [request(sent={"clientContext": "c1"})]
    )
    assert (found.kind, found.client_context, found.status) == ("playPrompt", "c1", "completed")
    assert found.duration == pd.Timedelta(seconds=3)
    assert (found.result_code, found.result_subcode, found.result) == (200, 0, "It was done")


def test_until_the_last_notification_it_is_running():
    found = one(requests=[request()])
    assert (found.status, found.ended_at is pd.NaT, found.duration is pd.NaT) == ("running", True, True)


def test_an_operation_may_be_done_with_its_answer():
    found = one(requests=[request(status="Completed", operation="mute")])
    assert (found.kind, found.status, found.duration) == ("mute", "completed", pd.Timedelta(seconds=0.5))


def test_without_a_request_the_type_gives_the_kind():
    assert one([notify(1, "running")]).kind == "playPrompt"
    assert one([notify(1, "running", **{"@odata.type": "#microsoft.graph.recordOperation"})]).kind == "recordResponse"
    assert pd.isna(one([notify(1, "running", **{"@odata.type": "#microsoft.graph.commsOperation"})]).kind)


def test_an_end_without_a_status_takes_it_from_the_result():
    assert one([notify(1, change="deleted")]).status == "completed"
    assert one([notify(1, change="deleted", result=(400, 8508, None))]).status == "failed"


def test_a_result_is_explained_in_plain_words():
    found = one([notify(1, "completed", result=(200, None, "transferAccepted"))])
    assert "accepted" in found.result


def test_without_a_result_the_reason_of_the_end_is_shown():
    assert one([notify(1, "completed", completionReason="stopToneDetected")]).result.endswith("a stop tone was pressed")
    assert one([notify(1, "completed", completionReason="somethingNew")]).result == "somethingNew"


def test_a_refused_request_starts_no_operation():
    assert frames(requests=[request(code=404)]).operations().empty


def test_only_responses_with_an_operation_count():
    assert (
        frames(requests=[request(operation="create", **{"@odata.type": "#microsoft.graph.call", "status": None})])
        .operations()
        .shape[0]
        == 1
    )
    assert frames(requests=[create()]).operations().empty


def test_operations_are_in_the_order_of_their_start():
    found = frames([notify(1, "running", id="b", at=5), notify(2, "running", id="a", at=1)]).operations()
    assert found.operation_id.tolist() == ["a", "b"]


def test_an_earlier_frame_does_not_change():
    log = Log([notify(1, "running")])
    before = log.frames.operations()
    log.grow(notify(2, "completed", change="deleted"))
    assert before.status.tolist() == ["running"]
    assert log.frames.operations().status.tolist() == ["completed"]


# ---- properties

NEWS = st.sampled_from(["notStarted", "running", "running"])


@pytest.mark.slow
@UNHURRIED
@given(st.lists(NEWS, max_size=4), st.sampled_from(["completed", "failed"]), st.data())
def test_order_and_number_of_arrivals_do_not_change_the_outcome(before, end, data):
    order = data.draw(st.permutations([*before, end, end]))
    rows = [
        notify(seq, status, result=(200, 0, None) if status == end else (None,) * 3)
        for seq, status in enumerate(order, 1)
    ]
    found = frames(rows).operations()
    assert found.status.tolist() == [end]
    assert found.result_code.tolist() == [200]
    assert seconds(found.ended_at) == [order.index(end) + 1]
    assert seconds(found.started_at) == [1]


@st.composite
def operation_rows(draw):
    rows = []
    for seq in range(1, draw(st.integers(0, 20)) + 1):
        status = draw(st.sampled_from([None, "running", "completed", "failed", "Odd"]))
        change = draw(st.sampled_from(["updated", "deleted"]))
        result = draw(st.sampled_from([(None,) * 3, (200, seq, None), (400, 8508, None)]))
        rows.append(
            notify(
                seq, status, id=draw(st.sampled_from("ab")), at=draw(st.integers(0, 9)), change=change, result=result
            )
        )
    return rows


@pytest.mark.slow
@UNHURRIED
@given(operation_rows(), st.data())
def test_the_number_of_portions_does_not_change_the_frames(rows, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    log = Log()
    for start, end in itertools.pairwise([0, *cuts, len(rows)]):
        log.grow(*rows[start:end])
        log.frames.operations()
    left, right = (
        one.operations().sort_values("operation_id", ignore_index=True) for one in (log.frames, frames(rows))
    )
    # An odd status that was overtaken since stays a category.
    pd.testing.assert_frame_equal(left, right, check_categorical=False)


@pytest.mark.slow
@UNHURRIED
@given(operation_rows())
def test_an_operation_with_an_end_has_a_duration_and_a_final_status(rows):
    found = frames(rows).operations()
    assert [length is not None and length >= 0 for length in lengths(found.duration)] == found.ended_at.notna().tolist()
    assert found.status[found.ended_at.notna()].notna().all()
