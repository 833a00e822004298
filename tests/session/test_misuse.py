"""Common mistakes end in an error that names the remedy."""

import inspect
from weakref import WeakMethod

import pytest

import graphcall_nb as gc
from graphcall_nb.errors import IllegalAction, SessionClosed
from graphcall_nb.session.simulated_peer import SimulatedPeer


@pytest.fixture(scope="module")
def session():
    with gc.simulate(virtual_time=True, seed=1) as made:
        yield made


@pytest.fixture(scope="module")
def call(session):
    created = session.create_call(gc.templates.peer_to_peer())
    session.simulator.advance(20)
    return created


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("answered", "established"),
        ("Connected", "established"),
        ("in progress", "established"),
        ("ended", "terminated"),
        ("hung_up", "terminated"),
        ("dialing", "establishing"),
        ("onHold", "hold"),
        ("picked up", "established"),
        ("live", "established"),
        ("cancelled", "terminated"),
        ("over", "terminated"),
        ("queued", "establishing"),
    ],
)
def test_word_for_a_state_is_refused_with_the_state(call, word, state):
    with pytest.raises(ValueError, match=f"'{word}' is not a state of Graph; use '{state}'"):
        call.wait_for(word, timeout=0)


def test_call_is_returned_by_a_short_id(session, call):
    ids = (call.id.upper(), call.id[:8], f"{call.id[:8]}…", f"…{call.id[-8:]}", f"{call.id[:4]}...{call.id[-4:]}")
    assert {session.call(id).id for id in ids} == {call.id}


def test_every_method_takes_a_short_id(session, call):
    short = f"{call.id[:8]}…"
    assert set(session.messages(short)["call_id"]) == {call.id}
    assert session.call_status(short).state == "established"
    assert session.simulator.verify("create", call_id=short) == 1
    assert set(session.simulator.deliveries(call_id=short)["call_id"]) == {call.id}
    session.simulator.set_scenario("answered", short)


@pytest.mark.parametrize("id", ["57", "…00000000", "11111111-2222-3333-4444-555555555555"])
def test_unknown_call_is_refused(session, id):
    with pytest.raises(ValueError, match=r"does not exist in this session; session\.calls\(\) lists"):
        session.call(id)


def test_incoming_call_shows_the_caller(session):
    ringing = session.simulator.ring("+14255550100")
    session.simulator.advance(0)
    assert " from +14255550100 to " in repr(ringing)
    assert " from +14255550100 to " in repr(session.call(ringing.id))


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("faults", r"Use session\.simulator\.set_faults\(\)"),
        ("scenario", r"Use session\.simulator\.set_scenario\(\)"),
        ("callback_url", "did you mean 'callback_uri'"),
        ("calls", "is a method and cannot be set"),
    ],
)
def test_unknown_attribute_of_a_session_is_refused(session, name, remedy):
    with pytest.raises(AttributeError, match=remedy):
        setattr(session, name, "throttled")


def test_unknown_attribute_of_a_handle_is_refused(call):
    with pytest.raises(AttributeError, match="does not have an attribute 'subject'"):
        call.subject = "Test"


def test_name_of_graph_sets_the_field():
    call = gc.templates.peer_to_peer()
    call.ringingTimeoutInSeconds = 30
    assert call.ringing_timeout_in_seconds == 30
    assert call.to_json_dict()["ringingTimeoutInSeconds"] == 30


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.calls["result"],
        lambda session: session.calls.head(),
        lambda session: len(session.intervals),
        lambda session: list(session.participants),
        lambda session: session.incoming[0],
        lambda session: session.simulator.ring.id,
        lambda session: session.create_call(gc.templates.pstn),
    ],
)
def test_forgotten_parentheses_are_named(session, use):
    with pytest.raises((AttributeError, TypeError), match=r"call it with parentheses: .*\w\(\)"):
        use(session)


def iterate_public_methods():
    """Yield the owner and the name of each public method of a session, of a handle and of the other side."""
    owners = {"session": gc.Session, "session.simulator": SimulatedPeer, "call": gc.CallHandle}
    for owner, kind in owners.items():
        for name, value in vars(kind).items():
            if not name.startswith("_") and callable(getattr(kind, name)) and not isinstance(value, property):
                yield owner, name


@pytest.mark.parametrize(("owner", "name"), list(iterate_public_methods()))
def test_method_as_the_last_expression_of_a_cell_names_its_parentheses(session, call, owner, name):
    instance = {"session": session, "session.simulator": session.simulator, "call": call}[owner]
    shown = repr(getattr(instance, name))
    assert shown == f"<{name} is a method; call it with parentheses: {owner}.{name}()>"


def test_method_remains_a_method_for_tools(session):
    method = session.create_call
    assert method == session.create_call
    assert (method.__self__, method.__name__) == (session, "create_call")
    assert list(inspect.signature(method).parameters) == ["call", "application_id", "scenario"]
    assert inspect.getdoc(method) == inspect.getdoc(gc.Session.create_call)
    assert WeakMethod(method)() == method


def test_traceback_of_a_method_has_no_further_line(call):
    with pytest.raises(IllegalAction) as raised:
        call.answer()
    assert "methods" not in [entry.path.stem for entry in raised.traceback]


def test_frame_of_a_closed_session_names_save():
    session = gc.simulate()
    session.close()
    with pytest.raises(SessionClosed, match=r"session\.save\(path\).*open_journal"):
        session.calls()
