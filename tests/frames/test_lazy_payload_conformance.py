"""pandas' own tests of what an extension array must do, on texts that are read on access.

Left out are those of memory shared by views: what is written to such an array is its own from then on.
"""

import numpy as np
import pytest
from pandas.tests.extension import base
from pandas.tests.extension.conftest import *  # noqa: F403 - the fixtures that all such arrays share

from graphcall_nb.frames.lazy_payload import LazyTextArray, LazyTextDtype


def array(*texts):
    """Texts that stand elsewhere, as those of a journal do."""
    there = [text is not None for text in texts]
    return LazyTextArray(np.where(there, np.arange(len(texts)), -1), lambda seqs: [texts[seq] for seq in seqs])


@pytest.fixture
def dtype():
    return LazyTextDtype()


@pytest.fixture
def data():
    return array(*(f"text {number:03}" for number in range(10)))


@pytest.fixture
def data_for_twos(data):
    pytest.skip("no numbers")


@pytest.fixture
def data_missing():
    return array(None, "a")


@pytest.fixture
def data_for_sorting():
    return array("b", "c", "a")


@pytest.fixture
def data_missing_for_sorting():
    return array("b", None, "a")


@pytest.fixture
def data_for_grouping():
    return array("b", "b", None, None, "a", "a", "b", "c")


@pytest.fixture
def na_cmp():
    return lambda left, right: left != left and right != right


@pytest.fixture
def na_value():
    return np.nan


class TestCasting(base.BaseCastingTests):
    pass


class TestConstructors(base.BaseConstructorsTests):
    test_from_dtype = None  # its text says object, for the sake of pyarrow


class TestDtype(base.BaseDtypeTests):
    test_str = test_check_dtype = None  # its text says object, for the sake of pyarrow


class TestGetitem(base.BaseGetitemTests):
    test_getitem_propagates_readonly_property = None


class TestGroupby(base.BaseGroupbyTests):
    pass


class TestIndex(base.BaseIndexTests):
    pass


class TestInterface(base.BaseInterfaceTests):
    test_view = None


class TestMethods(base.BaseMethodsTests):
    pass


class TestMissing(base.BaseMissingTests):
    test_fillna_readonly = None


class TestComparison(base.BaseComparisonOpsTests):
    pass


class TestPrinting(base.BasePrintingTests):
    pass


class TestReshaping(base.BaseReshapingTests):
    test_transpose = None


class TestSetitem(base.BaseSetitemTests):
    test_setitem_preserves_views = None
    test_readonly_propagates_to_numpy_array_method = None
