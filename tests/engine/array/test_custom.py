from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope.errors import AxisError, ChunkError, DTypeError, ShapeError
from tests.engine.array.naive import graph_of, run, same

X = np.arange(24.0).reshape(4, 6)


def test_blocks_at_the_same_place_meet() -> None:
    x = ca.from_array(X, chunks=(2, 4))
    same(x.map_blocks(np.sqrt), np.sqrt(X))
    same(ca.map_blocks(np.add, x, x.rechunk(3), dtype=float), X + X)
    same(ca.map_blocks(np.multiply, x, x[0]), X * X[0])
    same(x.map_blocks(lambda a, n, k=1: a * n + k, 2, k=3), X * 2 + 3)
    same(x.map_blocks(lambda a: a > 3), X > 3)


def test_axes_and_chunks_change() -> None:
    x = ca.from_array(X, chunks=(2, -1))
    same(x.map_blocks(lambda a: a.sum(axis=1), drop_axis=1), X.sum(axis=1))
    same(x.map_blocks(lambda a: a[None], new_axis=0), X[None])
    same(x.map_blocks(lambda a: a[:, :2], chunks=(2, 2)), X[:, :2])
    same(x.map_blocks(lambda a: np.repeat(a, 2, axis=0), chunks=((4, 4), (6,))), np.repeat(X, 2, axis=0))
    assert x.map_blocks(lambda a: a.sum(axis=1), drop_axis=-1).chunks == ((2, 2),)


def test_a_block_knows_its_place() -> None:
    x = ca.from_array(X, chunks=(2, 4))
    found = run(x.map_blocks(lambda a, block_id=None: a * 0 + block_id[0] * 10 + block_id[1], dtype=float))
    np.testing.assert_array_equal(found[:, [0, 5]], [[0, 1], [0, 1], [10, 11], [10, 11]])
    seen = {}

    def look(a: Any, block_info: Any = None) -> Any:
        seen[block_info[0]["chunk-location"]] = block_info
        return a

    run(x.map_blocks(look, dtype=float))
    assert seen[1, 1][0]["array-location"] == [(2, 4), (4, 6)]
    assert seen[1, 1][None]["chunk-shape"] == (2, 2)
    assert seen[0, 0][0]["num-chunks"] == (2, 2)
    made = ca.map_blocks(
        lambda block_info=None: np.full(3, block_info[None]["chunk-location"][0]), chunks=((3, 3),), dtype=int
    )
    same(made, np.array([0, 0, 0, 1, 1, 1]))


def test_a_number_is_a_block_without_axes() -> None:
    total = ca.ones(4, chunks=4).map_blocks(lambda a: float(a.sum()), drop_axis=0, dtype=float)
    assert total.compute(scheduler="sync") == 4
    values = np.arange(100_000.0)
    np.testing.assert_array_equal(
        (ca.from_array(values, chunks=-1) + total).compute(scheduler="sync"), values + 4
    )


def test_user_code_is_marked() -> None:
    (layer,) = graph_of(ca.ones(4, chunks=2).map_blocks(np.sin)).layers[-1:]
    assert layer.user
    assert layer.op == "sin"


def test_the_wrong_shape_is_told_with_its_block() -> None:
    x = ca.ones((4, 6), chunks=(2, 3)).map_blocks(lambda a: a[:1], dtype=float)
    with pytest.raises(ShapeError, match=r"block \(0, 0\) has shape \(1, 3\), its chunk is \(2, 3\)"):
        x.compute(scheduler="sync")


def divide(x: np.ndarray) -> np.ndarray:
    raise ZeroDivisionError("no")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda x: x.map_blocks(divide),
            DTypeError,
            "could not find the dtype of divide.*ZeroDivisionError: no; give dtype=",
        ),
        (lambda x: x.map_blocks(3), DTypeError, "map_blocks needs a function first"),
        (lambda x: x.map_blocks(np.sin, k=x), DTypeError, "give the array 'k' by position"),
        (lambda x: x.map_blocks(np.sum, drop_axis=1), ChunkError, "drop_axis=1: the axis has 2 chunks"),
        (lambda x: x.map_blocks(np.sum, drop_axis=5), AxisError, "drop_axis=5 is out of range"),
        (lambda x: x.map_blocks(np.sin, chunks=(2,)), ChunkError, "name 1 axes, the result has 2"),
        (
            lambda x: x.map_blocks(np.sin, chunks=((2,), (3, 3))),
            ChunkError,
            "name 1 chunks, the blocks are 2",
        ),
        (lambda x: ca.map_blocks(np.sin), ChunkError, "needs chunks="),
    ],
)
def test_errors_say_what_was_asked(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call(ca.ones((4, 6), chunks=(2, 3)))
