"""A simulated session keeps its secrets as a connected one does, although both sides are in one process."""

import logging
import re

import graphcall_nb as gc
from graphcall_nb.graph import templates

JWT = r"eyJ[\w-]+\.[\w-]+\.[\w-]+"
"""An access token, or a token of a notification."""


def test_debug_logs_hold_no_secret(caplog):
    caplog.set_level(logging.DEBUG)
    with gc.simulate(speed=50) as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=20)
        assert session.doctor().wait(60).ok
        secret_path = session.callback_uri.rpartition("/")[2]
    assert "HTTP Request: POST" in caplog.text
    assert secret_path not in caplog.text
    assert not re.search(JWT, caplog.text)


def test_frames_contain_no_callback_path():
    with gc.simulate(speed=50, version="v1.0") as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=20)
        secret = session.callback_uri.rpartition("/")[2]
        frames = session.notifications(), session.calls(), session.requests()
        assert "***" in frames[2].to_csv()
    assert not [frame for frame in frames if secret in frame.to_csv()]
