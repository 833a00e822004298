"""The live timeline in real front ends: its picture and its text."""

import json
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

PATIENCE = 20_000
FEED = Path(__file__).with_name("feed.py")
NASTY = "<img src=x onerror=\"document.body.dataset.broken='yes'\">"

START = """
from feed import Feed
from graphcall_nb.widgets.timeline import Timeline

if "timeline" in globals():
    timeline.close()
    feed.close()
feed = Feed()
feed.place("call-one", "Test Call")
feed.say("call-one", "establishing")
feed.say("call-two", "ringing")
timeline = Timeline(feed.journal, simulated=True)
"""

PAUSES = """(canvas, count) => new Promise((done) => {
    const times = [];
    new MutationObserver(() => {
        times.push(performance.now());
        if (times.length > count) done(times.slice(1).map((time, i) => time - times[i]));
    }).observe(canvas, { attributeFilter: ["data-frames"] });
})"""

ANIMATION_FRAMES = """async (count) => {
    for (let i = 0; i < count; i += 1) await new Promise(requestAnimationFrame);
}"""


class Shown:
    """A view of the timeline in a page: ``number`` counts views from the top."""

    def __init__(self, notebook, number=0):
        self.notebook = notebook
        self.root = notebook.locate(".gct").nth(number)
        self.canvas = self.root.locator("canvas")
        self.twin = self.root.locator(".gct-twin tbody tr")

    @staticmethod
    def written(states):
        """Return counts by state as the canvas writes them."""
        return json.dumps(states, separators=(",", ":"))

    def paints(self, **states):
        expect(self.canvas).to_have_attribute("data-states", self.written(states), timeout=PATIENCE)

    def row(self, call_id):
        return self.root.locator(f".gct-twin tr[data-call='{call_id}'] > *")

    def key(self, state):
        return self.root.locator(f".gct-key[data-state='{state}']")

    def hover(self, row, part=0.5):
        """Put the pointer on a row, at a part of the width right of the names."""
        box = self.canvas.bounding_box()
        left = box["width"] * 0.24 + 10
        self.canvas.hover(position={"x": left + part * (box["width"] - left - 20), "y": 28 + 24 * row + 12})

    @property
    def pixels(self):
        return self.canvas.evaluate("canvas => canvas.toDataURL()")

    @property
    def frames(self):
        return int(self.canvas.get_attribute("data-frames"))

    @property
    def span(self):
        """The width of the time window, within a millisecond."""
        return int(self.canvas.get_attribute("data-to")) - int(self.canvas.get_attribute("data-from"))

    def becomes(self, condition, value=None, timeout=PATIENCE):
        """Wait until a condition on ``data`` (the data attributes of the canvas) and ``value`` is true."""
        script = f"([canvas, value]) => {{ const data = canvas.dataset; return {condition}; }}"
        self.notebook.page.wait_for_function(script, arg=[self.canvas.element_handle(), value], timeout=timeout)

    def rests(self):
        """Wait until the picture is complete and nothing moves."""
        expect(self.canvas).to_have_attribute("data-resting", "true")

    def pauses(self, count):
        """Return the milliseconds between the next painted frames."""
        return self.canvas.evaluate(PAUSES, count)


def show(notebook, *cells):
    shutil.copy(FEED, notebook.server.root)
    notebook.show(START, *(cells or ("timeline",)))
    return Shown(notebook)


@pytest.fixture(scope="module")
def open_page(module_pages, lab):
    """Return one page for most tests of this file: opening one takes longer than the tests."""
    shutil.copy(FEED, lab.root)
    return module_pages(lab).show("", name="timeline_test.ipynb")


@pytest.fixture
def shown(open_page):
    """Show a new timeline in that page."""
    open_page.page.mouse.move(0, 0)
    open_page.show_cell(f"{START}\ntimeline")
    return Shown(open_page)


@pytest.fixture
def shown_alone(lab_page):
    """Show a timeline in a separate page, for a test that reloads it or ends its kernel."""
    return show(lab_page)


def test_the_timeline_follows_the_journal_in_every_front_end(front_page):
    cell = "timeline\n" if front_page.server.kind.name != "voila" else "feed.say('call-two', 'established'); timeline"
    shown = show(front_page, cell)
    if front_page.server.kind.name != "voila":
        front_page.execute("feed.say('call-two', 'established')")
    shown.paints(establishing=1, established=1)
    expect(shown.row("call-two").nth(1)).to_have_text("established")
    assert front_page.cell_errors() == front_page.errors == front_page.foreign == []


def test_picture_and_table_show_changes(shown):
    shown.paints(establishing=1, ringing=1)
    shown.notebook.execute("feed.say('call-one', 'ringing'); feed.say('call-one', 'terminated')")
    shown.paints(ringing=1, terminated=1)
    expect(shown.canvas).to_have_attribute("aria-label", "Timeline of 2 calls: 1 ringing, 1 terminated.")
    expect(shown.row("call-one").nth(0)).to_have_text("Test Call · Heidi Steen")
    expect(shown.row("call-one").nth(3)).to_have_text("establishing → ringing → terminated")
    expect(shown.root.locator("[aria-live=polite]")).to_have_text("Test Call · Heidi Steen: terminated")


def test_a_second_view_shows_the_same(lab_page):
    first = show(lab_page, "timeline", "timeline")
    second = Shown(lab_page, 1)
    lab_page.execute("feed.say('call-two', 'established')")
    for view in (first, second):
        view.paints(establishing=1, established=1)


def test_a_second_page_and_a_page_loaded_again_show_the_same(shown_alone):
    shown = shown_alone
    shown.notebook.save()
    shown.notebook.execute("feed.say('call-two', 'established'); feed.say('call-three', 'incoming')")
    shown.paints(incoming=1, establishing=1, established=1)
    shown.notebook.reload()
    again = Shown(shown.notebook)
    again.paints(incoming=1, establishing=1, established=1)
    shown.notebook.execute("feed.say('call-three', 'terminated')")
    again.paints(establishing=1, established=1, terminated=1)


def test_a_view_that_missed_a_message_asks_for_all(shown):
    shown.paints(establishing=1, ringing=1)
    shown.notebook.execute(
        "import time; lost = []; send, timeline.send = timeline.send, lost.append\n"
        "feed.say('call-one', 'ringing')\n"
        "while not lost: time.sleep(0.01)\n"
        "timeline.send = send; feed.say('call-two', 'established')"
    )
    shown.paints(ringing=1, established=1)


def test_tooltip_shows_call_state_start_and_duration(shown):
    shown.notebook.execute("feed.say('call-two', 'terminated', result_code=603, result_message='declined')")
    shown.paints(establishing=1, terminated=1)
    shown.hover(0, 0.01)
    tip = shown.root.locator(".gct-tip")
    for text in ("Test Call · Heidi Steen", "call-one", "establishing", "from ", " so far"):
        expect(tip).to_contain_text(text)
    shown.canvas.hover(position={"x": 20, "y": 28 + 24 + 12})
    expect(tip).to_contain_text("603 declined")


def test_the_legend_filters_states(shown):
    shown.key("establishing").click()
    expect(shown.key("establishing")).to_have_attribute("aria-pressed", "false")
    expect(shown.canvas).to_have_attribute("data-rows", "1")
    expect(shown.twin).to_have_count(1)
    shown.key("establishing").click()
    expect(shown.canvas).to_have_attribute("data-rows", "2")
    expect(shown.twin).to_have_count(2)


def test_text_of_a_notification_is_never_markup(shown):
    shown.notebook.execute(f"feed.place('evil', {NASTY!r}, {NASTY!r}); feed.say('evil', {NASTY!r})")
    expect(shown.row("evil").nth(0)).to_contain_text("<img src=x")
    expect(shown.row("evil").nth(1)).to_have_text(NASTY)
    shown.hover(2, 0.01)
    expect(shown.root.locator(".gct-tip")).to_contain_text("<img src=x")
    assert shown.root.locator("img").count() == 0
    assert shown.notebook.page.evaluate("document.body.dataset.broken") is None


def test_the_keyboard_moves_zooms_chooses_and_comes_back(shown):
    follow = shown.root.locator(".gct-follow")
    shown.canvas.focus()
    shown.canvas.press("ArrowLeft")
    expect(follow).to_have_attribute("aria-pressed", "false")
    shown.becomes("data.to < value", int(shown.canvas.get_attribute("data-to")) + 1)
    before = shown.span
    shown.canvas.press("+")
    shown.becomes("data.to - data.from < value", before - 1)
    shown.canvas.press("End")
    expect(follow).to_have_attribute("aria-pressed", "true")
    shown.canvas.press("ArrowDown")
    expect(shown.root.locator(".gct-spoken")).to_contain_text("Test Call · Heidi Steen, establishing")


def test_ctrl_and_wheel_zoom_but_the_wheel_alone_scrolls_the_page(shown):
    shown.root.locator(".gct-follow").click()
    shown.hover(0)
    before = shown.span
    shown.notebook.page.mouse.wheel(0, -200)
    shown.notebook.page.keyboard.down("Control")
    shown.notebook.page.mouse.wheel(0, -20)
    shown.notebook.page.keyboard.up("Control")
    shown.becomes("data.to - data.from < value", before - 1)
    assert shown.span > before * 0.85  # the wheel alone would have left 0.74 of it


def test_dragging_moves_time_and_follow_now_comes_back(shown):
    follow, mouse = shown.root.locator(".gct-follow"), shown.notebook.page.mouse
    shown.hover(0)
    start = int(shown.canvas.get_attribute("data-from"))
    mouse.down()
    mouse.move(900, 400, steps=4)
    mouse.up()
    expect(follow).to_have_attribute("aria-pressed", "false")
    shown.becomes("Math.abs(data.from - value) > 500", start)
    follow.click()
    shown.becomes("Math.abs(data.from - value) < 500", start)


def test_nothing_is_painted_while_nothing_is_going_on(shown):
    shown.notebook.execute("feed.say_all([('call-one', 'terminated'), ('call-two', 'terminated')])")
    shown.paints(terminated=2)
    shown.notebook.page.mouse.move(0, 0)
    shown.rests()
    frames = shown.frames
    shown.notebook.page.evaluate(ANIMATION_FRAMES, 60)
    assert shown.frames == frames


def test_an_open_bar_grows_by_itself(shown):
    shown.becomes("data.frames > value", shown.frames + 10)


def test_reduced_motion_paints_once_a_second(pages, lab):
    shown = show(pages(lab, reduced_motion="reduce"))
    expect(shown.root.locator(".gct-summary")).to_have_text("2 calls, 2 live")
    shown.pauses(2)  # news and the page's own layout may be painted at once, while the page is young
    assert min(shown.pauses(2)) > 900


def test_the_table_can_be_shown_to_all(shown):
    box = shown.root.locator(".gct-twin")
    expect(shown.twin).to_have_count(2)
    assert box.bounding_box()["height"] <= 1
    shown.root.get_by_role("button", name="Table", exact=True).click()
    expect(box).to_have_attribute("tabindex", "0")
    assert box.bounding_box()["height"] > 40


def test_picture_follows_the_theme(shown):
    light = shown.pixels
    shown.notebook.theme("JupyterLab Dark")
    try:
        shown.notebook.page.wait_for_function(
            "c => getComputedStyle(c.closest('.gct')).getPropertyValue('--gc-text').includes('255')",
            arg=shown.canvas.element_handle(),
        )
        assert shown.pixels != light
    finally:
        shown.notebook.theme("JupyterLab Light")


def test_a_saved_notebook_keeps_the_snapshot(lab_page):
    shown = show(lab_page, "timeline", "timeline.snapshot()")
    lab_page.save()
    end = time.monotonic() + 10
    path = lab_page.server.root / "test.ipynb"
    while "image/svg+xml" not in path.read_text() and time.monotonic() < end:
        shown.notebook.page.wait_for_timeout(100)
    outputs = json.loads(path.read_text())["cells"][2]["outputs"]
    assert "Test Call · Heidi Steen" in "".join(outputs[0]["data"]["image/svg+xml"])


def test_bars_stop_when_the_session_is_closed(shown):
    shown.notebook.execute("timeline.watcher.close()")
    expect(shown.root.locator(".gct-summary")).to_contain_text("session closed")


def test_bars_stop_when_the_kernel_is_disconnected(shown_alone):
    shown_alone.notebook.restart_kernel()
    expect(shown_alone.root.locator(".gct-summary")).to_contain_text("not connected")
