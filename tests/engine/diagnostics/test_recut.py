"""Graphs in other chunks: as the expression would be in them, where that is exact; and what is kept where not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import delayed, simulate
from chunkscope.compute import prepare
from chunkscope.diagnostics import what_if
from chunkscope.diagnostics.recut import can_cut, chunk_of, recut
from chunkscope.diagnostics.tuning import SIZES, Tuning, band
from chunkscope.errors import ConfigError
from chunkscope.graph import Graph
from chunkscope.scheduler import forecast, order
from chunkscope.scheduler import simulate as schedule

Chunks = tuple[int, int]


def ones(chunks: Chunks) -> ca.Array:
    return (ca.ones((1024, 256), chunks=chunks) + 1).sum()


def anomaly(chunks: Chunks) -> ca.Array:
    x = ca.random.default_rng(1).normal(size=(1024, 512), chunks=chunks)
    return ((x - x.mean(axis=0)) ** 2).sum(axis=1)


def symmetric(chunks: Chunks) -> ca.Array:
    x = ca.random.default_rng(1).random((512, 512), chunks=chunks)
    return (x + x.T).sum()


def mapped(chunks: Chunks) -> ca.Array:
    return ca.ones((1024, 256), chunks=chunks).map_blocks(np.sqrt).map_blocks(np.cos)


def graph_of(x: Any) -> Graph:
    return prepare([x]).graph


def whole(graph: Graph) -> None:
    """Everything that a graph has to be: pointers that rise, inputs made before their readers, outputs that exist."""
    assert graph.ntasks == sum(layer.ntasks for layer in graph.layers)
    assert (np.diff(graph.dep_ptr) >= 0).all() and graph.dep_ptr[-1] == len(graph.deps)
    reader = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))
    assert (graph.slot_task[graph.deps] < reader).all()
    assert len(graph.slot_bytes) == graph.nslots and (graph.slot_bytes >= 0).all()
    assert (graph.outputs < graph.nslots).all() and len(graph.outputs)
    ranks = order(graph)
    assert sorted(ranks.tolist()) == list(range(graph.ntasks))
    assert schedule(graph, ranks, 3, np.ones(graph.ntasks)).busy_seconds == graph.ntasks


@pytest.mark.parametrize(
    ("make", "before", "size", "after"),
    [
        (ones, (32, 256), 2, (64, 256)),
        (ones, (32, 256), 8, (256, 256)),
        (mapped, (32, 256), 4, (128, 256)),
        (mapped, (128, 256), 0.5, (128, 128)),
        (mapped, (64, 64), 0.25, (32, 32)),
        (anomaly, (128, 128), 2, (256, 128)),
        (symmetric, (32, 32), 4, (64, 64)),
    ],
)
def test_it_is_the_graph_that_the_expression_has_in_these_chunks(
    make: Callable[[Chunks], Any], before: Chunks, size: float, after: Chunks
) -> None:
    cut, real = recut(graph_of(make(before)), size), graph_of(make(after))
    whole(cut.graph)
    blocks = [layer.ntasks for layer in real.layers]
    assert [layer.ntasks for layer in cut.graph.layers][: len(blocks)] == blocks
    assert chunk_of(cut.graph) == (None if make is ones else after)
    assert forecast(cut.graph, order(cut.graph), 2).peak_bytes == pytest.approx(
        forecast(real, order(real), 2).peak_bytes, rel=0.35
    )


@pytest.mark.parametrize("make", [ones, anomaly, symmetric, mapped])
@pytest.mark.parametrize("size", SIZES)
def test_no_work_is_lost(make: Callable[[Chunks], Any], size: float) -> None:
    graph = graph_of(make((64, 64)))
    cut = recut(graph, size)
    whole(cut.graph)
    seconds = np.arange(1.0, graph.ntasks + 1)
    assert cut.seconds(seconds, np.zeros(graph.ntasks)).sum() == pytest.approx(seconds.sum())
    fixed = cut.seconds(np.ones(graph.ntasks), np.ones(graph.ntasks))
    assert fixed.tolist() == [1.0] * cut.graph.ntasks  # what each task costs, whatever its size


def test_partitions_are_joined_and_split() -> None:
    frame = pd.DataFrame({"a": np.arange(4000) % 7, "b": np.arange(4000.0)})

    def means(n: int) -> Graph:
        return graph_of(cd.from_pandas(frame, npartitions=n).groupby("a").b.mean())

    for n, size, wanted in ((16, 2, 8), (16, 0.5, 32), (16, 8, 2)):
        cut = recut(means(n), size).graph
        whole(cut)
        assert cut.layers[0].ntasks == means(wanted).layers[0].ntasks == wanted
    assert chunk_of(means(16)) is None


def test_calls_stay_as_they_are() -> None:
    calls = graph_of(delayed(sum)([delayed(abs)(i) for i in range(9)]))
    assert not can_cut(calls) and can_cut(graph_of(ones((64, 256))))
    run = simulate(delayed(sum)([delayed(abs)(i) for i in range(9)]))
    assert Tuning(run).sizes == (1.0,)
    with pytest.raises(ConfigError, match="size=2"):
        Tuning(run).case(2.0)


def test_a_model_foretells_modelled_runs() -> None:
    """Costs that are known exactly: the same work in other chunks, on other lanes."""
    cost = {"sum-partial": 0.4, "sum": 0.0}
    run = simulate(ones((64, 256)), workers=2, cost=cost)
    tuning = Tuning(run)
    for lanes in (1, 2, 3, 8, 16):
        real = simulate(ones((64, 256)), workers=lanes, cost=cost)
        assert tuning.case(workers=lanes).seconds == pytest.approx(real.seconds, rel=0.01)
        assert tuning.case(workers=lanes).peak_bytes <= 1.1 * real.peak_bytes + 1000
    for size, tasks in ((2.0, 8), (4.0, 4), (8.0, 2), (0.5, 32)):
        real = simulate(
            ones((64 * 16 // tasks, 256)), workers=2, cost={"sum-partial": 6.4 / tasks, "sum": 0.0}
        )
        assert tuning.case(size).seconds == pytest.approx(real.seconds, rel=0.01)
    assert tuning.case(8.0, 4).seconds == pytest.approx(3.2, rel=0.01)  # two tasks: lanes stay empty


def test_the_measured_setting_is_told_beside_and_bands_grow() -> None:
    run = simulate(ones((64, 256)), workers=2, cost=0.1)
    here = Tuning(run).case()
    assert (here.measured_seconds, here.measured_peak, here.spread) == (run.seconds, run.peak_bytes, 0.0)
    assert here.seconds == pytest.approx(run.seconds, rel=0.01)
    assert Tuning(run).case(2.0).measured_seconds is None
    assert 0 < band(1.0, 4, 2) < band(2.0, 2, 2) < band(2.0, 4, 2) < band(8.0, 4, 2) <= 0.9


def test_a_budget_holds_lanes_back_or_is_refused() -> None:
    run = simulate(mapped((64, 256)), workers=4, cost=0.5)
    tuning = Tuning(run)
    free, floor = tuning.case(), tuning.bounds[0]
    tight = tuning.case(budget=floor)
    assert tight.seconds is not None and free.seconds is not None
    assert tight.seconds > 1.5 * free.seconds and tight.peak_bytes <= floor
    refused = tuning.case(budget=floor - 1)
    assert refused.seconds is None and refused.peak_bytes == floor


def test_what_if_takes_sizes_of_a_past_run() -> None:
    ones((64, 256)).compute(scheduler="threads", num_workers=2)
    from chunkscope import last_run

    run = last_run()
    assert run is not None
    found = what_if(run, sizes=(1, 2, 4), workers=(1, 2))
    assert [(case.chunks, case.workers) for case in found.cases] == [
        (None, 1), (None, 2), ("2×", 1), ("2×", 2), ("4×", 1), ("4×", 2),
    ]  # fmt: skip
    assert "±" in found.describe() and "±" in found._repr_html_()
    assert any("joined or split" in note for note in found.notes)
    with pytest.raises(ConfigError, match="about the chunks of a past run"):
        what_if(ones((64, 256)), sizes=(1,))
