import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.chunks import ChunkGrid, axis_overlap, block_edges
from tests.engine.chunks.strategies import cuts


@given(st.integers(0, 12).flatmap(lambda n: st.tuples(cuts(n), cuts(n))))
def test_overlap_is_the_chunks_that_share_elements(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    old, new = map(np.array, pair)
    before = np.repeat(np.arange(len(old)), old)
    overlap = axis_overlap(old, new)
    for j, part in enumerate(np.split(before, np.cumsum(new)[:-1])):
        want = sorted(set(part.tolist())) or [0]
        assert list(range(overlap.low[j], overlap.high[j])) == want


@given(st.data())
def test_edges_are_the_boxes_in_c_order(data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(1, 6), max_size=3))
    old, new = (ChunkGrid([data.draw(cuts(n)) for n in shape]) for _ in range(2))
    ranges = tuple(axis_overlap(a, b) for a, b in zip(old.sizes, new.sizes, strict=True))
    numbers = np.arange(old.nblocks).reshape(old.numblocks)
    ptr, values = block_edges(numbers, ranges)
    assert len(ptr) == new.nblocks + 1
    for block in range(new.nblocks):
        where = new.coordinates(block)
        box = tuple(slice(axis.low[j], axis.high[j]) for axis, j in zip(ranges, where, strict=True))
        assert values[ptr[block] : ptr[block + 1]].tolist() == numbers[box or ...].reshape(-1).tolist()
