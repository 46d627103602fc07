import pickle

import numpy as np
import pytest
from hypothesis import given

from chunkscope.chunks import ChunkGrid
from chunkscope.errors import ChunkError
from chunkscope.tokens import tokenise
from tests.engine.chunks.strategies import grids


@given(grids())
def test_blocks_cover_the_array_once(grid: ChunkGrid) -> None:
    x = np.zeros(grid.shape, dtype=int)
    for block in range(grid.nblocks):
        x[grid.slices(block) or ...] += 1
        assert x[grid.slices(block) or ...].shape == grid.block_shape(block)
        assert grid.elements().reshape(-1)[block] == np.prod(grid.block_shape(block))
    assert (x == 1).all()


@given(grids())
def test_coordinates_count_in_c_order(grid: ChunkGrid) -> None:
    assert [grid.coordinates(i) for i in range(grid.nblocks)] == list(np.ndindex(*grid.numblocks))


@given(grids())
def test_pickle_and_token_keep_the_grid(grid: ChunkGrid) -> None:
    other = pickle.loads(pickle.dumps(grid))
    assert other == grid == ChunkGrid(grid.chunks)
    assert hash(other) == hash(grid)
    assert tokenise(other) == tokenise(grid)
    assert other.chunks == grid.chunks


@given(grids(), grids())
def test_tokens_tell_grids_apart(x: ChunkGrid, y: ChunkGrid) -> None:
    assert (x == y) is (x.chunks == y.chunks) is (tokenise(x) == tokenise(y))


def test_sizes_cannot_be_changed() -> None:
    grid = ChunkGrid([(3, 3)])
    with pytest.raises(ValueError, match="read-only"):
        grid.sizes[0][0] = 4


@pytest.mark.parametrize("sizes", [(0, 5), (5, 0), (-1, 3), (), (1.5, 2), ("a",), None])
def test_sizes_that_cannot_be(sizes: object) -> None:
    with pytest.raises(ChunkError):
        ChunkGrid([sizes])  # type: ignore[list-item]


def test_a_million_chunks_are_cheap() -> None:
    grid = ChunkGrid([np.ones(10**6, dtype=np.int64)])
    assert grid.nblocks == 10**6
    assert grid.elements().strides == (0,)
    assert grid.block_shape(10**6 - 1) == (1,)
