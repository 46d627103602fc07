"""Recycled memory: never two arrays on one, never more than what was dropped."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.blocks.recycle import SMALLEST_BYTES, Recycler

SIZES = st.sampled_from([SMALLEST_BYTES - 8, SMALLEST_BYTES, SMALLEST_BYTES * 2, SMALLEST_BYTES * 2 + 8])


@given(st.lists(st.tuples(st.booleans(), SIZES, st.integers(0, 9)), max_size=30))
def test_live_arrays_never_share_memory_and_kept_bytes_stay_below_the_peak(
    steps: list[tuple[bool, int, int]],
) -> None:
    recycler = Recycler()
    live: list[Any] = []
    peak = 0
    for makes, nbytes, pick in steps:
        if makes or not live:
            x = recycler.empty((nbytes // 8,), np.float64)
            assert x.flags.writeable and x.flags.c_contiguous and x.nbytes == nbytes
            assert not any(np.shares_memory(x, other) for other in live)
            x.setflags(write=False)
            live.append(x)
            del x
        else:
            holder = [live.pop(pick % len(live))]
            recycler.give(holder)
        used = sum(x.nbytes for x in live if x.nbytes >= SMALLEST_BYTES)
        peak = max(peak, used)
        assert used + recycler.kept_bytes <= peak
        assert recycler.kept_bytes == sum(k * len(v) for k, v in recycler._kept.items())
    recycler.clear()
    assert recycler.kept_bytes == 0


def test_what_somebody_still_refers_to_is_not_taken() -> None:
    recycler = Recycler()
    x = recycler.empty((SMALLEST_BYTES,), np.uint8)
    view = x[3:]
    holder = [x]
    del x
    recycler.give(holder)
    assert recycler.kept_bytes == 0
    view[:] = 1  # still its own memory
    y = recycler.empty((SMALLEST_BYTES,), np.uint8)
    recycler.give([y])  # `y` is alive here
    assert recycler.kept_bytes == 0


def test_what_did_not_come_from_here_is_not_taken() -> None:
    recycler = Recycler()
    for value in (
        np.zeros(SMALLEST_BYTES),
        np.zeros((512, 512))[1:],
        "text",
        None,
        np.empty(10**6, dtype=object),
    ):
        holder = [value]
        del value
        recycler.give(holder)
    assert recycler.kept_bytes == 0


def test_many_threads() -> None:
    recycler = Recycler()
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(200):
            x = recycler.empty((SMALLEST_BYTES // 8,), np.int64)
            x[:] = number
            if (x != number).any():
                wrong.append(number)
            holder = [x]
            del x
            recycler.give(holder)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
