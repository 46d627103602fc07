"""Shared memory goes with its last reference, and the system gets it back."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from chunkscope.blocks.arenas import Arenas

MIB = 1 << 20


@pytest.fixture
def arenas() -> Iterator[Arenas]:
    before = len(os.listdir("/dev/fd"))
    found = Arenas(arena_bytes=4 * MIB, warm_bytes=MIB)
    yield found
    gc.collect()
    assert found.used_bytes == 0
    found.close()
    assert len(os.listdir("/dev/fd")) == before


def test_bytes_live_as_long_as_anything_made_from_them(arenas: Arenas) -> None:
    lease = arenas.lease(100_000)
    arenas.write(lease.extent, 0, [np.arange(10_000.0)])
    part = np.frombuffer(arenas.read(lease, lease.extent.start, 80_000), np.float64)[5:]
    del lease
    assert arenas.used_bytes >= 80_000 and part[0] == 5.0
    assert not part.flags.writeable
    view = memoryview(part)
    del part
    assert arenas.used_bytes >= 80_000
    del view


def test_freed_pages_are_used_again_and_given_back_beyond_a_bound(arenas: Arenas) -> None:
    for _ in range(20):
        lease = arenas.lease(MIB // 2)
        arenas.write(lease.extent, 0, [bytes(MIB // 2)])
        del lease
    assert arenas.resident_bytes <= MIB // 2
    leases = [arenas.lease(MIB) for _ in range(3)]
    for lease in leases:
        arenas.write(lease.extent, 0, [bytes(MIB)])
    del leases, lease
    assert arenas.resident_bytes <= MIB
    arenas.trim()
    assert arenas.resident_bytes == 0


def test_a_block_larger_than_an_arena_gets_one_of_its_own(arenas: Arenas) -> None:
    small, large = arenas.lease(1), arenas.lease(9 * MIB)
    assert small.extent.arena != large.extent.arena
    assert len(arenas.numbers) == 2
    del large
    arenas.trim()
    assert arenas.numbers == {small.extent.arena}
    del small


def test_leases_end_in_any_thread_while_others_begin(arenas: Arenas) -> None:
    def churn(seed: int) -> None:
        rng = np.random.default_rng(seed)
        held = []
        for _ in range(200):
            lease = arenas.lease(int(rng.integers(1, 60_000)))
            mark = bytes([int(rng.integers(0, 256))])
            arenas.write(lease.extent, 0, [mark * 100])
            held.append((lease, mark))
            if len(held) > 8:
                lease, mark = held.pop(int(rng.integers(0, 8)))
                assert bytes(arenas.read(lease, lease.extent.start, 100)) == mark * 100

    threads = [threading.Thread(target=churn, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
