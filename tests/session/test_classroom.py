"""A class: one service and one listener in a process of their own, students in theirs."""

import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb.errors import GraphcallError, GraphError, InvalidSetting, NotFound, ServiceUnreachable

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-m", "graphcall_nb", "classroom", "--host", "127.0.0.1", "--port", "0", "--speed", "50"]
PATIENCE = 30.0


@contextmanager
def running(*options):
    with subprocess.Popen([*COMMAND, "--json", *options], stdout=subprocess.PIPE, text=True) as process:
        announced = json.loads(process.stdout.readline())
        yield process, announced["seats"], announced["teacher"]
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.fixture(scope="module")
def seats(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    options = ("--students", "3", "--journals", str(folder), "--seats", str(folder / "seats.csv"))
    with running(*options) as (_, lines, _):
        lines.append(folder)
        yield lines


@pytest.fixture
def ann(seats):
    with gc.join_class(seats[0]) as session:
        yield session


@pytest.fixture
def bob(seats):
    with gc.join_class(seats[1], version="v1.0") as session:
        yield session


def test_student_places_a_call_and_sees_it(ann):
    call = ann.create_call(gc.templates.peer_to_peer())
    call.wait_for("established", timeout=PATIENCE)
    call.hang_up()
    call.wait_for("terminated", timeout=PATIENCE)
    states = ann.intervals().query("call_id == @call.id")["state"].tolist()
    assert states == ["establishing", "ringing", "established", "terminating", "terminated"]


def test_students_do_not_see_calls_of_others(ann, bob):
    call = bob.create_call(gc.templates.meet_now())
    call.wait_for("established", timeout=PATIENCE)
    assert call.id not in set(ann.notifications()["call_id"])
    with pytest.raises(NotFound):
        ann.run(ann.async_calls.get(call.id))
    with pytest.raises(ValueError, match="does not exist in this session"):
        ann.call(call.id)
    with pytest.raises(GraphcallError, match="does not exist"):
        ann.simulator.hang_up(call.id)


def test_simulator_rings_one_student_only(ann, bob):
    ringing = bob.simulator.ring("Adele Vance")
    ringing.wait_for("incoming", timeout=PATIENCE)
    ringing.reject()
    ringing.wait_for("terminated", timeout=PATIENCE)
    assert ringing.id not in set(ann.notifications()["call_id"])


def test_second_session_has_the_former_calls(seats, ann):
    call = ann.create_call(gc.templates.pstn("+14255550100"))
    call.wait_for("established", timeout=PATIENCE)
    with gc.join_class(seats[0]) as again:
        again.call(call.id).wait_for("established", timeout=PATIENCE)


def test_journals_and_lines_are_written_to_the_given_paths(seats):
    folder = seats[-1]
    assert sorted(path.name for path in folder.glob("student-*.sqlite")) == [f"student-0{n}.sqlite" for n in (1, 2, 3)]
    assert seats[2] in (folder / "seats.csv").read_text()


@pytest.mark.parametrize("change", [lambda line: line + "x", lambda line: line.replace("/class/", "/klass/")])
def test_wrong_address_is_refused(seats, change):
    with pytest.raises(InvalidSetting, match="copy the whole line"):
        gc.join_class(change(seats[0]))


def test_closed_class_is_reported():
    with pytest.raises(ServiceUnreachable, match="ask your teacher"):
        gc.join_class("http://127.0.0.1:9/class/unknown")


def test_doctor_passes_for_a_student(ann):
    report = ann.doctor().wait(PATIENCE)
    assert not [check for check in report.checks if check.status == "fail"]


def test_session_outlives_its_class():
    with running("--students", "1") as (_, lines, _):
        session = gc.join_class(lines[0])
        session.create_call(gc.templates.meet_now()).wait_for("established", timeout=PATIENCE)
    assert len(session.calls()) == 1
    session.close()


def refuses_callback(session, callback_uri):
    with pytest.raises(GraphError, match="own listener"):
        session.create_call(gc.templates.peer_to_peer(callback_uri=callback_uri))
    return True


def test_callbacks_of_a_seat_go_to_its_own_listener_only(ann, bob):
    own, port = urlsplit(ann.callback_uri), urlsplit(ann.callback_uri).port
    others = [
        bob.callback_uri,
        f"http://127.0.0.1:{port}/simulator/reset",
        own._replace(path=own.path + "/../x").geturl(),
        own._replace(netloc=f"localhost:{port}").geturl(),
        "http://127.0.0.1:9/admin",
        "https://169.254.169.254/",
        "https://bot.adatum.net/",
    ]
    assert all(refuses_callback(ann, url) for url in others)


def test_withdrawn_and_renewed_seats():
    with running("--students", "1") as (_, (line,), teacher), gc.join_class(line) as session:
        session.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=PATIENCE)
        assert httpx.delete(f"{teacher}/1").json() == {"withdrawn": 1}
        with pytest.raises(GraphcallError):
            session.create_call(gc.templates.peer_to_peer())
        with pytest.raises(InvalidSetting, match="does not know this address"):
            gc.join_class(line)
        assert "renew it" in httpx.delete(f"{teacher}/1").json()["error"]
        renewed = teacher.partition("/class/")[0] + httpx.post(f"{teacher}/1").json()["path"]
        with gc.join_class(renewed) as again:
            again.create_call(gc.templates.peer_to_peer()).wait_for("established", timeout=PATIENCE)
        assert httpx.post(f"{teacher}/2").status_code == 404
        assert httpx.post(f"{teacher}x/1").status_code == 404


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--students", "0"), "1 to 500 students, not 0."),
        (("--students", "99999999"), "1 to 500 students, not 99999999."),
        (("--address", "teacher"), "teacher is not a web address; write for example http://"),
        (("--seats", "{folder}"), "Is a directory; choose another file with --seats."),
        (("--journals", "{file}"), "File exists; choose another folder."),
    ],
)
def test_invalid_options_are_reported_in_one_sentence(tmp_path, options, said):
    (tmp_path / "file").touch()
    given = [option.format(folder=tmp_path, file=tmp_path / "file") for option in options]
    ended = subprocess.run([*COMMAND, *given], capture_output=True, text=True, timeout=60)
    assert ended.returncode in (1, 2)
    assert said in ended.stderr


def test_student_chooses_the_scenario_of_a_call(ann):
    scenario = gc.Scenario([gc.Step("end", after=0.5, result="busy")], name="ann's")
    call = ann.create_call(gc.templates.peer_to_peer(), scenario=scenario)
    call.wait_for("terminated", timeout=30)
    with pytest.raises(gc.errors.GraphcallError, match="teacher"):
        ann.simulator.set_faults("throttled")


class Easy(gc.exercises.Exercise):
    title = "Easy"
    task = "Say yes."

    def evaluate(self, *answer):
        return gc.exercises.Verdict(answer == ("yes",), "")


def test_teacher_sees_in_a_pipe_who_solved_an_exercise():
    with subprocess.Popen([*COMMAND, "--students", "1"], stdout=subprocess.PIPE, text=True) as process:
        bound = threading.Timer(PATIENCE, process.kill)  # then there are no more lines
        bound.start()
        lines = iter(process.stdout.readline, "")
        url = next(line for line in lines if "join_class" in line).split('"')[1]
        try:
            gc.exercises.report_to(url)
            Easy(None).check("no")
            Easy(None).check("yes")
            Easy(None).check("no")  # it stays solved
            assert "student 1: 0 notifications, 1 solved (Easy)\n" in lines
        finally:
            gc.exercises.report_to(None)
            process.terminate()
            bound.cancel()


@pytest.mark.parametrize("body", [b"", b"[]", b'{"exercise": 1, "solved": true}', b'{"exercise": "a"}', b"x" * 2_000])
def test_wrong_results_are_refused(seats, body):
    assert httpx.post(f"{seats[0]}/results", content=body).status_code == 400


def test_results_are_reported_to_an_address_of_a_class_only(seats):
    with pytest.raises(InvalidSetting, match="does not know this address"):
        gc.exercises.report_to(seats[0] + "x")
