"""Measured memory of tasks, and who owns the bytes."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, persist
from chunkscope.blocks import LEDGER, claims
from chunkscope.diagnostics import MemoryProfiler, memory_owners
from chunkscope.errors import ConfigError
from chunkscope.executors.instruments import INSTRUMENTS
from tests.engine.display.samples import HOSTILE, safe_page
from tests.engine.patience import becomes

MEGA = 8_000_000


def three_temporaries(block: Any) -> float:
    """At its peak it holds two arrays of the block's size beside the block."""
    one = block + 1
    two = one * 2
    return float(two.sum())


@pytest.mark.parametrize("scheduler", [None, "sync"])
def test_the_real_peak_of_each_task(scheduler: str | None) -> None:
    blocks = [delayed(np.zeros)(n * MEGA // 8) for n in (1, 2, 4)]
    with MemoryProfiler(measure="tracemalloc") as prof:
        compute([delayed(three_temporaries)(block) for block in blocks], scheduler=scheduler)
    run = last_run()
    assert run is not None and run.executor == (scheduler or "sync")
    peaks = {str(row.key): row.measured or 0 for row in prof.results}
    made = sorted(peak for key, peak in peaks.items() if key.startswith("zeros"))
    used = sorted(peak for key, peak in peaks.items() if key.startswith("three"))
    assert made == [pytest.approx(n * MEGA, rel=0.05) for n in (1, 2, 4)]
    assert used == [pytest.approx(2 * n * MEGA, rel=0.05) for n in (1, 2, 4)]
    assert not INSTRUMENTS and not tracemalloc.is_tracing()
    table = {row.op: row for row in prof.operations}
    row = table["three_temporaries"]
    assert row.measured is not None
    assert row.tracked < 1000 < row.measured
    assert "measured" in prof.describe() and "tracemalloc" in prof.describe()


def test_tasks_side_by_side_are_not_measured() -> None:
    with MemoryProfiler(measure="tracemalloc") as prof:
        compute([delayed(bytes)(1000) for _ in range(3)], scheduler="threads")
    assert [row.measured for row in prof.results] == [None] * 3


def test_a_task_that_computes_keeps_its_own_peak() -> None:
    def outer() -> float:
        before = np.zeros(MEGA // 8).sum()
        return float(before + delayed(three_temporaries)(np.zeros(MEGA // 2 // 8)).compute())

    with MemoryProfiler(measure="tracemalloc") as prof:
        compute(delayed(outer)())
    peaks = {row.op: row.measured for row in prof.results}
    assert peaks["three_temporaries"] == pytest.approx(MEGA, rel=0.05)
    assert peaks["outer"] == pytest.approx(1.5 * MEGA, rel=0.1)  # half a block, and the inner task's peak


def test_built_in_operations_measure_what_they_declare() -> None:
    x = ca.ones((1000, 1000), chunks=(250, 1000))
    with MemoryProfiler(measure="tracemalloc") as prof:
        (x + x.T.rechunk(x.chunks)).sum(axis=0).compute(rules=False)
    for row in prof.results:
        assert row.measured is not None and row.measured <= 1.1 * row.declared + 100_000, row


def test_from_the_log_it_costs_nothing_and_takes_any_executor() -> None:
    with MemoryProfiler() as prof:
        assert not INSTRUMENTS and not tracemalloc.is_tracing()
        compute([delayed(bytes)(1000) for _ in range(3)], scheduler="threads")
    assert [row.measured for row in prof.results] == [None] * 3
    assert all(row.tracked > 1000 and row.declared == 64 for row in prof.results)
    safe_page(prof._repr_html_())
    assert "not measured" in prof._repr_html_()
    with pytest.raises(ConfigError, match="measure='magic'"):
        MemoryProfiler(measure="magic")


def test_tracing_of_the_user_goes_on() -> None:
    tracemalloc.start()
    try:
        with MemoryProfiler(measure="tracemalloc"):
            compute(delayed(bytes)(10))
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def owned(**namespace: Any) -> dict[str, tuple[int, int]]:
    gc.collect()
    found = memory_owners(namespace).owners
    return {row.name: (row.nbytes, row.nblocks) for row in found if row.kind == "persisted"}


def test_persisted_collections_by_their_variables() -> None:
    before = LEDGER.held
    x = ca.ones((1000, 100), chunks=(100, 100)).persist(scheduler="sync")
    y = x + 1
    (z,) = persist(delayed(bytes)(5000), scheduler="sync", label=HOSTILE)
    found = owned(x=x, y=y)
    assert found["x, y"] == (800_000, 10)
    assert found[HOSTILE][1] == 1 and found[HOSTILE][0] > 5000
    assert memory_owners().held == LEDGER.held >= before + 805_000
    safe_page(memory_owners()._repr_html_())
    assert HOSTILE in memory_owners({}).describe()
    del x, y, z
    assert "x, y" not in owned() and HOSTILE not in owned()
    assert all(one.blocks for one in claims())


def test_a_run_that_goes_on_owns_its_blocks() -> None:
    gate, there = threading.Event(), threading.Event()

    def wait(block: bytes) -> bool:
        there.set()
        return gate.wait(30)

    x = delayed(wait)(delayed(bytes)(100_000)).persist(scheduler="threads", label="long")
    assert there.wait(30)
    table = {row.kind: row for row in memory_owners({}).owners}
    run = last_run()
    assert run is not None and table["run"].name == f"{run.number} long"
    assert table["run"].nbytes >= 100_000
    assert "1 of 1 block still to come" in table["persisted"].detail
    gate.set()
    assert x.compute() is True
    # the run ends a moment after its result is there
    assert becomes(lambda: "run" not in {row.kind for row in memory_owners({}).owners})
