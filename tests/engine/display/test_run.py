"""The page of a run: what it shows is what the log says."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope import RunLog, compute, config, delayed, last_run, simulate
from chunkscope.display import run_html, run_text
from chunkscope.display.costs import costs_of, titles_of
from chunkscope.display.page import html_of
from chunkscope.display.timeline import LEFT, MAX_BARS, WIDTH, timeline_svg
from chunkscope.events import Rows
from chunkscope.observe import RunState
from chunkscope.observe.recording import record
from chunkscope.units import format_bytes, format_seconds
from tests.engine.display.samples import HOSTILE, SVG, call_graph, pictures, safe_page, texts, tree_graph


def inc(x: int) -> int:
    """One more."""
    return x + 1


def finished(value: Any, **options: Any) -> RunLog:
    """The log of computing a value."""
    compute(value, **options)
    run = last_run()
    assert run is not None
    return run


def recorded(lanes: int = 2, tasks: int | None = None, graph: Any = None) -> RunLog:
    """A log with made-up rows: every task takes a second, lanes take turns."""
    graph = tree_graph() if graph is None else graph
    run = RunLog(
        7,
        graph,
        executor="threads",
        label="a label",
        lanes=[f"thread-{i}" for i in range(lanes)],
        started=100.0,
    )
    for task in range(graph.ntasks if tasks is None else tasks):
        start = 100.0 + task // lanes
        run.columns.append(task, task % lanes, start, start, start + 1, 80, 80 * (1 + task % 5))
    return run


def test_the_figures_are_those_of_the_log() -> None:
    x = ca.ones((400, 400), chunks=100)
    run = finished((x + x.T).sum(), scheduler="sync", memory="100MB")
    words = safe_page(run_html(run))
    assert f"Run {run.number}" in words and "finished" in words
    assert format_seconds(run.seconds) in words
    assert format_bytes(run.peak_bytes) in words
    assert "95.4 MiB" in words  # the budget
    for row in run.by_operation():
        assert row.op in words
    assert run_text(run) == run.describe()
    assert html_of(run) == run_html(run)


def test_calls_are_told_apart_by_their_functions() -> None:
    run = finished(delayed(sum)([delayed(inc)(i) for i in range(4)]), scheduler="sync")
    assert [(cost.title, cost.ntasks, cost.finished) for cost in costs_of(run)] == [
        ("inc", 4, 4),
        ("sum", 1, 1),
    ]
    assert math.isclose(sum(cost.seconds for cost in costs_of(run)), run.busy_seconds)
    titles, numbers = titles_of(run)
    assert [titles[number] for number in numbers] == ["inc"] * 4 + ["sum"]


def test_every_task_is_a_bar_at_its_time_and_lane() -> None:
    run = recorded()
    run.close(RunState.FINISHED, 111.0)
    svg = timeline_svg(run)
    (picture,) = pictures(svg)
    bars = [
        bar
        for group in picture.iter(f"{SVG}g")
        if group.find(f"{SVG}title") is not None
        for bar in group.iter(f"{SVG}rect")
    ]
    assert len(bars) == run.nfinished == 22
    by_lane: dict[float, list[float]] = {}
    for bar in bars:
        by_lane.setdefault(float(bar.get("y", 0)), []).append(float(bar.get("x", 0)) - LEFT)
    for places in by_lane.values():
        assert places == pytest.approx([WIDTH * i / 11 for i in range(11)], abs=0.06)
    assert [text for text in texts(picture) if text.startswith("thread")] == ["thread-0", "thread-1"]
    assert texts(picture).count("random") == 9  # wide bars have their names
    assert "random [0, 0], 1.00 s from 0 s" in texts(picture, "title")


def test_a_busy_time_line_shows_how_full_the_lanes_were() -> None:
    graph = call_graph([[] for _ in range(2 * MAX_BARS)], ["f"] * 2 * MAX_BARS)
    run = recorded(lanes=1, tasks=MAX_BARS + 100, graph=graph)
    run.close(RunState.FINISHED, run.started + 2 * (MAX_BARS + 100))
    (picture,) = pictures(timeline_svg(run))
    blocks = [rect for rect in picture.iter(f"{SVG}rect") if rect.get("fill-opacity")]
    assert [(rect.get("width"), rect.get("fill-opacity")) for rect in blocks] == [
        (str(int(WIDTH / 2)), "1.00")
    ]
    assert "the darker, the busier" in texts(picture)


def test_more_lanes_than_fit_are_counted() -> None:
    run = recorded(lanes=22)
    run.close(RunState.FINISHED, 101.0)
    (picture,) = pictures(timeline_svg(run))
    assert "6 more lanes" in texts(picture)


@pytest.mark.parametrize("state", list(RunState))
def test_every_state_has_its_word_and_its_glyph(state: RunState) -> None:
    run = recorded(tasks=5)
    if state is not RunState.RUNNING:
        run.close(state, 111.0)
    words = safe_page(run_html(run))
    assert state.value in words and "5 of 22" in words and "a label" in words
    assert words.split("}")[-1].lstrip()[0] in "◐●✖⊘"


def test_a_failure_is_told() -> None:
    def fail(x: int) -> None:
        raise ValueError(HOSTILE)

    with pytest.raises(ValueError, match="script"):
        compute(delayed(fail, name=HOSTILE)(1), scheduler="sync")
    run = last_run()
    assert run is not None
    words = safe_page(run_html(run))
    assert "Run only this task here" in words and HOSTILE in words


def test_a_simulated_run_says_that_its_time_is_virtual() -> None:
    run = simulate(ca.ones((40, 40), chunks=10).sum(), workers=3, cost=1.0)
    words = safe_page(run_html(run))
    assert "(virtual)" in words and format_seconds(run.seconds) in words


def test_a_run_with_nothing_in_it_is_a_page_too() -> None:
    run = recorded(tasks=0)
    run.close(RunState.CANCELLED, 100.0)
    words = safe_page(run_html(run))
    assert "cancelled" in words and "0 of 22" in words


def test_a_long_run_stays_small() -> None:
    count = 200_000
    graph = call_graph([[] for _ in range(count)], [f"f{i % 300}" for i in range(count)])
    run = RunLog(1, graph, executor="threads", lanes=["a", "b"], started=0.0)
    rng = np.random.default_rng(0)
    start = np.sort(rng.random(count) * 100)
    lane = rng.integers(0, 2, count)
    columns = Rows(
        np.arange(count),
        lane,
        start,
        start,
        start + 1e-3,
        np.full(count, 8),
        rng.integers(0, 99, count),
        np.zeros(count, np.int64),
    )
    for row in zip(*(column.tolist() for column in columns), strict=True):
        run.columns.append(*row)
    run.close(RunState.FINISHED, 101.0)
    html = run_html(run)
    assert len(html.encode()) < 120_000
    safe_page(html)


def test_memory_is_drawn_with_its_peak_and_its_budget() -> None:
    with config.set(scheduler="sync"):
        run = finished(ca.ones((400, 400), chunks=100).sum() + 1, memory="2MB")
    picture = pictures(run_html(run))[0]
    words = texts(picture)
    assert f"peak {format_bytes(run.peak_bytes)}" in words
    assert picture[0].text == "Bytes in use, task by task"


def test_a_recording_is_told_in_figures_and_words() -> None:
    x = ca.ones((40, 40), chunks=10)
    run = finished((x + 1).sum(), scheduler="sync")
    page = record(run)._repr_html_()
    assert page is not None
    safe_page(page)
    words = " ".join(re.sub("<[^>]*>", " ", page).split())
    assert f"Run {run.number} finished, recorded Tasks {run.ntasks} On sync, 1 lane" in words
    assert "In short" in words and ".replay()" in words
    assert "`" not in words
