import pytest

from .service import running_service


@pytest.fixture(scope="package")
def service():
    """Who signs and sends; see :mod:`tests.listener.service`."""
    with running_service() as running:
        yield running
