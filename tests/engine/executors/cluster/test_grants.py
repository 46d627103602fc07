"""Outputs that are made where they stay: what a worker takes of its grants, and what comes back."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope.blocks import empty
from chunkscope.blocks.allocator import Extent
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.recycle import lending
from chunkscope.executors import EXECUTORS
from chunkscope.executors.cluster.grants import Granted, Grants, Lender
from chunkscope.executors.cluster.group import WorkerGroup
from chunkscope.executors.cluster.reader import Reader
from tests.engine.executors.pool_of_processes import processes
from tests.engine.patience import becomes

SIZE = 1 << 20


class Both:
    """Parent and worker in one process."""

    def __init__(self, *sizes: int) -> None:
        self.granted = Granted()
        self.asked: list[int] = []
        self.reader = Reader()
        self.lender = Lender(self.reader)
        for size in sizes:
            self.grant(size)
        self.grants = Grants(self.granted.extents, self.ask, self.lender)

    def grant(self, size: int) -> Extent:
        extent = ARENAS.allocate(size)
        file, nbytes = ARENAS.file(extent.arena)
        self.reader.add(extent.arena, nbytes, os.dup(file))
        self.granted.add(extent)
        return extent

    def ask(self, size: int) -> Extent:
        self.asked.append(size)
        return self.grant(size)

    def made(self, n: int, value: int) -> np.ndarray:
        with lending(self.grants.lend):
            array = empty((n,), np.uint8)
        array[:] = value
        return array


@pytest.fixture
def used() -> Iterator[int]:
    gc.collect()
    before = ARENAS.used_bytes
    yield before
    gc.collect()
    assert becomes(lambda: ARENAS.used_bytes <= before)


def lies_elsewhere(array: np.ndarray) -> bool:
    base = array.base
    while base is not None and type(base) is np.ndarray:
        base = base.base
    return base is None


def test_an_output_is_a_block_where_it_was_made(used: int) -> None:
    both = Both(4 * SIZE)
    array = both.made(SIZE, 7)
    found = both.grants.made_into_block(array)
    assert found is not None
    (arena, start, size), position = found
    assert (size, position) == (SIZE, start)
    assert both.grants.made_into_block(array) is None  # once
    del array
    lease = both.granted.own(arena, start, size)
    assert both.grants.settle() == ([], [])
    assert both.granted.release([]) == {}
    assert ARENAS.used_bytes == used + SIZE
    assert bytes(ARENAS.read(lease, start, size)) == b"\7" * SIZE


def test_what_was_let_go_of_is_used_again(used: int) -> None:
    both = Both(SIZE)
    for value in range(5):
        array = both.made(SIZE, value)
        assert not lies_elsewhere(array)
        del array
    assert both.grants.take(SIZE - 5).size == SIZE
    assert both.asked == []
    both.granted.release([])


def test_where_too_little_was_granted_arrays_lie_elsewhere_and_blocks_ask(used: int) -> None:
    both = Both(SIZE)
    first, second = both.made(SIZE, 1), both.made(SIZE, 2)
    assert not lies_elsewhere(first) and lies_elsewhere(second)
    assert both.grants.made_into_block(second) is None
    extent = both.grants.take(SIZE)
    assert both.asked == [SIZE]
    del first
    both.granted.own(*extent)
    both.grants.settle()
    both.granted.release([])


def test_a_small_part_of_an_array_does_not_hold_it_all(used: int) -> None:
    both = Both(SIZE)
    array = both.made(SIZE, 1)
    assert both.grants.made_into_block(array[: SIZE // 4]) is None
    found = both.grants.made_into_block(array[: SIZE // 4 * 3])
    assert found is not None and found[0].size == SIZE
    both.granted.release([])


def test_what_somebody_keeps_is_not_used_for_anything_else(used: int) -> None:
    both = Both(2 * SIZE)
    block, scratch = both.made(SIZE, 1), both.made(SIZE, 2)
    found = both.grants.made_into_block(block)
    assert found is not None
    lease = both.granted.own(*found[0])
    clung, unclung = both.grants.settle()
    assert len(clung) == 2 and unclung == []
    kept = both.granted.release(clung)
    del lease
    others = [ARENAS.lease(SIZE) for _ in range(3)]
    for other in others:
        ARENAS.write(other.extent, 0, [b"\xff" * SIZE])
    assert set(block.tolist()) == {1} and set(scratch.tolist()) == {2}
    del block
    clung, unclung = Grants([], both.ask, both.lender).settle()
    assert clung == [] and unclung == [(found[0].arena, found[0].start)]
    kept.pop(unclung[0])
    del scratch, others
    clung, unclung = Grants([], both.ask, both.lender).settle()
    kept.pop(unclung[0])
    assert kept == {}


def test_a_block_that_is_none_after_all_is_free(used: int) -> None:
    both = Both(SIZE)
    array = both.made(SIZE, 1)
    found = both.grants.made_into_block(array)
    assert found is not None
    both.grants.undo([found[0]])
    del array
    assert both.grants.take(SIZE) == found[0]
    both.grants.undo([found[0]])
    assert both.grants.take(SIZE) == found[0] and both.asked == []
    both.granted.release([])


def test_what_was_not_granted_is_no_block() -> None:
    granted = Granted()
    with pytest.raises(AssertionError, match="not granted"):
        granted.own(0, 0, 4096)


KEPT: list[np.ndarray] = []


def kept(block: np.ndarray) -> np.ndarray:
    assert all((array == array.flat[0]).all() for array in KEPT), "somebody wrote to it"
    made = empty(block.shape, block.dtype)
    made[...] = block
    KEPT.append(made)
    return made


def test_functions_may_keep_what_they_make(used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    group = WorkerGroup(2, 1, "keeper")
    monkeypatch.setitem(EXECUTORS, "processes", group.start)
    try:
        x = ca.arange(8, chunks=1).reshape(8, 1) * ca.ones((8, 100_000), chunks=(1, 100_000))
        for _ in range(4):
            assert processes(x.map_blocks(kept).sum()) == 28 * 100_000
        assert ARENAS.used_bytes >= used + 800_000  # not all of it: some were made elsewhere
    finally:
        group.close()
