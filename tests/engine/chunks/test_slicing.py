import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.chunks import ChunkGrid, cut_axis, split_index, take_blocks
from chunkscope.errors import AxisError, DTypeError
from tests.engine.chunks.strategies import cuts


def check(sizes: tuple[int, ...], index: slice) -> None:
    """The cut takes the same elements as the slice, chunk by chunk."""
    parts = np.split(np.arange(sum(sizes)), np.cumsum(sizes)[:-1])
    want = np.arange(sum(sizes))[index]
    cut = cut_axis(np.array(sizes), index)
    if cut is None:
        assert np.array_equal(want, np.arange(sum(sizes)))
        return
    pieces = [parts[block][cut.local(i)] for i, block in enumerate(cut.blocks)]
    assert np.array_equal(np.concatenate(pieces), want)
    assert [len(piece) for piece in pieces] == cut.sizes.tolist()
    assert len(pieces) == 1 or all(map(len, pieces))
    if cut.whole:
        assert all(np.array_equal(piece, parts[b]) for piece, b in zip(pieces, cut.blocks, strict=True))


@pytest.mark.parametrize("sizes", [(0,), (1,), (3,), (1, 1), (2, 3), (3, 1, 2), (1, 1, 1, 1, 1)])
def test_every_small_slice(sizes: tuple[int, ...]) -> None:
    ends = [None, *range(-sum(sizes) - 1, sum(sizes) + 2)]
    for start, stop, step in itertools.product(ends, ends, [None, -3, -2, -1, 1, 2, 3]):
        check(sizes, slice(start, stop, step))


bounds = st.none() | st.integers(-60, 60)


@given(st.integers(0, 50).flatmap(cuts), bounds, bounds, st.none() | st.integers(-20, 20).filter(bool))
def test_larger_slices(sizes: tuple[int, ...], start: int | None, stop: int | None, step: int | None) -> None:
    check(sizes, slice(start, stop, step))


def test_blocks_taken_whole_move_only() -> None:
    cut = take_blocks(np.array([3, 4, 5]), np.array([2, 0]))
    assert cut.whole
    assert cut.sizes.tolist() == [5, 3]


def test_an_index_is_taken_apart() -> None:
    grid = ChunkGrid([(4,), (6,), (2, 3)])
    parts = split_index((None, -1, ..., None, slice(1, None)), grid)
    assert parts.slices == (slice(3, 4), slice(None), slice(1, None, None))
    assert parts.dropped == (0,)
    assert parts.added == (0, 2)


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        ((0, 0, 0), AxisError, "too many indices: the array has 2 axes, 3 were indexed"),
        (4, AxisError, "index 4 is out of range for axis 0 of length 4: use -4 to 3"),
        ((..., ...), AxisError, "one '...'"),
        (slice(None, None, 0), AxisError, "step cannot be 0"),
        (1.5, DTypeError, "cannot index an axis with float"),
        ([0, 1], DTypeError, "cannot index an axis with list"),
        (True, DTypeError, "cannot index an axis with bool"),
    ],
)
def test_what_is_no_index_says_why(index: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        split_index(index, ChunkGrid([(4,), (6,)]))
