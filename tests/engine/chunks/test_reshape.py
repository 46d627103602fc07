import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.chunks import ChunkGrid, plan_reshape
from chunkscope.chunks.reshape import resolve_shape
from chunkscope.errors import ShapeError
from tests.engine.chunks.strategies import factorisations, grids


def same_runs(x: np.ndarray, grid: ChunkGrid, flat: ChunkGrid) -> None:
    """Block i of both grids holds the same elements in the same order."""
    y = x.reshape(flat.shape)
    assert grid.nblocks == flat.nblocks
    for block in range(grid.nblocks):
        assert np.array_equal(
            x[grid.slices(block) or ...].reshape(-1), y[flat.slices(block) or ...].reshape(-1)
        )


@given(st.data(), grids(max_length=6, min_length=1))
def test_blocks_are_the_same_runs(data: st.DataObject, grid: ChunkGrid) -> None:
    size = math.prod(grid.shape)
    shape = data.draw(factorisations(size))
    plan = plan_reshape(grid, shape)
    assert plan.before.shape == grid.shape
    assert plan.after.shape == shape
    assert plan.flat_before.shape == plan.flat_after.shape
    x = np.arange(size)
    same_runs(x.reshape(grid.shape), plan.before, plan.flat_before)
    same_runs(x.reshape(shape), plan.after, plan.flat_after)


def test_axes_that_stay_keep_their_chunks() -> None:
    plan = plan_reshape(ChunkGrid([(2, 3), (4, 2), (3, 3)]), (5, 36))
    assert plan.before.chunks == ((2, 3), (2, 2, 2), (6,))
    assert plan.after.chunks == ((2, 3), (12, 12, 12))


def test_blocks_that_are_runs_are_not_cut_anew() -> None:
    plan = plan_reshape(ChunkGrid([(10, 10), (4,)]), (80,))
    assert plan.before.chunks == ((10, 10), (4,))
    assert plan.after.chunks == ((40, 40),)


def test_chunks_keep_about_their_size() -> None:
    plan = plan_reshape(ChunkGrid.regular((3, 10**6), (3, 1000)), (10**6, 3))
    assert plan.before.max_elements <= 3000
    assert plan.after.max_elements <= 3000


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((-1, -1), "one axis can be -1"),
        ((5, -1), r"5 does not divide 12"),
        ((5, 2), r"cannot reshape \(3, 4\) with 12 elements to \(5, 2\): that holds 10"),
        ((-2, 6), "one axis can be -1"),
    ],
)
def test_shapes_that_do_not_fit(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        resolve_shape(shape, 12, (3, 4))
