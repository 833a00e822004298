import asyncio
import contextlib

import pytest
import uvloop

from graphcall_nb import run


async def answer():
    await asyncio.sleep(0)
    return 42


def test_without_a_loop():
    assert run(answer()) == 42


def test_inside_a_running_loop():
    async def cell():
        return run(answer())

    assert asyncio.run(cell()) == 42


def test_import_patches_nothing():
    before = asyncio.run
    import graphcall_nb

    assert graphcall_nb.run is run
    assert asyncio.run is before or before.__module__.startswith("nest_asyncio")


def test_loop_that_cannot_be_nested_is_reported():
    async def cell():
        with pytest.raises(RuntimeError, match="await"):
            run(answer())

    with contextlib.closing(uvloop.new_event_loop()) as loop:
        loop.run_until_complete(cell())


def test_error_of_the_awaitable_is_raised():
    async def fail():
        raise LookupError("x")

    with pytest.raises(LookupError):
        run(fail())
