from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from .running import Ports, start

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """One loop for this folder's tests, so that servers can stay up from one to the next."""
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
async def starting(stack, ports):
    """Starts a service with settings of the test's own."""

    async def started(**settings):
        return await start(stack, ports, **settings)

    return started


@pytest_asyncio.fixture(loop_scope="session")
async def service(starting):
    return await starting()
