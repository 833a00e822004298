import pytest

import graphcall_nb as gc


@pytest.fixture
def session():
    with gc.simulate(speed=50, seed=1) as made:
        yield made
