"""What a tunnel does whatever its provider: it opens, tells, comes back, and gives up where trying is no use."""

import pytest

from graphcall_nb.errors import TunnelError, TunnelRefused
from graphcall_nb.tunnels.backoff import Backoff
from graphcall_nb.tunnels.base import Tunnel

from .pretend import Clock, PretendProvider, until

A, B = "https://a.example.org", "https://b.example.org"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    def tunnel(*outcomes, **settings):
        backoff = Backoff(jitter=lambda: 0.0)
        return Tunnel(PretendProvider(*outcomes), clock=clock, sleep=clock.sleep, **{"backoff": backoff, **settings})

    return tunnel


async def test_open_gives_the_address_and_says_so(make):
    tunnel = make(A)
    assert await tunnel.open(8080) == A
    assert (tunnel.status.state, tunnel.status.url) == ("open", A)
    assert tunnel.provider.ports == [8080]


async def test_what_cannot_be_opened_is_closed_with_the_reason(make):
    tunnel = make(TunnelError("Install it."))
    with pytest.raises(TunnelError, match="Install it"):
        await tunnel.open(8080)
    assert (tunnel.status.state, tunnel.status.reason) == ("closed", "Install it.")


async def test_a_lost_tunnel_comes_back_by_itself(make):
    tunnel = make(A, A)
    seen = []
    await tunnel.open(8080)
    tunnel.watch(lambda status: seen.append((status.state, status.reason)))
    tunnel.provider.links[0].lose("The server is gone.")
    await until(tunnel, "reopening")
    await until(tunnel, "open")
    assert [state for state, _ in seen] == ["lost", "reopening", "open"]
    assert seen[0][1] == "The server is gone."
    assert tunnel.provider.links[0].closed


async def test_a_link_that_heals_by_itself_is_kept(make):
    tunnel = make(A)
    await tunnel.open(8080)
    (link,) = tunnel.provider.links
    link.heals = True
    link.lose("The program tries again.")
    await until(tunnel, "lost")
    link.heal()
    await until(tunnel, "open")
    assert tunnel.provider.links == [link]
    assert not link.closed


async def test_attempts_wait_longer_and_longer(make, clock):
    tunnel = make(A, *[TunnelError("Not yet.")] * 4, A)
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert [round(wait, 2) for wait in clock.waits] == [0.25, 0.5, 1.0, 1.0, 0.5, 1.0, 0.5]


async def test_the_reason_of_the_last_attempt_is_shown(make):
    tunnel = make(A, TunnelError("The server is not up yet."), A)
    seen = []
    await tunnel.open(8080)
    tunnel.watch(lambda status: seen.append(status.reason))
    tunnel.provider.links[0].lose("Gone.")
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert "The server is not up yet." in seen


async def test_since_is_when_the_state_began(make, clock):
    tunnel = make(A)
    await tunnel.open(8080)
    opened = clock.now
    clock.now += 60
    assert tunnel.status.since == opened


async def test_a_refusal_ends_the_attempts(make):
    tunnel = make(A, TunnelRefused("The host key is another one."))
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    assert (await until(tunnel, "closed")).reason == "The host key is another one."


async def test_a_laptop_that_wakes_up_does_not_wait_on(make, clock):
    tunnel = make(A, A, backoff=[600])
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    clock.asleep = 3600
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert sum(clock.waits) < 10


async def test_after_waking_up_the_waits_are_short_again(make, clock):
    tunnel = make(A, TunnelError("No network yet."), A, backoff=[600, 5])
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    clock.asleep = 3600
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert len(clock.waits) == 601


async def test_a_changed_address_is_announced(make):
    tunnel = make(A, B)
    changes = []
    tunnel.on_url_change(lambda old, new: changes.append((old, new)))
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert changes == [(A, B)]


async def test_calls_on_the_old_address_are_known(make):
    tunnel = make(A, B)
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    await until(tunnel, "lost")
    await until(tunnel, "open")
    assert tunnel.leads_nowhere(f"{A}/callbacks/x")
    assert not tunnel.leads_nowhere(f"{B}/callbacks/x")


async def test_an_address_that_comes_back_leads_here_again(make):
    tunnel = make(A, B, A)
    for port in (1, 2, 3):
        await tunnel.open(port)
    assert not tunnel.leads_nowhere(f"{A}/x")
    assert tunnel.leads_nowhere(f"{B}/x")


async def test_an_open_tunnel_moves_to_another_port(make):
    tunnel = make(A, A)
    await tunnel.open(8080)
    await tunnel.open(9090)
    assert tunnel.provider.ports == [8080, 9090]
    assert tunnel.provider.links[0].closed
    assert tunnel.status.state == "open"


async def test_close_ends_link_and_watch(make):
    tunnel = make(A)
    await tunnel.open(8080)
    states = [status.state async for status in _closing(tunnel)]
    assert states == ["open", "closed"]
    assert tunnel.provider.links[0].closed


async def _closing(tunnel):
    async for status in tunnel.changes():
        yield status
        if status.state == "open":
            await tunnel.close()


async def test_close_during_attempts_ends_them(make):
    tunnel = make(A, *[TunnelError("Not yet.")] * 10_000)
    await tunnel.open(8080)
    tunnel.provider.links[0].lose("Gone.")
    await until(tunnel, "reopening")
    await tunnel.close()
    tried = len(tunnel.provider.ports)
    assert tunnel.status.state == "closed"
    await tunnel.close()
    assert len(tunnel.provider.ports) == tried


async def test_a_watcher_that_raises_closes_nothing(make, caplog):
    tunnel = make(A)
    tunnel.watch(lambda status: 1 / 0)
    assert await tunnel.open(8080) == A
    assert "ZeroDivisionError" in caplog.text


async def test_who_forgets_is_not_told(make):
    tunnel = make(A)
    seen = []
    tunnel.watch(seen.append)()
    await tunnel.open(8080)
    assert seen == []


async def test_repr_has_no_secret_path(make):
    tunnel = make("https://hub.example.org/user/ann/graphcall/cb/secret")
    await tunnel.open(8080)
    assert "secret" not in repr(tunnel)
    assert "https://hub.example.org/…" in repr(tunnel)
