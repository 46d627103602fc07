"""Profilers: rows that say what the run log says, charts that hold them, nothing left behind."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, persist, simulate
from chunkscope.diagnostics import (
    CacheProfiler,
    Callback,
    MemorySampler,
    Profiler,
    ProgressBar,
    ResourceProfiler,
    get_task_stream,
    visualize,
)
from chunkscope.diagnostics.charts import task_chart
from chunkscope.errors import ConfigError
from chunkscope.executors.report import Report
from chunkscope.executors.run import Run
from chunkscope.futures import Client
from tests.engine.display.samples import HOSTILE
from tests.engine.patience import until


def inc(x: int) -> int:
    """One more."""
    return x + 1


def run_some(scheduler: str = "sync") -> None:
    """Two sums of three."""
    compute([delayed(sum)([delayed(inc)(i) for i in range(3)]) for _ in range(2)], scheduler=scheduler)


@pytest.mark.parametrize("scheduler", ["sync", "threads", "simulated"])
def test_results_are_the_rows_of_the_log(scheduler: str) -> None:
    with Profiler() as prof:
        run_some(scheduler)
    run = last_run()
    assert run is not None and len(prof.results) == run.ntasks == 8
    rows = run.rows
    for row, start, stop in zip(prof.results, rows.start, rows.stop, strict=True):
        assert row.end_time - row.start_time == pytest.approx(stop - start, abs=1e-6)
        assert abs(row.start_time - run.wall_started) < 60
    assert {row.task for row in prof.results} == {"inc", "sum"}
    assert {row.worker_id for row in prof.results} <= set(run.lanes)


def test_a_block_forgets_what_was_before_and_register_does_not() -> None:
    prof = Profiler()
    prof.register()
    prof.register()
    assert prof in Profiler.active and prof in Callback.active
    run_some()
    run_some()
    prof.unregister()
    run_some()
    assert len(prof.results) == 16 and prof not in Profiler.active
    with prof:
        run_some()
    assert len(prof.results) == 8
    prof.clear()
    assert prof.results == []


def test_runs_that_go_on_in_the_background_are_followed() -> None:
    gate = threading.Event()
    with Profiler() as prof:
        x = delayed(gate.wait)(30).persist(scheduler="threads")
    assert prof.results == []
    gate.set()
    assert x.compute() is True
    until(lambda: prof.runs[0].stopped)  # a task's row comes a moment after its result
    assert [row.task for row in prof.results] == ["wait"]


def test_of_what_was_waited_for_the_rows_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Run.exchange

    def late(run: Run, lane: int, report: Report | None, **options: bool) -> list[int] | None:
        if report is not None:
            time.sleep(0.1)  # its result is there, its row is not
        return exchange(run, lane, report, **options)

    monkeypatch.setattr(Run, "exchange", late)
    with Client(processes=False, n_workers=1) as client, get_task_stream(client) as stream:
        assert client.submit(abs, -1).result() == 1
    assert [row["name"] for row in stream.data] == ["abs"]


def test_what_is_held_and_for_how_long() -> None:
    x = ca.ones((400, 100), chunks=(100, 100))
    with CacheProfiler(metric=lambda block: block.nbytes, metric_name="bytes") as prof, Profiler() as tasks:
        x.sum(axis=0).compute(scheduler="sync", rules=False)
    run = last_run()
    assert run is not None
    ended = {row.key: row.end_time for row in tasks.results}
    made = dict(zip((row.key for row in tasks.results), run.rows.bytes_out.tolist(), strict=True))
    readers: dict[Any, list[Any]] = {row.key: [] for row in tasks.results}
    graph = run.graph
    for task in range(graph.ntasks):
        for slot in graph.inputs_of(task):
            readers[graph.key(int(graph.slot_task[slot]))].append(graph.key(task))
    assert [row.metric for row in prof.results] == [made[row.key] for row in prof.results]
    assert sum(row.metric for row in prof.results) > 4 * 100 * 100 * 8
    for row in prof.results:
        assert row.cache_time == pytest.approx(ended[row.key], abs=1e-5)
        last = max((ended[reader] for reader in readers[row.key]), default=ended[row.key])
        assert row.free_time == pytest.approx(last, abs=1e-5)


def test_by_default_every_output_counts_one() -> None:
    with CacheProfiler() as prof:
        run_some()
    assert [row.metric for row in prof.results] == [1] * 8 and prof.metric_name == "count"


def test_the_process_is_sampled_while_the_block_lasts() -> None:
    with ResourceProfiler(dt=0.005) as prof:
        run_some()
        assert [t for t in threading.enumerate() if t.name == "chunkscope-sampler"]
    assert not [t for t in threading.enumerate() if t.name == "chunkscope-sampler"]
    assert len(prof.results) >= 2
    assert all(row.mem > 1 and row.cpu >= 0 and row.managed >= 0 for row in prof.results)
    assert [row.time for row in prof.results] == sorted(row.time for row in prof.results)


def test_a_registered_sampler_samples_during_runs_only() -> None:
    prof = ResourceProfiler(dt=0.01)
    prof.register()
    assert prof.results == []
    run_some()
    count = len(prof.results)
    assert count >= 2
    assert not [t for t in threading.enumerate() if t.name == "chunkscope-sampler"]
    run_some()
    assert len(prof.results) > count
    prof.unregister()
    with pytest.raises(ConfigError, match="dt=0"):
        ResourceProfiler(dt=0)


def test_charts_hold_every_task(tmp_path: Path) -> None:
    with Profiler() as prof, ResourceProfiler(dt=0.01) as resources, CacheProfiler() as cache:
        run_some("threads")
    page = tmp_path / "profile.html"
    column = visualize([prof, resources, cache], filename=page, show=False)
    assert len(column.children) == 3 and page.stat().st_size > 500_000
    bars = [renderer for renderer in column.children[0].renderers if "left" in renderer.data_source.data]
    keys = [key for renderer in bars for key in renderer.data_source.data["key"]]
    assert sorted(keys) == sorted(str(row.key) for row in prof.results)
    samples = column.children[1].renderers[0].data_source.data
    assert len(samples["x"]) == len(resources.results)
    text = page.read_text()
    assert "http://" not in text.split("</script>")[-1] and "cdn.bokeh" not in text.lower().split("<body")[1]
    assert visualize(prof, filename=page, show=False, save=False).title.text.startswith("Tasks")


def test_of_many_tasks_the_longest_are_drawn() -> None:
    cost = {"one": 1.0, "two": 2.0, "sum": 0.5}
    one, two = (delayed(inc, name=name) for name in ("one", "two"))
    with Profiler() as prof:
        for _ in range(2):
            simulate(delayed(sum)([*(one(i) for i in range(4)), *(two(i) for i in range(3))]), cost=cost)
    rows, total = prof.longest(6)
    assert total == 16 and [row.task for row in rows] == ["two"] * 6
    assert rows == [row for row in prof.results if row.task == "two"]
    assert prof.longest(100) == (prof.results, 16)
    chart = task_chart(rows, total=total)
    assert chart.title.text == "Tasks by lane: the 6 longest of 16"


def test_charts_of_nothing_say_so(tmp_path: Path) -> None:
    for prof in (Profiler(), ResourceProfiler(), CacheProfiler()):
        chart = visualize(prof, filename=tmp_path / "x.html", show=False)
        assert any(words in chart.title.text for words in ("none", "no samples"))


def test_names_that_are_code_are_only_text(tmp_path: Path) -> None:
    def named(x: int) -> int:
        return x

    named.__name__ = HOSTILE
    with Profiler() as prof, CacheProfiler() as cache:
        compute(delayed(named)(1))
    visualize([prof, cache], filename=tmp_path / "x.html", show=False)
    assert "<script>alert(1)" not in (tmp_path / "x.html").read_text()


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot draw a ProgressBar"):
        visualize(ProgressBar())  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="mode='cdn'"):
        visualize(Profiler(), mode="cdn")
    with pytest.raises(ConfigError, match="nothing to draw"):
        visualize([])


def test_the_task_stream_has_a_row_for_each_task(tmp_path: Path) -> None:
    page = tmp_path / "stream.html"
    with get_task_stream(plot="save", filename=page) as ts:
        run_some()
        simulate(delayed(inc)(1), cost=2.0)
    assert len(ts.data) == 9 and page.exists()
    assert {row["name"] for row in ts.data} == {"inc", "sum"}
    for row in ts.data:
        computing = row["startstops"][-1]
        assert computing["action"] == "compute" and computing["stop"] >= computing["start"]
    assert ts.data[-1]["startstops"][-1]["stop"] - ts.data[-1]["startstops"][-1]["start"] == pytest.approx(
        2.0
    )
    with pytest.raises(ConfigError, match="plot='yes'"):
        get_task_stream(plot="yes")


def test_memory_of_labelled_pieces_of_code() -> None:
    ms = MemorySampler()
    with ms.sample("one", interval=0.005):
        run_some()
    with ms.sample("one", measure="managed", interval=0.005):
        (x,) = persist(ca.ones(100_000, chunks=50_000))
        x.sum().compute()
    assert list(ms.samples) == ["one", "one (2)"]
    assert min(nbytes for _, nbytes in ms.samples["one"]) > 1_000_000
    assert ms.samples["one (2)"][-1][1] - ms.samples["one (2)"][0][1] >= 800_000
    table = ms.to_pandas(align=True)
    assert list(table.columns) == ["one", "one (2)"] and table.index[0].total_seconds() == 0
    assert ms.to_pandas().index.is_monotonic_increasing
    assert len(ms.plot(align=True).renderers) == 2
    with pytest.raises(ConfigError, match="measure='guess'"), ms.sample(measure="guess"):
        pass


@pytest.mark.parametrize(
    ("cls", "names"),
    [
        (ProgressBar, "active register unregister"),
        (Profiler, "active clear register unregister visualize results"),
        (ResourceProfiler, "active clear close register unregister visualize results"),
        (CacheProfiler, "active clear register unregister visualize results"),
        (Callback, "active register unregister"),
        (MemorySampler, "sample to_pandas plot"),
    ],
)
def test_dasks_names_are_there(cls: type, names: str) -> None:
    one = cls()
    assert all(hasattr(one, name) for name in names.split())


def test_what_is_registered_is_active() -> None:
    for one in (ProgressBar(), Profiler(), ResourceProfiler(), CacheProfiler(), Callback()):
        one.register()
        assert one in type(one).active and one in Callback.active
        one.unregister()
        assert one not in Callback.active
