"""Memory by operation: against plain Python over the same rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, persist
from chunkscope.observe import RunLog
from chunkscope.observe.memory import MOMENTS, lifetimes
from tests.engine.display.samples import safe_page


def run_of(chunk: int, scheduler: str = "sync", rules: bool | None = None) -> RunLog:
    x = ca.random.default_rng(1).random((120, 120), chunks=(chunk, 60))
    (x + x.T.rechunk(x.chunks)).sum(axis=0).compute(scheduler=scheduler, rules=rules)
    run = last_run()
    assert run is not None
    return run


@given(st.sampled_from([30, 40, 60]), st.sampled_from(["sync", "threads", "simulated"]), st.booleans())
def test_operations_add_up_at_every_moment(chunk: int, scheduler: str, rules: bool) -> None:
    use = run_of(chunk, scheduler, rules).memory()
    assert (use.measured.sum(axis=0) == use.held).all()
    assert use.peak_bytes == use.run.peak_bytes == use.held.max()
    assert sum(row.measured for row in use.operations) == use.peak_bytes
    assert all(row.highest >= row.measured >= row.temporaries >= 0 for row in use.operations)


def test_lifetimes_by_looking_at_every_reader() -> None:
    run = run_of(40, rules=False)
    rows, graph = run.rows, run.graph
    stop = dict(zip(rows.task.tolist(), rows.stop.tolist(), strict=True))
    lives = lifetimes(run.graphs, rows, 0.0)
    for task, born, dies in zip(rows.task.tolist(), lives.born, lives.dies, strict=True):
        readers = [t for t in range(graph.ntasks) if task in [graph.slot_task[s] for s in graph.inputs_of(t)]]
        assert born == stop[task]
        assert dies == max([stop[task], *(stop[reader] for reader in readers)])


def test_declared_equals_measured_where_sizes_are_exact() -> None:
    use = run_of(40, "sync", rules=False).memory()
    assert use.forecast_bytes is not None and use.peak_bytes <= use.forecast_bytes
    assert use.measured[-1].sum() == 0
    np.testing.assert_array_equal(use.declared[:-1], use.measured[:-1])


def test_one_task() -> None:
    run = run_of(40, rules=False)
    use = run.memory()
    for row in use.largest(5):
        makers = {int(run.graph.slot_task[slot]) for slot in run.graph.inputs_of(row.task)}
        made = dict(zip(run.rows.task.tolist(), run.rows.bytes_out.tolist(), strict=True))
        assert row.made == made[row.task] and row.read == sum(made[maker] for maker in makers)
        assert row.key == run.graph.key(row.task)
    sizes = [row.made + row.temporaries for row in use.largest(5)]
    assert sizes == sorted(sizes, reverse=True)
    with pytest.raises(KeyError):
        use.task(10_000)


def test_long_runs_keep_their_peak() -> None:
    gone = [delayed(bytes)(i % 97 * 100) for i in range(3 * MOMENTS)]
    compute(delayed(len)(gone), scheduler="sync")
    run = last_run()
    assert run is not None
    use = run.memory()
    assert len(use.times) == MOMENTS and use.held.max() == run.peak_bytes
    assert "len" in use.describe() and use.forecast_bytes is None


def test_stored_blocks_are_not_counted_twice() -> None:
    (x,) = persist(ca.ones((100, 100), chunks=50), scheduler="sync")
    x.sum().compute(scheduler="sync", rules=False)
    run = last_run()
    assert run is not None
    table = {row.op: row for row in run.memory().operations}
    assert table["stored"].measured == table["stored"].declared == 0


def test_a_run_of_nothing_finished_and_the_page() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        compute(delayed(fail)(), scheduler="sync")
    run = last_run()
    assert run is not None and run.memory().operations == () and run.memory().peak_bytes == 0
    safe_page(run.memory()._repr_html_() or "")
    page = run_of(40).memory()._repr_html_()
    safe_page(page or "")
    assert page and "Bytes in use by operation" in page
