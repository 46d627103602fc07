"""Blocks as their users' own arrays: writable, nobody else's, and copied only where they are written to."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import delayed
from chunkscope.blocks import memory_file
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import pack
from chunkscope.blocks.spilling import SPILLER
from chunkscope.blocks.writable import SMALLEST_BYTES, writable
from tests.engine.executors.pool_of_processes import processes

N = SMALLEST_BYTES // 8 + 1000


def is_copied(array: np.ndarray) -> bool:
    return bool(array.flags.owndata)


@pytest.mark.parametrize(
    "block", [np.arange(N), np.arange(N).reshape(-1, 8).astype("M8[s]"), np.ones(8 * N, np.uint8)]
)
def test_a_large_block_is_shown_and_not_copied(block: np.ndarray) -> None:
    packed = pack(block)
    view, other = writable(packed.load()), writable(packed.load())
    assert not is_copied(view) and view.flags.writeable
    assert view.dtype == block.dtype and (view == block).all()
    view[...] = view[::-1].copy()
    assert (view == block[::-1]).all()
    assert (other == block).all() and (packed.load() == block).all()


def test_memory_stays_as_long_as_the_view_and_no_longer() -> None:
    before = ARENAS.used_bytes
    view = writable(pack(np.arange(N)).load())
    assert ARENAS.used_bytes >= before + 8 * N
    others = [pack(np.full(N, 7)) for _ in range(3)]  # they get memory of their own
    assert (view == np.arange(N)).all()
    part = view[10:20]
    del view, others
    gc.collect()
    assert part.tolist() == list(range(10, 20))
    del part
    gc.collect()
    assert ARENAS.used_bytes == before


def test_what_is_small_or_not_dense_or_not_shared_is_copied() -> None:
    assert is_copied(writable(pack(np.arange(20_000)).load()))
    assert is_copied(writable(np.arange(N)))
    turned = pack(np.arange(4 * N).reshape(4, -1).T).load()
    copied = writable(turned)
    assert is_copied(copied) and copied.flags.c_contiguous and (copied == turned).all()
    assert is_copied(writable(pack(np.arange(8 * N)).load()[:N]))  # it would hold all of it


def test_where_memory_is_short_blocks_stay_free_to_move() -> None:
    packed = pack(np.arange(N))
    owner = object()
    SPILLER.allow(owner, ARENAS.used_bytes + 1000)
    try:
        assert is_copied(writable(packed.load()))
    finally:
        SPILLER.allow(owner, None)


def test_where_nothing_can_be_mapped_there_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_file, "map_private", lambda *arguments: None)
    assert is_copied(writable(pack(np.arange(N)).load()))


def test_a_thousand_results_take_no_descriptors() -> None:
    packed = pack(np.arange(N))
    views = [writable(packed.load()) for _ in range(2000)]
    assert all(view[-1] == N - 1 for view in views)


def test_results_of_workers_are_the_callers_own() -> None:
    kept = delayed(np.arange)(N)
    first, second = processes(kept), processes(kept)
    assert not is_copied(first) and first.flags.writeable
    first += 1
    assert first[0] == 1 and second[0] == 0
    x = ca.arange(N, chunks=N)
    y = processes(x)
    assert type(y) is np.ndarray and y.flags.writeable and not is_copied(y)
    stored = x.persist(scheduler="processes")
    z = stored.compute()
    z[:] = 0
    assert int(stored.max().compute(scheduler="sync")) == N - 1
