"""Whole sessions: real MSAL, real sockets, real signatures, the embedded service."""

import asyncio
import inspect
import subprocess
import sys
import threading

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import CallEnded, GraphError, IllegalAction, InvalidCall, SessionClosed, Timeout
from graphcall_nb.graph import templates


@pytest.mark.slow
@pytest.mark.parametrize("name", templates.DOCUMENTED)
def test_each_documented_call_passes_all_states(session, name):
    call = session.create_call(templates.ALL[name].build())
    call.wait_for("established", timeout=10)
    call.hang_up()
    call.wait_for("terminated", timeout=10)
    states = session.intervals()["state"].tolist()
    ringing = [] if "join" in name or name in ("meet_now", "group_call") else ["ringing"]
    assert states == ["establishing", *ringing, "established", "terminating", "terminated"]


@pytest.mark.slow
def test_each_template_passes_all_states_in_v1():
    with gc.simulate(version="v1.0", speed=50, seed=1) as session:
        for template in templates.ALL.values():
            call = session.create_call(template.build())
            call.wait_for("established", timeout=10)
            call.hang_up()
            call.wait_for("terminated", timeout=10)
        states = session.intervals().groupby("call_id", observed=True)["state"].agg(tuple).unique().tolist()
    assert states == [("establishing", "established", "terminated")]


def test_functions_are_not_hidden_by_modules(session):
    session.form()
    assert callable(gc.lint)
    assert callable(gc.explain)


@pytest.mark.slow
def test_completion_offers_public_methods_only(session):
    # IPython offers what the class has as well, so a name that is not for people begins with an underscore.
    offered = {name for name in dir(type(session)) + dir(session) if not name.startswith("_")}
    coroutines = {name for name in offered if inspect.iscoroutinefunction(getattr(type(session), name, None))}
    assert not coroutines
    assert offered.isdisjoint({"pusher", "watcher"})
    assert {"create_call", "wait_for_incoming", "notifications"} <= offered


def test_call_by_the_id_of_the_examples(session):
    call = session.create_call(templates.pstn(), application_id=templates.BOT)
    call.wait_for("established", timeout=10)
    assert session.journal.read_requests()[-1].url.endswith(f"/applications/{templates.BOT}/calls")


@pytest.mark.slow
@pytest.mark.parametrize("given", [{"subject": "Test"}, '{"subject": "Test",}'])
def test_calls_may_be_dicts_or_text(session, given):
    with pytest.raises(GraphError, match="targets") as caught:
        session.create_call(given)
    assert caught.value.status == 400


def test_invalid_call_is_not_sent(session):
    with pytest.raises(InvalidCall, match="subject"):
        session.create_call({"subject": 5})
    assert session.journal.read_requests() == []


EXAMPLES = (
    "",
    "https://bot.contoso.com/api/calls",
    "https://bot.contoso.com/callback",
    "https://<host>/",
    "callbackUri",
)


@pytest.mark.parametrize("call", [templates.pstn(callback_uri=uri) for uri in EXAMPLES], ids=EXAMPLES)
def test_session_replaces_the_callback_of_the_example(session, call):
    session.create_call(call).wait_for("established", timeout=10)
    assert call.callback_uri != session.callback_uri


def test_session_keeps_any_other_callback(session):
    unreachable = session.callback_uri.replace("/api/", "/other/")
    call = session.create_call(templates.pstn(callback_uri=unreachable))
    with pytest.raises(Timeout, match="does not lead to this session"):
        call.wait_for("establishing", timeout=0.2)
    assert call.refresh().state


def test_client_of_the_session_replaces_the_callback_of_the_example(session):
    created = session.run(session.async_calls.create(templates.pstn()))
    session.call(created.id).wait_for("established", timeout=10)


def test_sending_does_not_change_the_call(session):
    call = templates.pstn()
    session.create_call(call)
    assert call.to_json_dict() == templates.pstn().to_json_dict()


@pytest.mark.slow
@pytest.mark.parametrize(("scenario", "word"), [("declined", "declined"), ("busy", "busy"), ("no_answer", "answer")])
def test_wait_for_an_ended_call_has_the_reason(scenario, word):
    with gc.simulate(scenario=scenario, speed=200) as session:
        call = session.create_call(templates.peer_to_peer())
        with pytest.raises(CallEnded, match=f"before it was established.*(?i:{word})"):
            call.wait_for("established", timeout=10)
        assert call.state == "terminated"


def test_timeout_has_the_present_state():
    with gc.simulate(speed=0.01) as session:
        call = session.create_call(templates.peer_to_peer())
        with pytest.raises(Timeout, match=r"within 0.05 s; it is .*timeout="):
            call.wait_for("established", timeout=0.05)


def test_wait_for_a_visited_state_returns_at_once(session):
    call = session.create_call(templates.peer_to_peer())
    call.wait_for("established", timeout=10)
    call.wait_for("ringing", timeout=0)
    call.wait_for(["hold", "established"], timeout=0)


def test_misspelled_state_is_named(session):
    call = session.create_call(templates.peer_to_peer())
    with pytest.raises(ValueError, match="did you mean 'established'"):
        call.wait_for("establised")


@pytest.mark.slow
def test_interrupt_cancels_the_wait():
    code = """
import asyncio, os, signal, threading
import graphcall_nb as gc
async def count_tasks():
    return len(asyncio.all_tasks())
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts background jobs with SIGINT ignored
with gc.simulate(speed=0.01) as session:
    call = session.create_call(gc.templates.peer_to_peer())
    before = session.run(count_tasks())
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        call.wait_for("established", timeout=60)
    except KeyboardInterrupt:
        while session.run(count_tasks()) > before:
            pass
        print("ended")
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)
    assert ended.stdout.split() == ["ended"], ended.stderr


def test_action_of_an_ended_call_is_not_sent(session):
    call = session.create_call(templates.peer_to_peer())
    call.wait_for("established", timeout=10)
    call.hang_up()
    call.wait_for("terminated", timeout=10)
    sent = len(session.journal.read_requests())
    with pytest.raises(IllegalAction, match="terminated"):
        call.hang_up()
    assert len(session.journal.read_requests()) == sent


def test_handle_by_id_and_refresh(session):
    call = session.create_call(templates.peer_to_peer())
    same = session.call(call.id)
    call.wait_for("established", timeout=10)
    assert same.state == "established"
    assert same.refresh().state == "established"
    assert same.refresh().direction == "outgoing"


def test_reprs_contain_no_secret(session):
    call = session.create_call(templates.peer_to_peer(subject="<b>Hi</b>"))
    call.wait_for("established", timeout=10)
    secret = session.callback_uri.rpartition("/")[2]
    shown = [repr(session), session._repr_html_(), repr(call), call._repr_html_(), repr(session.async_calls)]
    assert not [text for text in shown if secret in text]
    assert "SIMULATED" in repr(session)
    assert "established" in repr(call)
    assert "<b>" not in call._repr_html_()


SOCKETS = """
import gc, socket
import graphcall_nb
with graphcall_nb.simulate(speed=50) as session:
    session.create_call(graphcall_nb.graph.templates.peer_to_peer())
print([one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0])
"""


@pytest.mark.slow
def test_closed_session_leaves_no_socket_open():
    ended = subprocess.run([sys.executable, "-c", SOCKETS], capture_output=True, text=True, timeout=60)
    assert ended.stdout == "[]\n"


def test_reprs_of_an_unreadable_journal(tmp_path):
    with gc.simulate(speed=50, journal=tmp_path / "x.sqlite") as session:
        call = session.create_call(templates.peer_to_peer())
        (tmp_path / "x.sqlite").rename(tmp_path / "elsewhere")
        assert "its journal cannot be read now" in repr(session)
        assert "the journal cannot be read now" in repr(call)


def test_closed_session_raises_and_has_no_threads():
    session = gc.simulate(speed=50)
    call = session.create_call(templates.peer_to_peer())
    session.close()
    session.close()
    for use in (
        lambda: session.create_call(templates.pstn()),
        session.notifications,
        lambda: call.state,
        call.hang_up,
        call.refresh,
        session.form,
    ):
        with pytest.raises(SessionClosed, match="closed"):
            use()
    assert "closed" in repr(call)
    assert "closed" in repr(session)
    assert not find_threads()


def find_threads():
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("graphcall_nb")]
    # A thread that makes a signing key ends by itself.
    return [thread for thread in threads if "signing key" not in thread.name]


def test_session_without_a_reference_is_closed():
    before = len(find_threads())
    session = gc.simulate(speed=50)
    assert len(find_threads()) > before
    del session
    assert len(find_threads()) <= before


@pytest.mark.slow
def test_journal_in_a_file_stays(tmp_path):
    path = tmp_path / "kept.sqlite"
    with gc.simulate(speed=50, journal=path) as session:
        session.create_call(templates.pstn()).wait_for("established", timeout=10)
    with gc.simulate(journal=path) as later:
        assert later.intervals()["state"].tolist()[:2] == ["establishing", "ringing"]


@pytest.mark.parametrize("wrong", [{"scenario": "anwsered"}, {"version": "v0"}, {"faults": "x"}, {"speed": 0}])
def test_wrong_settings_leave_no_threads(wrong):
    with pytest.raises(ValueError, match=r".+"):
        gc.simulate(**wrong)
    assert not find_threads()


@pytest.mark.slow
def test_threads_share_one_session(session):
    handles = []
    threads = [threading.Thread(target=lambda: handles.append(session.create_call(templates.pstn()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for call in handles:
        call.wait_for("established", timeout=10)
    assert len(session.calls()) == 8


@pytest.mark.slow
def test_session_loads_no_pandas_before_it_is_needed():
    code = """
import sys, graphcall_nb as gc
with gc.simulate(speed=50) as session:
    session.create_call(gc.templates.pstn()).wait_for("established", timeout=10)
    print(*{"pandas", "matplotlib", "ipywidgets"} & set(sys.modules))
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []


def test_rosters_requests_and_messages_are_frames(session):
    call = session.create_call(templates.group_call())
    call.wait_for("established", timeout=10)
    assert session.journal.wait_sync(2, timeout=10)  # the roster is the third
    assert session.participants()["left_at"].isna().tolist() == [True] * 3
    assert session.requests()["operation"].tolist() == ["create"]
    assert {"POST /app/calls", "201 Created · establishing"} <= set(session.messages(call.id)["text"])
    assert session.operations().empty
    assert session.messages().attrs["simulated"] is True


def test_form_takes_what_create_call_takes(session):
    assert session.form({"subject": "Test"}).call.subject == "Test"
    with pytest.raises(InvalidCall, match="got a number"):
        session.form(5)


def test_run_names_a_wrong_type():
    with pytest.raises(TypeError, match="not int; methods of a session have waited already"):
        gc.run(5)


def test_virtual_session_needs_no_waiting():
    with gc.simulate(virtual_time=True, seed=1, faults=["throttled", "reordered"]) as session:
        call = session.create_call(gc.templates.peer_to_peer())
        session.simulator.advance(3600)
        assert call.state == "terminated"
        established = session.intervals().set_index("state").loc["established", "duration"]
        assert established.total_seconds() == pytest.approx(45 * 60, abs=10)


def test_isolated_listener_has_no_virtual_time():
    with pytest.raises(ValueError, match="leave out isolated=True"):
        gc.simulate(virtual_time=True, isolated=True)


def test_async_calls_run_on_any_event_loop(session):
    async def create():
        created = await session.async_calls.create(templates.pstn())
        return (await session.async_calls.get(created.id)).id

    assert asyncio.run(create()) != asyncio.run(create()) != session.run(create())
    session.close()
    with pytest.raises(SessionClosed):
        asyncio.run(session.async_calls.get("1"))
