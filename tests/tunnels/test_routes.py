"""The entrances of the server extension, without a server."""

import pytest

from graphcall_nb.jupyter_extension.routes import BURST, MOST_IN_FLIGHT, MOST_ROUTES, SECRET, Routes, Unacceptable

from .pretend import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def routes(clock):
    return Routes(8888, clock=clock)


def test_a_secret_is_unguessable_and_leads_to_its_port(routes):
    route = routes.register("k", 5000, 60)
    assert SECRET.fullmatch(route.secret)
    assert routes.find(route.secret).port == 5000
    assert routes.find(route.secret[:-1]) is None


def test_an_entrance_expires_and_is_prolonged(routes, clock):
    secret = routes.register("k", 5000, 60).secret
    clock.now += 50
    routes.register("k", 5000, 60)
    clock.now += 50
    assert routes.find(secret)
    clock.now += 11
    assert routes.find(secret) is None


def test_a_restarted_kernel_gets_its_address_back_for_another_port(routes, clock):
    secret = routes.register("k", 5000, 60).secret
    routes.close("k")
    assert routes.find(secret) is None
    clock.now += 600
    assert routes.register("k", 6000, 60).secret == secret
    assert routes.find(secret).port == 6000


def test_a_restarted_server_learns_the_secret_again(routes):
    secret = routes.register("k", 5000, 60).secret
    assert Routes(8888).register("k", 5000, 60, secret).secret == secret


def test_a_secret_of_somebody_else_is_not_given_away(routes):
    secret = routes.register("k", 5000, 60).secret
    with pytest.raises(Unacceptable, match="another name"):
        routes.register("other", 6000, 60, secret)


def test_expired_entrances_make_room(routes, clock):
    for number in range(MOST_ROUTES):
        routes.register(f"k{number}", 5000, 60)
    with pytest.raises(Unacceptable, match="routes already"):
        routes.register("one more", 5000, 60)
    clock.now += 61
    assert routes.register("one more", 5000, 60)


def admitted(routes, route):
    """Return whether a request is taken that is answered at once."""
    taken = routes.admit(route)
    if taken:
        routes.release(route)
    return taken


def test_the_rate_is_limited_for_each_entrance(routes, clock):
    one, other = routes.register("one", 5000, 60), routes.register("other", 5000, 60)
    assert all(admitted(routes, one) for _ in range(int(BURST)))
    assert not admitted(routes, one)
    assert admitted(routes, other)
    clock.now += 0.02
    assert [admitted(routes, one) for _ in range(3)] == [True, True, False]


def test_unanswered_requests_are_limited_for_each_entrance(routes):
    hanging, other = routes.register("hanging", 5000, 60), routes.register("other", 5000, 60)
    assert [routes.admit(hanging) for _ in range(MOST_IN_FLIGHT + 1)] == [True] * MOST_IN_FLIGHT + [False]
    assert routes.admit(other)
    routes.release(hanging)
    assert routes.admit(hanging)
