"""The run log: figures against plain Python over the same rows, and those who subscribe."""

from __future__ import annotations

import itertools
import logging
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import compute, delayed, last_run, observe
from chunkscope.events import Columns, RunFinished, RunStarted, TaskFailed, TaskFinished
from chunkscope.observe import figures, registry
from chunkscope.observe.runlog import RunLog, RunState

TIMES = st.floats(0, 100, allow_nan=False).map(lambda t: round(t, 2))


@given(st.lists(st.tuples(TIMES, st.floats(0.01, 50)), max_size=12))
def test_peak_overlap_by_looking_at_every_start(intervals: list[tuple[float, float]]) -> None:
    start = np.array([a for a, _ in intervals])
    stop = np.array([a + d for a, d in intervals])
    expected = max((int(((start <= t) & (t < stop)).sum()) for t in start), default=0)
    assert figures.peak_overlap(start, stop) == expected


@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9), st.integers(0, 10**12)), max_size=20), st.data()
)
def test_columns_are_read_by_cursor(rows: list[tuple[int, int, int]], data: st.DataObject) -> None:
    columns = Columns()
    cursor, seen = 0, []
    for i, (task, lane, nbytes) in enumerate(rows):
        columns.append(task, lane, i, i + 0.25, i + 0.5, nbytes, nbytes)
        if data.draw(st.booleans()):
            part = columns.since(cursor)
            cursor += len(part.task)
            seen += list(zip(part.task.tolist(), part.lane.tolist(), part.bytes_out.tolist(), strict=True))
    part = columns.since(cursor)
    seen += list(zip(part.task.tolist(), part.lane.tolist(), part.bytes_out.tolist(), strict=True))
    assert seen == rows
    assert len(columns) == len(rows)


def test_rows_over_the_bound_are_counted_not_kept() -> None:
    columns = Columns(limit=2)
    for i in range(5):
        columns.append(i, 0, 0.0, 0.0, 0.0, 0, 0)
    columns.extend([8, 9], 0, [0, 0], [0, 0], [0, 0], [0, 0], [0, 0])
    assert (len(columns), columns.dropped) == (2, 5)


def _run(**options: Any) -> RunLog:
    inc = delayed(lambda x: x + 1, name="inc")
    total = delayed(sum)([inc(i) for i in range(6)])
    total.compute(scheduler="sync", **options)
    found = last_run()
    assert found is not None
    return found


def test_figures_of_a_run() -> None:
    run = _run(label="six")
    rows = run.rows
    assert (run.ntasks, run.nfinished, run.state, run.label) == (7, 7, RunState.FINISHED, "six")
    assert run.busy_seconds == pytest.approx(sum(b - a for a, b in zip(rows.start, rows.stop, strict=True)))
    assert [(row.op, row.ntasks, row.finished) for row in run.by_operation()] == [
        ("inc", 6, 6),
        ("sum", 1, 1),
    ]
    assert run.peak_bytes == rows.stored.max() > 0
    assert 0 <= run.overhead_share <= 1 and run.peak_concurrency == 1
    path = run.critical_path()
    assert len(path) == 2 and path[1] == 6
    longest = max(range(6), key=lambda t: (rows.stop - rows.start)[rows.task.tolist().index(t)])
    assert path[0] == longest
    assert "run" in run.describe() and "inc: 6 of 6 tasks" in run.describe()
    assert run.running() == []
    assert run.origin is not None and "test_runlog.py" in str(run.origin)
    assert run.forecast is None  # what a delayed call gives back is not known before
    assert isinstance(run.why(0), str)
    with pytest.raises(KeyError, match="has no task 99"):
        run.why(99)


def test_events_are_typed_and_in_order() -> None:
    events = list(_run().events())
    assert isinstance(events[0], RunStarted) and isinstance(events[-1], RunFinished)
    tasks = [event for event in events if isinstance(event, TaskFinished)]
    assert len(tasks) == 7 and str(tasks[-1].key) == "sum-1[0]"
    assert all(a.seconds <= b.seconds for a, b in itertools.pairwise(events))
    assert all(task.duration >= 0 and task.waited >= -1e-9 for task in tasks)


def test_a_failed_run_tells_the_failure() -> None:
    with pytest.raises(ZeroDivisionError):
        delayed(lambda: 1 / 0, name="crash")().compute()
    run = last_run()
    assert run is not None
    failed = [event for event in run.events() if isinstance(event, TaskFailed)]
    assert len(failed) == 1 and failed[0].failure.operation == "crash"
    assert "ZeroDivisionError" in failed[0].failure.error


def test_subscribers_hear_both_moments_and_one_that_raises_is_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[str] = []
    before = list(registry._subscribers)

    def broken(run: RunLog, moment: str) -> None:
        raise RuntimeError("viewer")

    with observe.subscribe(lambda run, moment: heard.append(moment)), caplog.at_level(logging.CRITICAL):
        observe.subscribe(broken)
        assert compute(delayed(abs)(-1), delayed(abs)(-2)) == (1, 2)
        assert heard == ["started", "finished"]
    compute(delayed(abs)(-1))
    assert heard == ["started", "finished"]
    assert registry._subscribers == before


def test_the_registry_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MAX_RUNS", 3)
    for _ in range(5):
        run = _run()
    kept = observe.runs()
    assert len(kept) == 3 and kept[-1] is run and observe.last_run() is run


def test_views_need_a_viewer_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    run = _run()
    monkeypatch.setattr("chunkscope.observe.viewers.viewer", lambda name: None)
    with pytest.raises(
        AttributeError, match=r"timeline\(\) needs a viewer for cells: install chunkscope\[lab\]"
    ):
        run.timeline()
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = run.colour
