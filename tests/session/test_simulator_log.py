"""The log of the simulator in a session, as frames."""

import pandas as pd
import pytest

import graphcall_nb as gc
from graphcall_nb.frames.simulator_log import DELIVERY_COLUMNS, REQUEST_COLUMNS, make_log_frame


@pytest.fixture(scope="module")
def session():
    with gc.simulate(virtual_time=True, seed=1) as opened:
        call = opened.create_call(gc.templates.peer_to_peer())
        opened.simulator.advance(60)
        call.play_prompt("https://cdn.contoso.com/welcome.wav")
        yield opened


def test_requests_are_selected_by_operation(session):
    frame = session.simulator.requests(operation="playPrompt")
    assert frame["status"].tolist() == [200]
    assert frame["body"][0]["prompts"][0]["mediaInfo"]["uri"] == "https://cdn.contoso.com/welcome.wav"


def test_deliveries_have_the_virtual_time(session):
    frame = session.simulator.deliveries(state="established")
    assert frame["at"].iloc[0] > pd.Timestamp("2026-01-01", tz="UTC")
    assert frame["status"].iloc[0] in (200, 202, 204)


def test_notification_is_resent(session):
    before = session.simulator.deliveries()
    session.simulator.resend(int(before["id"].iloc[-1]))
    assert len(session.simulator.deliveries()) == len(before) + 1


@pytest.mark.parametrize("columns", [REQUEST_COLUMNS, DELIVERY_COLUMNS])
def test_empty_frame_has_columns_and_dtypes(session, columns):
    read = session.simulator.requests if "operation" in columns else session.simulator.deliveries
    empty, full = read(call_id="unknown"), read()
    assert empty.empty
    assert (list(empty), empty.dtypes.to_dict()) == (list(columns), full.dtypes.to_dict())


def test_frame_has_missing_values():
    entry = dict.fromkeys(DELIVERY_COLUMNS) | {"id": 1, "attempt": 1, "at": "2026-01-01T00:00:00Z", "duration": None}
    frame = make_log_frame([entry], DELIVERY_COLUMNS)
    assert frame[["status", "duration"]].isna().all(axis=None)


def test_secrets_are_not_in_the_frames(session):
    text = repr(session.simulator.requests().to_dict()) + repr(session.simulator.deliveries().to_dict())
    assert session.callback_uri not in text
    assert "eyJ" not in text


def test_requests_are_verified(session):
    assert session.simulator.verify("playPrompt", body={"prompts": [{}]}, times=1) == 1
    with pytest.raises(gc.errors.VerificationFailed, match="Nearest request"):
        session.simulator.verify("mute")
