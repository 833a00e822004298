"""Delays between attempts."""

from itertools import islice

from graphcall_nb._backoff import Backoff


def test_delays_double_up_to_the_limit():
    assert list(islice(Backoff(0.25, 1.5, jitter=lambda: 0.0), 6)) == [0.25, 0.5, 1.0, 1.5, 1.5, 1.5]


def test_delays_become_slow_after_a_total():
    backoff = Backoff(1.0, 2.0, slow_after_seconds=5, slow_seconds=15.0, jitter=lambda: 0.0)
    assert list(islice(backoff, 5)) == [1.0, 2.0, 2.0, 15.0, 15.0]


def test_jitter_shortens_each_delay_by_up_to_a_tenth():
    numbers = iter([0.0, 0.5, 1.0])
    assert list(islice(Backoff(10.0, 10.0, jitter=lambda: next(numbers)), 3)) == [10.0, 9.5, 9.0]


def test_each_iteration_starts_anew():
    backoff = Backoff(jitter=lambda: 0.0)
    assert next(iter(backoff)) == next(iter(backoff)) == 0.25
