"""Memory that is promised: the forecast, the budget, and what runs measure."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, plan
from chunkscope.blocks import LEDGER
from chunkscope.errors import MemoryBudgetError


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    """A small lazy array or number, from a few operations that store blocks in different ways."""
    shape = (draw(st.integers(4, 40)), draw(st.integers(4, 40)))
    chunks = (draw(st.integers(2, 20)), draw(st.integers(2, 20)))
    x = ca.random.default_rng(draw(st.integers(0, 9))).random(shape, chunks=chunks)
    for step in draw(st.lists(st.sampled_from("+T-rcs"), max_size=4)):
        if step == "+":
            x = x + 1
        elif step == "T":
            x = x.T
        elif step == "-":
            x = x - x.mean(axis=0)
        elif step == "r":
            x = x.rechunk((draw(st.integers(2, 20)), -1))
        elif step == "c":
            x = ca.concatenate([x, x * 2], axis=draw(st.integers(0, 1)))
        else:
            x = x[1:]
    return x.sum() if draw(st.booleans()) else x


@pytest.mark.parametrize("kind", ["sync", "processes", "cluster"])
@pytest.mark.usefixtures("cluster")
@given(x=arrays())
def test_one_lane_holds_exactly_what_was_forecast(kind: str, x: Any) -> None:
    held = LEDGER.held
    found = plan(x, scheduler="sync")
    x.compute(scheduler=kind, num_workers=1)
    run = last_run()
    assert run is not None
    graph, ranks = run.graph, run.ranks
    assert ranks is not None and all(layer.exact for layer in graph.layers)
    order = np.argsort(ranks)
    without_temporaries = found.forecast.during - graph.scratch[order]
    assert run.peak_block_bytes == without_temporaries.max(initial=0)
    assert run.peak_block_bytes <= run.peak_bytes <= found.peak_bytes
    assert (run.rows.scratch <= graph.scratch[run.rows.task]).all()
    assert LEDGER.held == held


@pytest.mark.parametrize("kind", ["threads", "processes", "cluster", "simulated"])
@pytest.mark.usefixtures("cluster")
@given(x=arrays(), workers=st.integers(1, 4))
def test_a_budget_is_kept(kind: str, x: Any, workers: int) -> None:
    right = x.compute(scheduler="sync")
    floor = plan(x, num_workers=workers).forecast.floor_bytes
    found = x.compute(memory=floor, num_workers=workers, scheduler=kind)
    run = last_run()
    assert run is not None and run.budget == floor
    assert run.peak_bytes <= floor
    np.testing.assert_array_equal(found, right)
    if floor > 1:
        with pytest.raises(MemoryBudgetError, match="is too small"):
            x.compute(memory=floor // 2, num_workers=workers)


@pytest.mark.parametrize("kind", ["threads", "processes", "cluster"])
@pytest.mark.usefixtures("cluster")
@given(x=arrays(), workers=st.integers(1, 4))
def test_no_run_measures_more_than_its_forecast(kind: str, x: Any, workers: int) -> None:
    found = plan(x, num_workers=workers)
    for memory in (None, found.peak_bytes):
        x.compute(memory=memory, num_workers=workers, scheduler=kind)
        run = last_run()
        assert run is not None
        assert run.peak_bytes <= found.peak_bytes <= found.forecast.bound_bytes


@pytest.mark.parametrize("kind", ["sync", "processes", "cluster"])
@pytest.mark.usefixtures("cluster")
def test_the_temporaries_of_a_fused_run_are_measured(kind: str) -> None:
    """A million points are drawn, squared and counted in tiles: blocks are a few bytes, tiles are not."""
    x = ca.random.default_rng(0).random((1_000_000, 2), chunks=(250_000, 2))
    inside = ((x**2).sum(axis=1) < 1).mean()
    found = plan(inside, scheduler="sync")
    inside.compute(scheduler=kind, num_workers=1)
    run = last_run()
    assert run is not None and run.peak_block_bytes < 100
    assert found.peak_bytes == run.peak_bytes > 1_000_000


def test_the_message_of_a_budget_too_small() -> None:
    x = ca.random.default_rng(0).random((1000, 1000), chunks=(500, 500))
    with pytest.raises(
        MemoryBudgetError, match=r"memory=97.7 KiB is too small: this plan needs at least .* MiB at once"
    ):
        (x - x.mean(axis=0)).compute(memory="100kB")


@pytest.mark.parametrize("kind", ["threads", "processes", "cluster"])
@pytest.mark.usefixtures("cluster")
def test_two_runs_share_one_budget(kind: str) -> None:
    """While a persisted megabyte is held, a run under the same budget has less room, and still comes to its end."""
    kept = ca.ones(125_000, chunks=12_500).persist(scheduler=kind)
    kept.sum().compute(scheduler=kind)
    x = ca.ones(250_000, chunks=12_500)
    assert (x + x.sum()).sum().compute(memory="2.5MB", scheduler=kind) == 250_000 * 250_001
    assert last_run().peak_bytes <= 2_500_000 - 1_000_000  # type: ignore[union-attr]
    del kept


def test_what_nobody_needs_is_dropped_at_once() -> None:
    alive = 0
    peak = 0
    lock = threading.Lock()

    class Tracked:
        def __init__(self) -> None:
            nonlocal alive, peak
            with lock:
                alive += 1
                peak = max(peak, alive)

        def __del__(self) -> None:
            nonlocal alive
            with lock:
                alive -= 1

    def make(*_: Any) -> Tracked:
        return Tracked()

    leaves = [delayed(make)() for _ in range(64)]
    while len(leaves) > 1:
        leaves = [delayed(make)(leaves[i], leaves[i + 1]) for i in range(0, len(leaves), 2)]
    compute(delayed(type)(leaves[0]), scheduler="sync")
    assert peak <= 9  # depth first: one value for each level of the tree, and the one being made
    assert alive == 0
