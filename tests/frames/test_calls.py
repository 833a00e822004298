"""The frame of calls: from requests, from notifications, from both."""

import json

import pandas as pd
import pytest

from .records import Log, create, frames, lengths, life, row, seconds

USER = {"identity": {"user": {"id": "550fae72", "displayName": "Heidi Steen"}}}
PHONE = {"identity": {"phone": {"id": "+14255550100"}}}
MEETING = {"meetingInfo": {"organizer": {}}, "chatInfo": {"threadId": "19:x"}}
COLUMNS = """call_id state result subject caller targets answered_by transferor kind audio created_at time_to_ring
time_to_answer talk_time ended_at result_code result_subcode notifications duplicates late""".split()  # noqa: SIM905 - one column a line would hide the order


def one(rows=(), requests=()):
    [record] = frames(rows, requests).calls().to_dict("records")
    return record


def test_columns_have_the_documented_order():
    table = frames().calls()
    assert (list(table), table.index.name) == (COLUMNS, None)


def test_the_empty_frame_has_the_types_of_a_full_one():
    full = frames(life("ringing", "terminated"), [create("A", {"subject": "Test"})]).calls()
    assert frames().calls().dtypes.to_dict() == full.dtypes.to_dict()
    assert frames().calls().index.dtype == full.index.dtype


def test_a_call_with_a_request_alone_is_in_the_frame():
    call = one(requests=[create("A", {"subject": "Test", "targets": [USER]}, at=3)])
    assert (call["call_id"], call["subject"], call["targets"], call["notifications"]) == ("A", "Test", "Heidi Steen", 0)
    assert (call["state"], call["created_at"].second) == ("establishing", 23)


def test_a_call_with_notifications_alone_is_in_the_frame():
    call = one(life("establishing", "ringing"))
    assert (call["call_id"], call["state"], call["notifications"]) == ("A", "ringing", 2)
    assert [call[name] for name in ("subject", "kind", "targets")] == [None, None, None]
    assert call["created_at"] == pd.Timestamp("2023-11-14 22:13:21", tz="UTC")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"targets": [USER]}, "peerToPeer"),
        ({"targets": [USER, PHONE]}, "simultaneousRing"),
        ({"targets": [USER, PHONE], **MEETING}, "group"),
        (MEETING, "meeting"),
        ({}, None),
    ],
)
def test_the_kind_is_read_from_the_request(body, kind):
    assert one(requests=[create("A", body)])["kind"] == kind


def test_targets_have_their_name_or_else_their_number():
    assert one(requests=[create("A", {"targets": [USER, PHONE]})])["targets"] == "Heidi Steen, +14255550100"


def test_an_incoming_call_is_described_by_its_notification():
    raw = (
        '{"resourceData": {"state": "incoming", "subject": "Hello", "targets": [{"identity": {"user": {"id": "me"}}}]}}'
    )
    call = one([row(1, "incoming", change="created", direction="incoming", raw=raw)])
    assert (call["kind"], call["subject"], call["targets"]) == ("incoming", "Hello", "me")


def test_an_outgoing_call_announced_as_created_is_not_incoming():
    assert one([row(1, "establishing", change="created", direction="outgoing")])["kind"] is None


@pytest.mark.parametrize(
    "junk", ["", "no JSON", "[]", '{"targets": 5}', '{"targets": [5, {"identity": []}]}', "[" * 9999]
)
def test_a_body_without_a_call_gives_no_targets(junk):
    assert one(requests=[create("A")._replace(request_body=junk)])["targets"] is None


def test_other_and_failed_requests_make_no_call():
    assert len(frames(requests=[create(None), create("B", operation="get", seq=2)]).calls()) == 0


def test_times_run_from_the_request():
    rows = [
        row(1, "establishing", at=1),
        row(2, "ringing", at=2),
        row(3, "established", at=5),
        row(4, "terminated", at=9),
    ]
    table = frames(rows, [create("A", at=0.5)]).calls()
    found = [lengths(table[name]) for name in ("time_to_ring", "time_to_answer", "talk_time")]
    assert (found, seconds(table["ended_at"])) == ([[1.5], [4.5], [4.0]], [9.0])


def test_an_event_that_did_not_happen_has_no_time():
    table = frames(life("establishing", "terminated")).calls()
    assert table[["time_to_ring", "time_to_answer", "talk_time"]].isna().all(axis=None)


def test_talk_time_leaves_hold_out():
    assert one(life("established", "hold", "established", "terminated"))["talk_time"] == pd.Timedelta(2, "s")


def test_an_established_call_has_no_talk_time_yet():
    assert one(life("established"))["talk_time"] is pd.NaT


def test_the_result_is_in_plain_words():
    call = one([row(1, "terminated", result=(487, 10004, "DiagCode"))])
    assert (call["result_code"], call["result_subcode"], call["result"]) == (
        487,
        10004,
        "The target did not answer in time",
    )


def test_a_result_without_numbers_is_its_message():
    ended = one([row(1, "terminated", result=(None, None, "The cable was unplugged"))])
    assert ended["result"] == "The cable was unplugged"


def test_a_call_without_a_result_has_none():
    call = one(life("established"))
    assert call["result"] is None
    assert pd.isna(call["result_code"])


def test_the_result_of_the_end_goes_before_one_that_came_later():
    rows = [row(1, "terminated", result=(200, 7015, None)), row(2, "transferring", result=(500, 7000, None))]
    assert one(rows)["result_subcode"] == 7015


def test_the_result_of_an_operation_is_not_that_of_the_call():
    assert one([row(1, "established"), row(2, entity="operation", result=(400, 8508, None))])["result"] is None


def test_calls_come_in_the_order_in_which_they_were_created():
    requests = [create("late", at=5), create("early", seq=2, at=1)]
    rows = [row(1, "establishing", call="late", at=6), row(2, "establishing", call="unasked", at=3)]
    assert frames(rows, requests).calls()["call_id"].tolist() == ["early", "unasked", "late"]


def test_a_request_that_is_read_after_its_notifications_is_joined_to_them():
    log = Log(life("establishing"))
    log.frames.calls()
    log.requests.append(create("A", {"subject": "Test"}))
    log.frames.refresh()
    assert log.frames.calls()[["subject", "notifications"]].to_numpy().tolist() == [["Test", 1]]


def test_duplicates_are_counted():
    assert one(life("ringing", "ringing"))["notifications"] == 2


def test_a_call_deleted_without_a_state_has_ended():
    call = one([row(1, "incoming", change="created", direction="incoming"), row(2, change="deleted")])
    assert (call["state"], call["ended_at"].second) == ("terminated", 22)


def test_beta_may_give_a_reason_for_the_end_in_place_of_a_result():
    ended = frames([row(1, "terminated", result=(None, None, "AppTransferred"))]).calls()
    assert ended["result"].tolist() == ["The call was transferred, and the bot's part of it ended"]


def test_caller_is_read_from_the_request_or_its_response():
    assert one(requests=[create("A", {"source": USER})])["caller"] == "Heidi Steen"
    assert (
        one(requests=[create("A", {"targets": [PHONE]}, answer={"id": "A", "source": USER})])["caller"] == "Heidi Steen"
    )


def test_incoming_call_has_its_caller_and_its_transferor():
    data = {"source": PHONE, "incomingContext": {"transferor": USER["identity"]}}
    announced = row(1, "incoming", raw=json.dumps({"resourceData": data}))
    call = one([announced])
    assert [call[name] for name in ("kind", "caller", "transferor")] == ["incoming", "+14255550100", "Heidi Steen"]


@pytest.mark.parametrize("source", [None, 5, [], {"identity": 5}, {"identity": {"user": 5}}, {"identity": {}}])
def test_odd_parties_are_missing(source):
    call = one(requests=[create("A", {"source": source, "incomingContext": source})])
    assert (call["caller"], call["transferor"]) == (None, None)


def test_answering_party_is_the_first():
    rows = [row(1, "ringing"), row(2, "established", answered_by="Ada"), row(3, "terminated", answered_by="Bo")]
    assert frames([*rows, row(4, "ringing", call="B")]).calls()["answered_by"].tolist() == ["Ada", None]


def test_duplicates_and_late_notifications_are_counted_for_each_call():
    rows = [row(1, "established"), row(2, "established"), row(3, "ringing"), row(4, "ringing", call="B")]
    table = frames(rows).calls().set_index("call_id")
    assert table[["notifications", "duplicates", "late"]].T.to_dict("list") == {"A": [3, 1, 1], "B": [1, 0, 0]}


def media(seq, audio, state="established", at=None):
    data = {"state": state} | ({"mediaState": {"audio": audio}} if audio else {})
    return row(seq, state, at=seq if at is None else at, raw=json.dumps({"resourceData": data}))


@pytest.mark.parametrize(
    ("rows", "audio"),
    [
        ([media(1, None)], None),
        ([media(1, None), media(2, "active")], "active"),
        ([media(1, "Active")], "active"),
        ([media(1, "active"), media(2, None)], "active"),
        ([media(1, "active"), media(2, "inactive", "transferAccepted")], "inactive"),
        ([media(1, "inactive", at=9), media(2, "active", at=3)], "inactive"),
        ([media(1, "active"), row(2, "terminated")], "inactive"),
        ([media(1, None), row(2, "terminated")], None),
        ([row(1, "established", raw='{"resourceData": {"mediaState": [5]}}')], None),
    ],
)
def test_audio_is_that_of_the_last_media_state(rows, audio):
    assert one(rows)["audio"] == audio


def test_audio_follows_new_notifications():
    log = Log([media(1, "active")])
    assert log.frames.calls()["audio"].tolist() == ["active"]
    log.grow(media(2, "inactive", "transferAccepted"))
    assert log.frames.calls()["audio"].tolist() == ["inactive"]
