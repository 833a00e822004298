"""Sessions with a simulator in another process, and journals that a simulator writes."""

import httpx
import pytest

import graphcall_nb as gc
from graphcall_nb.graph_calling import GraphCalling
from graphcall_nb.journal.journal import open_journal
from graphcall_nb.session.simulator_journal import SimulatorJournal

BOT_URI = "http://localhost:3978/api/calls"


async def accept(scope, receive, send):
    """Accept all notifications, as a bot."""
    assert scope["type"] == "http"
    await receive()
    await send({"type": "http.response.start", "status": 202})
    await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def service():
    """Return a simulator on a port with a bot."""
    with GraphCalling(port=0) as opened:
        opened.mount(accept, BOT_URI)
        yield opened


@pytest.fixture(scope="module")
def session(service):
    with gc.attach(service.graph_url, **service.credentials, callback_uri=BOT_URI) as opened:
        yield opened


def test_bot_is_rung_and_hung_up(service, session):
    call = session.simulator.ring("+14255550100")
    session.simulator.hang_up(call.id)
    session.simulator.advance(5)
    assert session.simulator.sent_states()[call.id] == ["incoming", "terminated"]
    assert session.simulator.deliveries(call_id=call.id)["url"].unique().tolist() == [BOT_URI]


def test_requests_of_the_session_are_verified(session):
    call = session.create_call(gc.templates.peer_to_peer())
    session.simulator.advance(60)
    call.wait_for("established", timeout=10)
    assert session.simulator.verify("create", call_id=call.id, times=1) == 1
    with pytest.raises(gc.errors.VerificationFailed, match="Nearest request"):
        session.simulator.verify("playPrompt", call_id=call.id)
    assert session.simulator.requests(call_id=call.id)["operation"].tolist() == ["create"]


def test_delivery_is_resent(session):
    session.simulator.ring()
    session.simulator.advance(0)
    before = session.simulator.deliveries()
    session.simulator.resend(int(before["id"].iloc[-1]))
    assert len(session.simulator.deliveries()) == len(before) + 1


def test_error_of_the_simulator_is_its_message(session):
    with pytest.raises(gc.errors.GraphcallError, match="tone1"):
        session.simulator.press("unknown", "tonne1")


@pytest.mark.parametrize(
    ("url", "changes", "error", "message"),
    [
        ("", {}, ValueError, "url"),
        ("http://simulator:8700", {}, gc.errors.InvalidSetting, "http is accepted only"),
        ("http://127.0.0.1:9", {}, gc.errors.GraphcallError, "127.0.0.1"),
        (None, {"client_secret": "wrong"}, gc.errors.SignInFailed, "secret"),
    ],
)
def test_wrong_argument_is_named(service, url, changes, error, message):
    with pytest.raises(error, match=message):
        gc.attach(service.graph_url if url is None else url, **service.credentials | changes)


@pytest.fixture
def write_journal(tmp_path):
    """Return a function that writes the messages of a call of a bot into a journal and returns its path."""

    def write(respond=accept):
        path = tmp_path / "calls.sqlite"
        with GraphCalling() as service:
            journal = SimulatorJournal(service.simulator.log, open_journal(path), tenant_id="t")
            journal.start(service.graph_url)
            service.mount(respond, BOT_URI)
            with httpx.Client(transport=service.transport) as bot:
                form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
                token = bot.post(service.token_url, data=form | service.credentials).json()["access_token"]
                call_id = service.ring("+14255550100")
                bot.post(
                    f"{service.graph_url}/v1.0/communications/calls/{call_id}/reject",
                    json={"reason": "busy"},
                    headers={"Authorization": f"Bearer {token}"},
                )
            service.advance(5)
            service.run(journal.aclose())
        return path

    return write


def test_journal_has_the_calls_of_the_bot(write_journal):
    with gc.open_journal(write_journal()) as recorded:
        (call,) = recorded.calls().to_dict("records")
        assert (call["state"], recorded.simulated) == ("terminated", True)
        requests = recorded.requests()
        assert requests["operation"].tolist() == ["token", "reject"]
        assert requests["status"].tolist() == [200, 202]
        assert "eyJ" not in requests["response_body"].str.cat()


def test_refused_notifications_are_not_in_the_journal(write_journal):
    async def refuse(scope, receive, send):
        await send({"type": "http.response.start", "status": 404})
        await send({"type": "http.response.body"})

    with gc.open_journal(write_journal(refuse)) as recorded:
        assert recorded.notifications().empty
