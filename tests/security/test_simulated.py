"""A simulated session keeps its secrets as a connected one does, although both sides are in one process."""

import logging

import graphcall_nb as gc
from graphcall_nb.graph import templates


def test_logs_at_their_most_talkative_hold_no_secret(caplog):
    caplog.set_level(logging.DEBUG)
    with gc.simulate(speed=50) as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=20)
        assert session.doctor().wait(60).ok
        secrets = {session.callback_uri.rpartition("/")[2], session.async_calls._http.auth._token}
    assert "HTTP Request: POST" in caplog.text
    assert not [secret for secret in secrets if secret in caplog.text]


def test_frames_hold_no_path_of_the_callback():
    with gc.simulate(speed=50, version="v1.0") as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=20)
        secret = session.callback_uri.rpartition("/")[2]
        frames = session.notifications(), session.calls(), session.requests()
        assert "***" in frames[2].to_csv()
    assert not [frame for frame in frames if secret in frame.to_csv()]
