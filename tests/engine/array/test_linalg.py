from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.errors import AxisError, ShapeError
from tests.engine.array.naive import graph_of, same
from tests.engine.array.strategies import chunked, rules, values

numbers = ["float64", "int32", "bool", "complex128", "float32"]


@given(st.data(), rules)
def test_matmul(data: st.DataObject, some: Any) -> None:
    n, k, m = (data.draw(st.integers(0, 5)) for _ in range(3))
    batch = data.draw(st.sampled_from([(), (3,), (2, 1), (1, 3)]))
    other = data.draw(st.sampled_from([(), (3,), (1,), batch]))
    x = data.draw(
        values(shape=data.draw(st.sampled_from([(k,), (n, k), (*batch, n, k)])), dtypes=numbers, nan=False)
    )
    y = data.draw(
        values(shape=data.draw(st.sampled_from([(k,), (k, m), (*other, k, m)])), dtypes=numbers, nan=False)
    )
    same(data.draw(chunked(x)) @ data.draw(chunked(y)), np.asarray(x @ y), rules=some)
    same(x @ data.draw(chunked(y)), np.asarray(x @ y), rules=some)


@given(st.data(), rules)
def test_tensordot_and_dot(data: st.DataObject, some: Any) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    naxes = data.draw(st.integers(0, len(shape)))
    left = data.draw(st.permutations(range(len(shape))))[:naxes]
    other = [shape[axis] for axis in left] + data.draw(st.lists(st.integers(1, 3), max_size=2))
    order = data.draw(st.permutations(range(len(other))))
    x = data.draw(values(shape=tuple(shape), dtypes=numbers, nan=False))
    y = data.draw(values(shape=tuple(other[i] for i in order), dtypes=numbers, nan=False))
    right = [order.index(i) for i in range(naxes)]
    a, b = data.draw(chunked(x)), data.draw(chunked(y))
    same(ca.tensordot(a, b, (left, right)), np.tensordot(x, y, (left, right)), rules=some)
    same(ca.outer(a, b), np.outer(x, y), rules=some)
    same(ca.vdot(a, a), np.asarray(np.vdot(x, x)), rules=some)
    if y.ndim and x.shape[-1] == y.shape[max(y.ndim - 2, 0)]:
        same(a.dot(b), np.asarray(np.dot(x, y)), rules=some)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x: x @ ca.ones(3),
            ShapeError,
            r"matmul of shapes \(3, 4\) and \(3, 1\)|axis -1 of the first has length 4",
        ),
        (lambda x: x @ ca.ones(()), ShapeError, "at least one dimension"),
        (lambda x: ca.tensordot(x, x, ([0], [1])), ShapeError, "tensordot: axis 0"),
        (lambda x: ca.tensordot(x, x, ([0], [1, 0])), AxisError, "as many axes of both"),
        (lambda x: ca.tensordot(x, x, ([7], [1])), AxisError, "axis 7 is out of range"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((3, 4), chunks=2))


def test_products_are_summed_by_a_tree() -> None:
    x = ca.random.default_rng(0).random((4, 40), chunks=(2, 1))
    graph = graph_of(x @ x.T)
    assert max(len(graph.inputs_of(task)) for task in range(graph.ntasks)) <= 16
