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
    slider = lab_page.page.get_by_role("slider", name="Time")
    slider.press("End")
    expect(states).to_have_attribute("data-states", '{"terminated":1}')
    lab_page.page.get_by_role("button", name="Dense").click()
    slider.press("Home")
    expect(lab_page.page.get_by_role("button", name="Dense")).to_have_attribute("aria-pressed", "true")
    expect(lab_page.locate(".gct-key[data-state=terminated] .gct-count")).to_have_text("0")
    expect(states).to_have_attribute("data-states", '{"establishing":1}')
    lab_page.execute("session.speed = 0.25; session.play()")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    lab_page.page.mouse.move(box["x"] + 20, middle)
    lab_page.page.mouse.down()
    lab_page.page.mouse.move(box["x"] + box["width"] / 2, middle, steps=5)
    expect(states).to_have_attribute("data-states", '{"established":1}')  # it follows the hand
    assert lab_page.execute("print(session.playing)") == "False\n"
    lab_page.page.mouse.up()
    lab_page.execute("import time\nwhile not session.playing: time.sleep(0.01)\nassert 55 < session.position < 70")
    lab_page.execute("session.pause(); session.speed = 200")
    lab_page.page.get_by_role("button", name="Play").click()
    expect(states).to_have_attribute("data-states", '{"terminated":1}', timeout=30_000)
    expect(lab_page.page.get_by_role("button", name="Play")).to_be_visible()
    assert lab_page.cell_errors() == lab_page.errors == lab_page.foreign == []
