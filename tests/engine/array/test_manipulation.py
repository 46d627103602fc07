import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.errors import AxisError, ShapeError
from tests.engine.array.naive import graph_of, same
from tests.engine.array.strategies import chunked, pairs, rules, values
from tests.engine.chunks.strategies import cuts, factorisations


@given(st.data(), pairs(), rules)
def test_axes_move(data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any) -> None:
    x, y = pair
    order = data.draw(st.permutations(range(x.ndim)))
    same(y.transpose(order), x.transpose(order), rules=some)
    same((y.T + 1).T, (x.T + 1).T, rules=some)
    same(ca.flip(y), np.flip(x), rules=some)
    new = data.draw(st.integers(-x.ndim - 1, x.ndim))
    same(ca.expand_dims(y, new), np.expand_dims(x, new), rules=some)
    same(ca.squeeze(ca.expand_dims(y, (0, -1))), np.squeeze(np.expand_dims(x, (0, -1))), rules=some)
    if x.ndim:
        a, b = data.draw(st.integers(0, x.ndim - 1)), data.draw(st.integers(-x.ndim, -1))
        same(ca.moveaxis(y, a, b), np.moveaxis(x, a, b), rules=some)
        same(y.swapaxes(a, b), x.swapaxes(a, b), rules=some)
        shift = data.draw(st.integers(-7, 7))
        same(ca.roll(y, shift, a), np.roll(x, shift, a), rules=some)
        same(ca.flip(y, b), np.flip(x, b), rules=some)


@given(st.data(), pairs(), rules)
def test_reshape(data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any) -> None:
    x, y = pair
    shape = data.draw(factorisations(x.size)) if x.size else (0, 3)
    same(y.reshape(shape), x.reshape(shape), rules=some)
    same(y.ravel(), x.ravel(), rules=some)
    if x.size and shape:
        axis = data.draw(st.integers(0, len(shape) - 1))
        same(y.reshape(*shape[:axis], -1, *shape[axis + 1 :]), x.reshape(shape), rules=some)


@given(st.data(), pairs(), rules)
def test_rechunk_changes_chunks_alone(
    data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any
) -> None:
    x, y = pair
    chunks = tuple(data.draw(cuts(n)) for n in x.shape)
    z = (y + y).rechunk(chunks)
    assert z.chunks == chunks
    same(z, x + x, rules=some)
    same(z.rechunk(-1), x + x, rules=some)


@given(st.data(), rules)
def test_join(data: st.DataObject, some: Any) -> None:
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    xs = []
    for _ in range(data.draw(st.integers(1, 3))):
        shape[axis] = data.draw(st.integers(0, 4))
        xs.append(data.draw(values(shape=tuple(shape), dtypes=["int32", "float64", "bool"])))
    ys = [data.draw(chunked(x)) for x in xs]
    same(ca.concatenate(ys, axis), np.concatenate(xs, axis), rules=some)
    same(ca.concatenate(ys, None), np.concatenate(xs, None), rules=some)
    alike, alike_chunked = [xs[0]] * 3, [ys[0], data.draw(chunked(xs[0])), ys[0]]
    where = data.draw(st.integers(-len(shape) - 1, len(shape)))
    same(ca.stack(alike_chunked, where), np.stack(alike, where), rules=some)
    for name in ("vstack", "hstack", "dstack"):
        same(getattr(ca, name)(alike_chunked), getattr(np, name)(alike), rules=some)


@given(st.data(), pairs(), rules)
def test_broadcast_to(data: st.DataObject, pair: tuple[np.ndarray, ca.Array], some: Any) -> None:
    x, y = pair
    extra = data.draw(st.lists(st.integers(0, 3), max_size=2))
    shape = (*extra, *[data.draw(st.integers(0, 4)) if n == 1 else n for n in x.shape])
    same(ca.broadcast_to(y, shape), np.broadcast_to(x, shape), rules=some)
    same(ca.broadcast_to(y, shape) * 2, np.broadcast_to(x, shape) * 2, rules=some)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x: x.reshape(5, 2),
            ShapeError,
            r"cannot reshape \(3, 4\) with 12 elements to \(5, 2\): that holds 10",
        ),
        (lambda x: x.transpose(0, 0), AxisError, "each of the 2 axes once"),
        (lambda x: x.squeeze(0), ShapeError, "cannot squeeze axis 0"),
        (
            lambda x: ca.concatenate([x, ca.ones((3, 5))]),
            ShapeError,
            r"cannot concatenate shapes \(3, 4\) and \(3, 5\)",
        ),
        (lambda x: ca.stack([x, ca.ones(3)]), ShapeError, "cannot stack shapes"),
        (lambda x: ca.concatenate([]), ShapeError, "at least one array"),
        (lambda x: ca.broadcast_to(x, (4, 3)), ShapeError, "broadcast"),
        (lambda x: ca.expand_dims(x, 7), AxisError, "axis 7 is out of range"),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((3, 4), chunks=2))


def test_moving_blocks_takes_no_task() -> None:
    x = ca.random.default_rng(0).random((6, 4), chunks=(2, 2))
    graph = graph_of(ca.concatenate([x, x]))
    assert [layer.op for layer in graph.layers] == ["random"]
    assert graph_of(x[2:4]).ntasks == 2


def test_a_transpose_costs_nothing_in_a_sum() -> None:
    x = ca.random.default_rng(0).random((6, 6), chunks=(2, 2))
    graph = graph_of((x + x.T).sum())
    assert [layer.op for layer in graph.layers] == ["random", "sum-partial", "sum"]
    assert math.prod(graph.layers[1].grid) == 9


def test_a_source_is_made_in_the_chunks_wanted() -> None:
    assert [layer.op for layer in graph_of(ca.ones((6, 6), chunks=2).rechunk(3)).layers] == ["full"]
