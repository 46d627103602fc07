"""Arrays on every executor: the same numbers to the last bit, errors with block and slice, kernels that pickle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import compute, last_run, persist


def programs() -> dict[str, Any]:
    """Lazy values that use sources, fusion, trees, rearrangements and several outputs."""
    x = ca.random.default_rng(7).normal(size=(60, 40), chunks=(16, 11))
    y = ca.from_array(np.arange(2400.0).reshape(60, 40), chunks=(25, 40))
    u, s, v = ca.linalg.svd(ca.random.default_rng(1).random((200, 6), chunks=(50, 6)))
    return {
        "fused": ((x**2 + y).sum(axis=1) < 900).mean(),
        "tree": (x - x.mean(axis=0)).std(axis=0),
        "aligned": x[:40] + x[:40].T,
        "moved": ca.concatenate([x.T, y.T[:, ::-2]], axis=1).rechunk((7, 13)),
        "product": x.T @ y,
        "product with itself": ca.concatenate([x, x[:, ::2]], axis=1)
        @ ca.concatenate([x, x[:, ::2]], axis=1).T,
        "custom": x.map_blocks(lambda block: block.cumsum(axis=0), dtype=float),
        "svd": (u * s) @ v,
    }


@pytest.mark.parametrize("name", list(programs()))
def test_every_executor_gives_the_same_bits(name: str, executor: str) -> None:
    right = programs()[name].compute(scheduler="sync")
    found = programs()[name].compute(scheduler=executor)
    np.testing.assert_array_equal(found, right)
    assert np.asarray(found).dtype == np.asarray(right).dtype


def test_all_at_once(executor: str) -> None:
    right = compute(*programs().values(), scheduler="sync")
    found = compute(*programs().values(), scheduler=executor)
    for a, b in zip(found, right, strict=True):
        np.testing.assert_array_equal(a, b)


def test_results_are_writable_and_alias_nothing(executor: str) -> None:
    source = np.arange(12.0).reshape(3, 4)
    x = ca.from_array(source, chunks=(3, 2))
    (kept,) = persist(x, scheduler=executor)
    first = kept.compute(scheduler=executor)
    first[:] = -1
    assert source[0, 1] == 1.0 and kept.compute(scheduler=executor)[0, 1] == 1.0
    assert source.flags.writeable


def test_a_function_that_raises_in_block_2_3(executor: str) -> None:
    def picky(block: Any, block_id: tuple[int, int] | None = None) -> Any:
        if block_id == (2, 3):
            raise LookupError("this block is not to my taste")
        return block

    x = ca.ones((60, 40), chunks=(20, 10))
    tasted = x.map_blocks(picky, dtype=float)
    with pytest.raises(LookupError, match="not to my taste") as caught:
        tasted.compute(scheduler=executor)
    (note,) = caught.value.__notes__
    assert "block (2, 3), elements [40:60, 30:40]" in note
    assert "variable: tasted" in note and "inputs: ndarray of shape (20, 10), float64" in note
    run = last_run()
    assert run is not None and run.error is not None and run.error.key.block == (2, 3)


def test_a_function_that_mutates_its_input(executor: str) -> None:
    def careless(block: Any) -> Any:
        block += 1
        return block

    with pytest.raises(ValueError, match="read-only") as caught:
        ca.ones((4, 4), chunks=2).map_blocks(careless, dtype=float).compute(scheduler=executor)
    assert "remedy: blocks are read-only" in caught.value.__notes__[0]
