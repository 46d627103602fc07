import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.chunks import ChunkGrid, broadcast_shapes, common_sizes, unify
from chunkscope.errors import ShapeError
from tests.engine.chunks.strategies import cuts

shapes = st.lists(st.lists(st.integers(0, 3), max_size=3).map(tuple), min_size=1, max_size=3)


@given(shapes)
def test_broadcast_is_numpys(parts: list[tuple[int, ...]]) -> None:
    try:
        want = np.broadcast_shapes(*parts)
    except ValueError:
        with pytest.raises(ShapeError, match="broadcast"):
            broadcast_shapes(parts)
    else:
        assert broadcast_shapes(parts) == want


@given(st.integers(1, 20).flatmap(lambda n: st.lists(cuts(n), min_size=1, max_size=4)))
def test_common_sizes_hold_every_boundary(parts: list[tuple[int, ...]]) -> None:
    arrays = [np.array(part) for part in parts]
    found = common_sizes(arrays)
    ends = set(np.cumsum(found).tolist())
    assert ends == set().union(*[np.cumsum(part).tolist() for part in arrays])


@given(st.data(), shapes)
def test_unify_gives_grids_that_fit(data: st.DataObject, parts: list[tuple[int, ...]]) -> None:
    grids = [ChunkGrid([data.draw(cuts(n)) for n in part]) for part in parts]
    try:
        shape = np.broadcast_shapes(*parts)
    except ValueError:
        return
    result, fitted = unify(grids)
    assert result.shape == shape
    for before, after in zip(grids, fitted, strict=True):
        assert after.shape == before.shape
        pad = result.ndim - after.ndim
        for axis, sizes in enumerate(after.sizes):
            if after.shape[axis] == shape[axis + pad]:
                assert np.array_equal(sizes, result.sizes[axis + pad])
            else:
                assert after.shape[axis] == 1
