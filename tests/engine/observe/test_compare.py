"""Two runs side by side: known differences in words, operations matched, the same of runs and of their recordings.

The sentences of the first test are those of widgets/test/compare.test.ts, out of the same rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import chunkscope
import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, simulate
from chunkscope.events import Rows
from chunkscope.observe import RunLog
from chunkscope.observe.compare import Side, compare, matched, side_of
from chunkscope.observe.facts import spent
from chunkscope.observe.feed import Feed
from chunkscope.observe.recording import record
from chunkscope.observe.records import LayerInfo, Place
from tests.engine.display.samples import HOSTILE, safe_page


def seven(number: int, scale: float = 1.0, peak: int = 32) -> Side:
    """Task t runs from t to t + 0.9 on lane t % 2: four blocks x, two partial sums y, their sum z."""
    build = simulate(delayed(max)([delayed(abs)(i) for i in range(4)]))
    layer = Feed(build).header().layers[0]
    layers = tuple(
        replace(layer, op=op, label="", token="", origin=None, first_task=first, ntasks=n)
        for op, first, n in (("x", 0, 4), ("y", 4, 2), ("z", 6, 1))
    )
    task = np.arange(7)
    rows = Rows(
        task=task,
        lane=(task % 2).astype(np.int32),
        ready=np.maximum(task - 0.5, 0.0) * scale,
        start=task * scale,
        stop=(task + 0.9) * scale,
        bytes_out=np.full(7, 8),
        stored=np.full(7, 8),
        scratch=np.zeros(7, dtype=np.int64),
    )
    kernels = np.array([4, 2, 1]) * 0.9 * scale
    return Side(number, "threads", 7 * scale, peak, 7, 2, layers, kernels, spent(rows, 2, paced=False))


def difference(a: Side, b: Side, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("chunkscope.observe.compare.side_of", lambda side: side)
    return compare(b, a)  # type: ignore[arg-type]


def test_the_same_work_in_half_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = difference(seven(4), seven(5, 0.5, 64), monkeypatch)
    waited = found.sentences[1].replace("1.12 s", "1.13 s")  # 1.125: the page rounds it up
    assert (found.sentences[0], waited, *found.sentences[2:]) == (
        "Run 5 was 2.0 times as fast as run 4: 3.50 s instead of 7.00 s.",
        "Each lane spent 1.58 s less in kernels, 1.13 s less waiting for inputs, 750 ms less handing tasks over.",
        "`x` differs most: 1.80 s in kernels instead of 3.60 s.",
        "Its peak of memory was 64 B instead of 32 B.",
    )
    assert found.speed_up == 2.0
    back = difference(seven(5, 0.5), seven(4), monkeypatch)
    assert back.sentences[0] == "Run 4 took 2.0 times as long as run 5: 7.00 s instead of 3.50 s."
    same = difference(seven(4), seven(6), monkeypatch)
    assert same.sentences == ("Run 6 took about as long as run 4: 7.00 s instead of 7.00 s.",)


def layer(op: str, number: int, *, text: str = "", token: str = "") -> LayerInfo:
    origin = Place("f", 1, text, "") if text else None
    return replace(seven(1).layers[0], op=op, first_task=number, ntasks=1, origin=origin, token=token)


def test_operations_are_matched_by_token_then_line_then_name() -> None:
    zero = np.zeros(4)
    a = replace(
        seven(1),
        layers=(
            layer("add", 0, text="u = x + 1"),
            layer("add", 1, text="v = x + 2"),
            layer("sum", 2, token="T"),
            layer("gone", 3),
        ),
        kernels=zero,
    )
    b = replace(
        seven(2),
        layers=(
            layer("add", 0, text="v = x + 2"),
            layer("total", 1, token="T"),
            layer("add", 2, text="u = x + 3"),
            layer("new", 3),
        ),
        kernels=zero,
    )
    pairs = sorted((one.a, one.b) for one in matched(a, b))
    assert pairs == [(-1, 3), (0, 2), (1, 0), (2, 1), (3, -1)]


def anomaly(chunk: int, workers: int = 2) -> RunLog:
    x = ca.random.default_rng(1).normal(size=(800, 200), chunks=(chunk, 200))
    ((x - x.mean(axis=0)) ** 2).sum().compute(scheduler="threads", num_workers=workers)
    run = last_run()
    assert run is not None
    return run


def test_figures_are_those_of_the_logs_and_of_their_recordings() -> None:
    a, b = anomaly(100), anomaly(200)
    found = chunkscope.compare(b, a)
    table = {one.name: (one.a, one.b) for one in found.figures}
    assert table["Took"] == (a.seconds, b.seconds) and table["Peak memory"] == (a.peak_bytes, b.peak_bytes)
    assert table["In kernels"] == (pytest.approx(a.busy_seconds), pytest.approx(b.busy_seconds))
    assert table["Tasks"] == (a.ntasks, b.ntasks)
    assert all(one.a >= 0 and one.b >= 0 for one in found.matches)
    assert sum(one.seconds_b for one in found.matches) == pytest.approx(b.busy_seconds)
    assert f"It had {b.ntasks} tasks instead of {a.ntasks}." in found.sentences
    recorded = compare(record(b), record(a))
    assert recorded.sentences == found.sentences
    assert side_of(record(a)).kernels == pytest.approx(side_of(a).kernels)


def test_other_lanes_and_other_executors_are_told() -> None:
    calls = [delayed(abs)(i) for i in range(8)]
    one, four = (simulate(calls, workers=n, cost=1.0) for n in (1, 4))
    found = compare(four, one)
    assert found.sentences[0].startswith(f"Run {four.number} was 4.0 times as fast as run {one.number}")
    assert "It had 4 lanes instead of 1." in found.sentences
    compute(*calls, scheduler="sync")
    real = last_run()
    assert real is not None
    assert "It ran on sync instead of simulated." in compare(real, one).sentences


def test_what_only_one_run_has_is_told() -> None:
    a = simulate([delayed(abs)(i) for i in range(4)], cost=1.0)
    b = simulate([delayed(max)(i, 2) for i in range(4)], cost=5.0)
    text = compare(b, a).describe()
    assert "max is new: 20.0 s in kernels." in text
    assert "abs, in kernels: 4.00 s → none" in text


def test_user_text_is_only_text() -> None:
    one, two = (simulate([delayed(abs, name=HOSTILE)(i)], cost=1.0 + i) for i in range(2))
    page = compare(two, one)._repr_html_()
    assert page is not None
    safe_page(page)
