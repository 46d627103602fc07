import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope.array.program import TILE_ELEMENTS
from chunkscope.array.tiles import TileKernel, tile_slices
from tests.engine.array.naive import graph_of


@given(st.lists(st.integers(1, 7), max_size=4), st.integers(1, 60))
def test_tiles_are_runs_that_cover_the_block_in_order(shape: list[int], elements: int) -> None:
    x = np.arange(int(np.prod(shape))).reshape(shape)
    seen = [x[tile or ...].reshape(-1) for tile in tile_slices(tuple(shape), elements)]
    np.testing.assert_array_equal(np.concatenate(seen), x.reshape(-1))
    for tile, part in zip(tile_slices(tuple(shape), elements), seen, strict=True):
        assert x[tile or ...].flags.c_contiguous
        assert len(part) <= elements or all(p.stop - p.start == 1 for p in tile[:-1])


def kernel_of(x: ca.Array) -> TileKernel:
    graph = graph_of(x)
    kernel = graph.layers[0].kernel
    assert isinstance(kernel, TileKernel)
    return kernel


def test_a_chain_needs_few_buffers() -> None:
    x = ca.random.default_rng(0).random((10**6, 2), chunks=(10**6, 2))
    kernel = kernel_of(((x**2).sum(axis=1) < 1).mean())
    assert kernel.scratch_bytes < 3 * TILE_ELEMENTS * 8
    chain = ca.arange(10**6, chunks=-1, dtype=float)
    for _ in range(20):
        chain = ca.sqrt(chain * 2 + 1)
    assert kernel_of(chain.sum()).scratch_bytes <= 2 * TILE_ELEMENTS * 8


def test_peak_memory_is_what_was_declared() -> None:
    import tracemalloc

    x = ca.random.default_rng(0).random((500_000, 2), chunks=-1)
    kernel = kernel_of((ca.sqrt(x**2 + 1) - x).sum())
    kernel(0)
    tracemalloc.start()
    kernel(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < kernel.scratch_bytes + 300_000


def test_kernels_pickle_small() -> None:
    kernel = kernel_of(
        ((ca.random.default_rng(0).random((10**6, 2), chunks=(10, 2)) ** 2).sum(axis=1) < 1).mean()
    )
    kernel(3)
    data = pickle.dumps(kernel)
    assert np.array_equal(pickle.loads(data)(3), kernel(3))
    assert len(data) < 3 * 8 * 10**5


@pytest.mark.parametrize("chunks", [(7, 5), (1, 100_000), (3, 99_991)])
def test_results_do_not_depend_on_buffers(chunks: tuple[int, int]) -> None:
    x = ca.ones((7, 100_000), chunks=chunks) * ca.arange(100_000, chunks=chunks[1])
    y = (x + 1) * (x - 1) + x * x
    z = np.arange(100_000.0)
    from tests.engine.array.naive import same

    same(y.max(axis=0), z * z * 2 - 1)
