"""The doctor's checklist without a browser."""

import threading
from concurrent.futures import Future

import pytest
from IPython.core.formatters import DisplayFormatter

import graphcall_nb as gc
from graphcall_nb.diagnosis.report import Check, Report
from graphcall_nb.widgets.doctor import Doctor

BAD = Report((Check("settings", "Settings", "pass"), Check("sign_in", "Sign-in", "fail", "Use <its> Value.")))


class Begun:
    """A run of checks that the test ends."""

    def __init__(self):
        self.futures, self.on_change = [], None

    def __call__(self, on_change):
        self.on_change = on_change
        self.futures.append(Future())
        return self.futures[-1]


def shown(doctor):
    return doctor.children[0].value


def test_results_appear_as_they_arrive():
    begun = Begun()
    doctor = Doctor(begun)
    assert "Checking" in shown(doctor)
    begun.on_change(BAD)
    assert "Use &lt;its&gt; Value." in shown(doctor)
    assert doctor.children[1].disabled
    begun.futures[0].set_result(BAD)
    assert not doctor.children[1].disabled
    assert doctor.wait() is BAD


def test_check_again_takes_all_steps_once_more():
    begun = Begun()
    doctor = Doctor(begun)
    begun.futures[0].set_result(BAD)
    doctor.children[1].click()
    assert len(begun.futures) == 2
    assert "Checking" in shown(doctor)


def test_unexpected_error_is_shown():
    begun = Begun()
    doctor = Doctor(begun)
    begun.futures[0].set_exception(RuntimeError("no <more>"))
    assert "no &lt;more&gt;" in shown(doctor)


def test_saved_notebook_keeps_the_results():
    begun = Begun()
    doctor = Doctor(begun)
    begun.on_change(BAD)
    data, _ = DisplayFormatter().format(doctor)
    assert "Sign-in" in data["text/plain"]
    assert "<table" in data["text/html"]


def test_a_session_is_examined_without_blocking():
    with gc.simulate(speed=50) as session:
        doctor = session.doctor()
        changed = threading.Event()
        doctor.children[0].observe(lambda change: changed.set(), "value")
        report = doctor.wait(60)
        assert changed.wait(20)
        assert report.ok, str(report)


def test_unknown_template_is_refused_at_once():
    with gc.simulate(speed=50) as session, pytest.raises(ValueError, match="peer_to_peer"):
        session.doctor("nonsense")
    with pytest.raises(ValueError, match="peer_to_peer"):
        gc.doctor(template="nonsense")


def test_misspelled_setting_is_named():
    with pytest.raises(TypeError, match="unexpected argument 'clod'; did you mean 'cloud'"):
        gc.doctor(clod="usgov")


def test_a_first_run_without_settings(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_CERTIFICATE"):
        monkeypatch.delenv(f"GRAPHCALL_{name}", raising=False)
    report = gc.doctor().wait(60)
    assert report["settings"].status == "fail"
    assert not report.ok
