import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphcall_nb.frames.notifications import sort_by_call

keys = st.lists(st.tuples(st.integers(-1, 2**50), st.integers(-1, 40)))
"""Numbers that can be packed into 64 bits, and larger ones."""


@given(keys)
def test_the_order_is_that_of_lexsort(pairs):
    call, within = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    assert sort_by_call(call, within).tolist() == np.lexsort((within, call)).tolist()


@given(st.lists(st.integers(-1, 5)))
def test_equal_calls_keep_their_order(calls):
    call = np.array(calls, dtype=np.int64)
    assert sort_by_call(call).tolist() == np.argsort(call, kind="stable").tolist()
