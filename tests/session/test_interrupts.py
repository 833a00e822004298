"""Interrupts at any line: what is done afterwards has the result of a fresh session, and nothing is left behind.

Each test runs an action with an interrupt at its n-th line, for a sample of n. Another ``GRAPHCALL_INTERRUPT_SEED``
takes another sample, so that every line is reached over several runs.
"""

import faulthandler
import gc as garbage
import gzip
import math
import os
import random
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import SessionClosed

FOLDERS = ("background", "client", "frames", "journal", "listener", "session")
"""Packages with resources and with state that outlives a call; the others have neither."""

FILES = tuple(os.path.join(os.path.dirname(gc.__file__), folder, "") for folder in FOLDERS)
SAMPLE_LINES, MANY_LINES = 5, 25
"""Lines to interrupt at in the fast and in the slow run, of those that the action runs."""

MAX_TEST_SECONDS = 240
"""A test that takes longer hangs. The process ends with the stack of each thread, since no thread can end another."""

FRAMES = ("notifications", "calls", "intervals", "participants", "operations", "requests")


class Interrupter:
    """Raises ``KeyboardInterrupt`` at the n-th line of these packages in the present thread."""

    def __init__(self, line_number):
        self.remaining = line_number
        self.place = ""

    def trace(self, frame, event, _):
        return self.trace_lines if frame.f_code.co_filename.startswith(FILES) else None

    def trace_lines(self, frame, event, _):
        if event == "line":
            self.remaining -= 1
            if self.remaining == 0:
                self.place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
                sys.settrace(None)
                raise KeyboardInterrupt
        return self.trace_lines


def interrupt(action, line_number):
    """Run an action with an interrupt; return the interrupted place, or an empty text if the action ended first."""
    interrupter = Interrupter(line_number)
    with suppress(KeyboardInterrupt):
        run_traced(interrupter, action)
    return interrupter.place


def run_traced(interrupter, action):
    previous = sys.gettrace()
    try:
        sys.settrace(interrupter.trace)
        return action()
    finally:
        sys.settrace(previous)


@pytest.fixture(autouse=True)
def _end_process_that_hangs():
    faulthandler.dump_traceback_later(MAX_TEST_SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def sample(request):
    """Return a generator of random numbers that depends on the test and the seed alone."""
    return random.Random(f"{os.environ.get('GRAPHCALL_INTERRUPT_SEED', '1')} {request.node.name}")


@pytest.fixture(
    params=[pytest.param(SAMPLE_LINES, id="sample"), pytest.param(MANY_LINES, id="many", marks=pytest.mark.slow)]
)
def choose_lines(request, sample):
    """Return a function that runs an action and returns numbers among those of its lines."""

    def choose(action):
        counter = Interrupter(-1)
        run_traced(counter, action)
        lines = range(1, -counter.remaining)
        return sample.sample(lines, min(request.param, len(lines)))

    return choose


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    path = tmp_path_factory.mktemp("recorded") / "session.gcnb"
    with gc.simulate(speed=200, seed=1) as session:
        for call in (gc.templates.peer_to_peer(), gc.templates.meet_now()):
            session.create_call(call).wait_for("established", timeout=30)
        session.save(path)
    return path


def show(session):
    frames = {name: getattr(session, name)().drop(columns="raw", errors="ignore").to_csv() for name in FRAMES}
    return frames | {"states": [session.call(call_id).state for call_id in session.calls()["call_id"]]}


@pytest.fixture(scope="module")
def expected(recorded):
    with gc.replay(recorded, speed=math.inf) as session:
        return show(session)


def read_frames(session):
    session.participants()
    session.calls()


@pytest.mark.parametrize("action", [read_frames, repr], ids=["frames", "repr"])
def test_reading(recorded, expected, choose_lines, action):
    with gc.open_journal(recorded) as opened:
        with gc.replay(opened.journal, speed=math.inf) as session:
            lines = choose_lines(lambda: action(session))
        for number in lines:
            with gc.replay(opened.journal, speed=math.inf) as session:
                place = interrupt(lambda session=session: action(session), number)
                assert show(session) == expected, place


@pytest.mark.parametrize(
    "action",
    [lambda session, path: session.save(path), lambda session, path: session.export(path.with_suffix(".csv"), "calls")],
    ids=["save", "export"],
)
def test_writing(recorded, choose_lines, tmp_path, action):
    with gc.open_journal(recorded) as session:
        lines = choose_lines(lambda: action(session, tmp_path / "calls.gcnb"))
        (target,) = tmp_path.iterdir()
        content = read_content(target)
        for number in lines:
            place = interrupt(lambda: action(session, tmp_path / "calls.gcnb"), number)
            assert [*tmp_path.iterdir()] == [target], place
            assert read_content(target) == content, place


def read_content(path):
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gcnb" else path.read_bytes()


def create(session):
    session.create_call(gc.templates.peer_to_peer())


def wait(session):
    session.call(session.calls()["call_id"].iloc[-1]).wait_for("established", timeout=30)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("action", [create, wait], ids=["create", "wait"])
def test_calling(choose_lines, action):
    with gc.simulate(speed=200) as session:
        create(session)
        for number in choose_lines(lambda: action(session)):
            interrupt(lambda: action(session), number)
        session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=30)
        with gc.open_journal(session.journal) as fresh:
            assert session.calls()["call_id"].tolist() == fresh.calls()["call_id"].tolist()


@pytest.fixture
def folder(tmp_path):
    """A folder for temporary files of this test alone; what the test does was imported before."""
    with gc.simulate(speed=200) as session:
        create(session)
    tempfile.tempdir = str(tmp_path)
    yield tmp_path
    tempfile.tempdir = None


def list_leftovers(folder):
    """Return the temporary folders, threads and processes of sessions."""
    garbage.collect()
    threads = [thread.name for thread in threading.enumerate() if thread.name.startswith("graphcall_nb")]
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    processes = children.read_text().split() if children.exists() else []
    return [*threads, *(path.name for path in folder.iterdir()), *processes]


def wait_until_clean(folder, place):
    end = time.monotonic() + 20
    while leftovers := list_leftovers(folder):
        assert time.monotonic() < end, (place, leftovers)
        time.sleep(0.01)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_start(choose_lines, folder):
    for number in choose_lines(lambda: gc.simulate().close()):
        place = interrupt(lambda: gc.simulate().close(), number)
        wait_until_clean(folder, place)


def test_close(choose_lines, folder):
    with gc.simulate() as session:
        lines = choose_lines(session.close)
    for number in lines:
        session = gc.simulate()
        place = interrupt(session.close, number)
        session.close()
        with pytest.raises(SessionClosed):
            session.calls()
        wait_until_clean(folder, place)


def raise_interrupt(*_):
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Needs a timer of POSIX.")
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.3, 0.8, 1.2, 2.0])
def test_signal_during_the_start_with_an_isolated_listener(folder, seconds):
    before = signal.signal(signal.SIGALRM, raise_interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        with suppress(KeyboardInterrupt), gc.simulate(isolated=True):
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    wait_until_clean(folder, seconds)
