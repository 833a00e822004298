"""The callback routes of the server extension, without a server."""

import pytest

from graphcall_nb.jupyter_extension.callback_routes import (
    MAX_BURST,
    MAX_PENDING_REQUESTS,
    MAX_ROUTES,
    SECRET,
    CallbackRoutes,
    InvalidRegistration,
)

from .fakes import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def routes(clock):
    return CallbackRoutes(8888, clock=clock)


def test_secret_is_unguessable_and_leads_to_its_port(routes):
    route = routes.register("k", 5000, 60)
    assert SECRET.fullmatch(route.secret)
    assert routes.find(route.secret).port == 5000
    assert routes.find(route.secret[:-1]) is None


def test_route_expires_unless_it_is_renewed(routes, clock):
    secret = routes.register("k", 5000, 60).secret
    clock.now += 50
    routes.register("k", 5000, 60)
    clock.now += 50
    assert routes.find(secret)
    clock.now += 11
    assert routes.find(secret) is None


def test_restarted_kernel_gets_its_secret_again_for_another_port(routes, clock):
    secret = routes.register("k", 5000, 60).secret
    routes.close("k")
    assert routes.find(secret) is None
    clock.now += 600
    assert routes.register("k", 6000, 60).secret == secret
    assert routes.find(secret).port == 6000


def test_restarted_server_accepts_the_former_secret(routes):
    secret = routes.register("k", 5000, 60).secret
    assert CallbackRoutes(8888).register("k", 5000, 60, secret).secret == secret


def test_secret_of_another_name_is_refused(routes):
    secret = routes.register("k", 5000, 60).secret
    with pytest.raises(InvalidRegistration, match="another name"):
        routes.register("other", 6000, 60, secret)


def test_expired_routes_are_removed_when_the_table_is_full(routes, clock):
    for number in range(MAX_ROUTES):
        routes.register(f"k{number}", 5000, 60)
    with pytest.raises(InvalidRegistration, match="routes are open already"):
        routes.register("one more", 5000, 60)
    clock.now += 61
    assert routes.register("one more", 5000, 60)


def admit_and_release(routes, route):
    """Return whether a request is admitted, and answer it at once."""
    is_admitted = routes.admit(route)
    if is_admitted:
        routes.release(route)
    return is_admitted


def test_rate_is_limited_per_route(routes, clock):
    one, other = routes.register("one", 5000, 60), routes.register("other", 5000, 60)
    assert all(admit_and_release(routes, one) for _ in range(int(MAX_BURST)))
    assert not admit_and_release(routes, one)
    assert admit_and_release(routes, other)
    clock.now += 0.02
    assert [admit_and_release(routes, one) for _ in range(3)] == [True, True, False]


def test_pending_requests_are_limited_per_route(routes):
    hanging, other = routes.register("hanging", 5000, 60), routes.register("other", 5000, 60)
    assert [routes.admit(hanging) for _ in range(MAX_PENDING_REQUESTS + 1)] == [True] * MAX_PENDING_REQUESTS + [False]
    assert routes.admit(other)
    routes.release(hanging)
    assert routes.admit(hanging)
