from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chunkscope.array as ca
from chunkscope.errors import AxisError, DTypeError, LazyValueError
from tests.engine.array.naive import graph_of, run, same
from tests.engine.array.strategies import pairs, rules


@given(st.data(), pairs(dtypes=["int64", "float64"]), rules)
def test_basic_indexing_is_numpys(data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any) -> None:
    x, y = pair
    index = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    same(y[index], np.asarray(x[index]), rules=some)
    same((y * 2 + y)[index], np.asarray((x * 2 + x)[index]), rules=some)


@given(st.data(), rules)
def test_a_slice_of_random_numbers_is_the_slice(data: st.DataObject, some: Any) -> None:
    x = ca.random.default_rng(3).random((7, 5), chunks=(2, 3))
    index = data.draw(hnp.basic_indices((7, 5)))
    np.testing.assert_array_equal(run(x[index], rules=some), run(x)[index])


def test_only_what_is_read_is_made() -> None:
    x = ca.random.default_rng(0).random(10**6, chunks=1)
    graph = graph_of(ca.sqrt(x + 1)[5:8])
    assert graph.ntasks == 3
    y = ca.from_array(np.arange(100), chunks=10)
    assert graph_of((y * 2)[25:31].sum()).ntasks == 3


def test_blocks() -> None:
    x = np.arange(24).reshape(6, 4)
    y = ca.from_array(x, chunks=(2, 3))
    same(y.blocks[0], x[:2])
    same(y.blocks[1:, -1], x[2:, 3:])
    same(y.blocks[[2, 0], 0], np.concatenate([x[4:, :3], x[:2, :3]]))
    assert y.blocks.shape == (3, 2)
    assert len(list(y.blocks)) == y.blocks.size == 6
    with pytest.raises(AxisError, match="block 3 is out of range"):
        y.blocks[3]


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        (9, AxisError, "index 9 is out of range for axis 0 of length 3"),
        ((0, 0, 0), AxisError, "too many indices"),
        ([0, 1], DTypeError, "cannot index an axis with list"),
        (np.array([True, False, True]), DTypeError, "select elements by value with where"),
        ("a", DTypeError, "cannot index an axis with str"),
    ],
)
def test_errors_say_what_was_asked(index: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ca.ones((3, 4), chunks=2)[index]


def test_no_change_in_place() -> None:
    x = ca.ones(3)
    with pytest.raises(LazyValueError, match="use where"):
        x[0] = 1
