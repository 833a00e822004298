"""The player of a replay in a real front end: the slider moves the recording, and the recording moves the slider."""

import shutil
from pathlib import Path

from playwright.sync_api import expect

FEED = Path(__file__).with_name("feed.py")

START = """
from feed import Feed
import graphcall_nb as gc

feed = Feed()
for seconds, state in enumerate(["establishing", "ringing", "established", "terminating", "terminated"]):
    feed.say("call-one", state, at=1_800_000_000 + 30 * seconds)
session = gc.replay(feed.journal)
session.pause()
session.seek(45)
"""


def test_it_plays_and_is_moved_about_in(lab_page):
    shutil.copy(FEED, lab_page.server.root)
    lab_page.show(START, "session.player()")
    states = lab_page.locate("canvas")
    expect(states).to_have_attribute("data-states", '{"ringing":1}')
    expect(lab_page.page.get_by_text("0:45.0 of 2:00.0")).to_be_visible()
    expect(states).to_have_attribute("data-resting", "true")  # time stands still, also in the picture
    handle = lab_page.locate(".noUi-handle")
    handle.focus()
    handle.press("End")
    expect(states).to_have_attribute("data-states", '{"terminated":1}')
    handle.press("Home")
    expect(states).to_have_attribute("data-states", '{"establishing":1}')
    lab_page.execute("session.speed = 200")
    lab_page.page.get_by_role("button", name="Play").click()
    expect(states).to_have_attribute("data-states", '{"terminated":1}', timeout=30_000)
    expect(lab_page.page.get_by_role("button", name="Play")).to_be_visible()
    assert lab_page.cell_errors() == lab_page.errors == lab_page.foreign == []
