"""Behaviour of a tunnel with any provider: opening, watching, reopening, and ending when a retry cannot help."""

import itertools

import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused
from graphcall_nb.tunnels import Tunnel

from .fakes import FakeClock, FakeProvider, wait_for_state

A, B = "https://a.example.org", "https://b.example.org"


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def make_tunnel(clock):
    def make_tunnel(*outcomes, backoff=(0.25, 0.5, 1.0, 1.5, 1.5)):
        return Tunnel(FakeProvider(*outcomes), backoff=backoff, clock=clock, sleep=clock.sleep)

    return make_tunnel


async def test_open_returns_the_url(make_tunnel):
    tunnel = make_tunnel(A)
    assert await tunnel.open(8080) == A
    assert (tunnel.status.state, tunnel.status.url) == ("open", A)
    assert tunnel.provider.ports == [8080]


async def test_failed_open_leaves_the_tunnel_closed_with_the_reason(make_tunnel):
    tunnel = make_tunnel(TunnelError("Install it."))
    with pytest.raises(TunnelError, match="Install it"):
        await tunnel.open(8080)
    assert (tunnel.status.state, tunnel.status.reason) == ("closed", "Install it.")


async def test_lost_tunnel_is_reopened(make_tunnel):
    tunnel = make_tunnel(A, A)
    statuses = []
    await tunnel.open(8080)
    tunnel.watch(lambda status: statuses.append((status.state, status.reason)))
    tunnel.provider.connections[0].lose("The server is gone.")
    await wait_for_state(tunnel, "reopening")
    await wait_for_state(tunnel, "open")
    assert [state for state, _ in statuses] == ["lost", "reopening", "open"]
    assert statuses[0][1] == "The server is gone."
    assert tunnel.provider.connections[0].closed


async def test_connection_that_recovers_is_kept(make_tunnel):
    tunnel = make_tunnel(A)
    await tunnel.open(8080)
    (connection,) = tunnel.provider.connections
    connection.can_recover = True
    connection.lose("The program retries.")
    await wait_for_state(tunnel, "lost")
    connection.restore()
    await wait_for_state(tunnel, "open")
    assert tunnel.provider.connections == [connection]
    assert not connection.closed


async def test_delays_between_attempts_grow(make_tunnel, clock):
    tunnel = make_tunnel(A, *[TunnelError("Not yet.")] * 4, A)
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert [round(wait, 2) for wait in clock.waits] == [0.25, 0.5, 1.0, 1.0, 0.5, 1.0, 0.5]


async def test_status_has_the_reason_of_the_last_attempt(make_tunnel):
    tunnel = make_tunnel(A, TunnelError("The server is not up yet."), A)
    statuses = []
    await tunnel.open(8080)
    tunnel.watch(lambda status: statuses.append(status.reason))
    tunnel.provider.connections[0].lose("Gone.")
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert "The server is not up yet." in statuses


async def test_since_is_the_time_at_which_the_state_began(make_tunnel, clock):
    tunnel = make_tunnel(A)
    await tunnel.open(8080)
    opened = clock.now
    clock.now += 60
    assert tunnel.status.since == opened


async def test_refusal_ends_the_attempts(make_tunnel):
    tunnel = make_tunnel(A, TunnelRefused("The host key is another one."))
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    assert (await wait_for_state(tunnel, "closed")).reason == "The host key is another one."


async def test_attempt_is_made_at_once_after_a_suspension(make_tunnel, clock):
    tunnel = make_tunnel(A, A, backoff=[600])
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    clock.suspended = 3600
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert sum(clock.waits) < 10


async def test_delays_start_anew_after_a_suspension(make_tunnel, clock):
    tunnel = make_tunnel(A, TunnelError("No network yet."), A, backoff=[600, 5])
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    clock.suspended = 3600
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert len(clock.waits) == 601


async def test_url_change_is_reported(make_tunnel):
    tunnel = make_tunnel(A, B)
    changes = []
    tunnel.on_url_change(lambda old, new: changes.append((old, new)))
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert changes == [(A, B)]


async def test_former_url_is_stale(make_tunnel):
    tunnel = make_tunnel(A, B)
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    await wait_for_state(tunnel, "lost")
    await wait_for_state(tunnel, "open")
    assert tunnel.is_stale_url(f"{A}/callbacks/x")
    assert not tunnel.is_stale_url(f"{B}/callbacks/x")


async def test_url_that_is_used_again_is_not_stale(make_tunnel):
    tunnel = make_tunnel(A, B, A)
    for port in (1, 2, 3):
        await tunnel.open(port)
    assert not tunnel.is_stale_url(f"{A}/x")
    assert tunnel.is_stale_url(f"{B}/x")


async def test_open_tunnel_moves_to_another_port(make_tunnel):
    tunnel = make_tunnel(A, A)
    await tunnel.open(8080)
    await tunnel.open(9090)
    assert tunnel.provider.ports == [8080, 9090]
    assert tunnel.provider.connections[0].closed
    assert tunnel.status.state == "open"


async def test_close_ends_the_connection_and_changes(make_tunnel):
    tunnel = make_tunnel(A)
    await tunnel.open(8080)
    states = [status.state async for status in _changes_until_closed(tunnel)]
    assert states == ["open", "closed"]
    assert tunnel.provider.connections[0].closed


async def _changes_until_closed(tunnel):
    async for status in tunnel.changes():
        yield status
        if status.state == "open":
            await tunnel.close()


async def test_close_during_attempts_ends_them(make_tunnel):
    tunnel = make_tunnel(A, *[TunnelError("Not yet.")] * 10_000, backoff=itertools.repeat(0.1))
    await tunnel.open(8080)
    tunnel.provider.connections[0].lose("Gone.")
    await wait_for_state(tunnel, "reopening")
    await tunnel.close()
    attempts = len(tunnel.provider.ports)
    assert tunnel.status.state == "closed"
    await tunnel.close()
    assert len(tunnel.provider.ports) == attempts


async def test_exception_of_a_callback_does_not_close_the_tunnel(make_tunnel, caplog):
    tunnel = make_tunnel(A)
    tunnel.watch(lambda status: 1 / 0)
    assert await tunnel.open(8080) == A
    assert "ZeroDivisionError" in caplog.text


async def test_removed_callback_is_not_called(make_tunnel):
    tunnel = make_tunnel(A)
    statuses = []
    tunnel.watch(statuses.append)()
    await tunnel.open(8080)
    assert statuses == []


async def test_repr_hides_the_secret_path(make_tunnel):
    tunnel = make_tunnel("https://hub.example.org/user/ann/graphcall/cb/secret")
    await tunnel.open(8080)
    assert "secret" not in repr(tunnel)
    assert "https://hub.example.org/…" in repr(tunnel)
