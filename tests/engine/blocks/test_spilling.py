"""Shared memory stays below its limit: what was used longest ago is on disk, reads the same, and goes with its user."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chunkscope.blocks import spilling
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import Packed, pack
from chunkscope.blocks.spilling import SPILLER, Mark
from chunkscope.blocks.stored import StoredBlock

MIB = 1 << 20


@pytest.fixture(autouse=True)
def limited() -> Iterator[None]:
    gc.collect()
    owner = object()
    SPILLER.allow(owner, ARENAS.used_bytes + 4 * MIB)
    yield
    SPILLER.allow(owner, None)
    SPILLER.failure = ""
    gc.collect()
    assert SPILLER.spilled_bytes == 0


def blocks(n: int) -> list[Packed]:
    return [pack(np.full(MIB // 8, float(i))) for i in range(n)]


def on_disk(block: Packed) -> bool:
    lease = block.lease
    return lease is not None and lease.arenas is not ARENAS


def test_what_was_used_longest_ago_moves_and_reads_the_same() -> None:
    base = ARENAS.used_bytes
    found = blocks(4)
    found[0].load()
    found += blocks(1)
    assert ARENAS.used_bytes - base <= 4 * MIB
    assert not on_disk(found[0]) and on_disk(found[1]) and not on_disk(found[-1])
    for number, block in enumerate(found):
        x = block.load()
        assert x.min() == x.max() == float(number % 4)
        assert not x.flags.writeable
    assert SPILLER.spilled_bytes >= 2 * MIB and "on disk" in SPILLER.describe()


def test_a_stored_block_says_that_it_is_on_disk() -> None:
    stored = StoredBlock()
    stored.fill(pack(np.ones(MIB // 8)))
    assert stored.standing == "stored"
    others = blocks(5)
    assert stored.standing == "spilled" and float(stored.get().sum()) == MIB / 8
    assert len(others) == 5


def test_what_is_being_read_stays() -> None:
    first = blocks(1)[0]
    view = first.load()[5:]
    found = blocks(8)
    assert not on_disk(first) and any(map(on_disk, found))
    assert view[0] == 0.0


def test_parts_of_the_same_memory_move_together() -> None:
    whole = blocks(1)[0]
    lease, starts = whole.place()
    part = Packed(whole.shape, whole.nbytes, lease, starts)
    del lease
    found = blocks(8)
    assert on_disk(whole) and on_disk(part) and whole.lease is part.lease
    np.testing.assert_array_equal(part.load(), whole.load())
    assert len(found) == 8


def test_a_full_disk_keeps_blocks_in_memory(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    found = blocks(4)
    real = spilling.Arenas.write
    monkeypatch.setattr(
        spilling.Arenas, "write", lambda self, *rest: real(self, *rest) if self is ARENAS else full()
    )
    found += blocks(4)
    assert not any(map(on_disk, found))
    assert "No space left" in SPILLER.failure and "they stay in memory" in caplog.text
    assert [block.load()[0] for block in found[4:]] == [0.0, 1.0, 2.0, 3.0]


def test_nothing_is_left_in_the_folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = blocks(8)
    assert any(map(on_disk, found)) and os.listdir(tmp_path) == []


def test_a_block_for_which_no_room_can_be_made_goes_to_disk_at_once() -> None:
    held = [block.load() for block in blocks(4)]
    more = blocks(2)
    assert all(map(on_disk, more)) and [float(x[0]) for x in held] == [0.0, 1.0, 2.0, 3.0]
    assert [float(block.load()[0]) for block in more] == [0.0, 1.0]


def test_what_has_happened_is_told_with_its_reason_and_its_task() -> None:
    SPILLER.news.clear()
    found = blocks(4)
    for number, block in enumerate(found):
        block.sign(Mark("w", 7, number))
        block.sign(Mark("x", 8, number))  # the first to sign has made it
    more = blocks(1)
    told = list(SPILLER.news)
    assert [(one.kind, one.mark) for one in told] == [("spilled", Mark("w", 7, n)) for n in range(len(told))]
    assert told and all("of at most" in one.reason and one.nbytes == MIB for one in told)
    memory, disk = SPILLER.by_worker()["w"]
    assert (memory, disk) == ((4 - len(told)) * MIB, len(told) * MIB)
    SPILLER.news.clear()
    assert found[0].load()[0] == found[0].load()[0] == 0.0
    assert [(one.kind, one.mark) for one in SPILLER.news] == [("read", Mark("w", 7, 0))]
    assert len(more) == 1


def test_a_disk_that_was_full_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    SPILLER.news.clear()
    found = blocks(4)
    with monkeypatch.context() as patch:
        patch.setattr(spilling, "_nameless_file", full)
        patch.setattr(SPILLER, "_disk", None)
        found += blocks(2)
    assert not any(map(on_disk, found)) and SPILLER.news[0].kind == "full"
    found += blocks(1)
    assert not any(map(on_disk, found))  # it was full a moment ago
    monkeypatch.setattr(spilling, "RETRY_SECONDS", 0.0)
    found += blocks(1)
    assert any(map(on_disk, found)) and not SPILLER.failure


def test_memory_that_was_used_and_is_free_counts_too() -> None:
    used = ARENAS.used_bytes
    found = blocks(4)
    del found
    gc.collect()
    assert SPILLER.limit is not None
    assert ARENAS.taken_bytes <= used + SPILLER.limit // 8
    big = pack(np.zeros(3 * MIB // 8))
    assert ARENAS.taken_bytes <= SPILLER.limit and not on_disk(big)
