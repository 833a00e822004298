import pytest

from .service import running_service


@pytest.fixture(scope="package")
def service():
    """Return a service that signs and sends; see :mod:`tests.listener.service`."""
    with running_service() as service:
        yield service
