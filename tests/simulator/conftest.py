from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from .service import Ports, start

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Run the tests of this folder on one loop, so that servers stay up between tests."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ports():
    borrowed = Ports()
    yield borrowed
    await borrowed.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def stack():
    async with AsyncExitStack() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def start_service(stack, ports):
    """Return a function that starts a service with the settings of a test."""

    async def started(**settings):
        return await start(stack, ports, **settings)

    return started


@pytest_asyncio.fixture(loop_scope="session")
async def service(start_service):
    return await start_service()


@pytest.fixture
def start_virtual(start_service):
    """Return a function that starts a service in virtual time, with a seed."""
    return lambda **settings: start_service(**({"speed": 1, "virtual_time": True, "seed": 1} | settings))
