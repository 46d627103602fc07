"""Blocks: what they weigh, how they are protected, how long they live."""

from __future__ import annotations

import gc
import pickle
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chunkscope.blocks import LEDGER, StoredBlock, describe_block, lend, own, size_of
from chunkscope.errors import BlockLostError


@pytest.mark.parametrize(
    ("value", "nbytes"),
    [
        (None, 0),
        (np.zeros(10), 80),
        (np.float32(1), 4),
        (np.zeros((4, 4))[:2], 128),  # a view holds its base
        (pd.DataFrame({"a": [1, 2]}), 16 + 132),
    ],
)
def test_size_of(value: Any, nbytes: int) -> None:
    assert size_of(value) == pytest.approx(nbytes, abs=140 if isinstance(value, pd.DataFrame) else 0)


def test_size_of_containers_looks_one_level_in() -> None:
    assert size_of([np.zeros(100)]) >= 800
    assert size_of({"a": np.zeros(100)}) >= 800
    assert size_of(list(range(1000))) >= 8000


def test_own_locks_and_copies_small_views_of_large_arrays() -> None:
    x = np.arange(1000)
    assert own(x) is x and not x.flags.writeable
    part = own(np.arange(1000)[:3])
    assert part.base is None and part.tolist() == [0, 1, 2] and not part.flags.writeable
    assert own("text") == "text"


def test_lend_leaves_the_users_array_writable() -> None:
    x = np.arange(3)
    block = lend(x)
    assert np.shares_memory(block, x) and not block.flags.writeable and x.flags.writeable


def test_a_stored_block_is_booked_while_it_lives() -> None:
    gc.collect()
    before = LEDGER.held
    block = StoredBlock(5)
    assert block.nbytes == 5 and not block.done
    block.fill(np.zeros(100))
    assert (LEDGER.held, block.nbytes) == (before + 800, 800)
    del block
    gc.collect()
    assert LEDGER.held == before


def test_release_and_loss() -> None:
    before = LEDGER.held
    block = StoredBlock()
    block.fill(np.zeros(10))
    block.release()
    assert LEDGER.held == before
    with pytest.raises(BlockLostError, match="was released; compute or persist"):
        block.get()


def test_waiting_and_callbacks() -> None:
    block, heard = StoredBlock(), []
    block.when_done(lambda: heard.append("before"))
    assert not block.wait(0.0)
    threading.Timer(0.02, block.fill, (7,)).start()
    assert block.get() == 7 and heard == ["before"]
    block.when_done(lambda: heard.append("after"))
    assert heard == ["before", "after"]


def test_the_first_failure_counts() -> None:
    block = StoredBlock()
    block.fail(KeyError("a"))
    block.fail(ValueError("b"))
    assert block.failed
    with pytest.raises(KeyError):
        block.get()


def test_another_process_gets_a_copy() -> None:
    block = StoredBlock()
    block.fill(np.arange(3))
    assert pickle.loads(pickle.dumps(block)).get().tolist() == [0, 1, 2]


def test_describe_block() -> None:
    assert describe_block(np.zeros((2, 3), "i4")) == "ndarray of shape (2, 3), int32"
    assert describe_block([1, 2]) == "list of length 2"
    assert describe_block(1.5) == "float 1.5"
    assert describe_block(object()) == "object"
