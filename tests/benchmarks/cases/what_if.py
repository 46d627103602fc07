"""How far what-if predictions miss: thirty settings that the model has not seen, foretold from one run of each program.

No peer does this; the figures are shares, 0.2 for a fifth too long or too short. Every setting runs three times and the
fastest counts. On a machine that others use, a run that is foretold finds the processors as busy as they were, and the
run beside it does not: `alone` are the same misses with both times cut to the share that the kernels had a processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median, quantiles
from typing import Any, NamedTuple

from tests.benchmarks.case import OURS, Case, Goal, Kind

REPEATS = 3
PARTS = "its parts"
FUNCTION = "the function"


class Setting(NamedTuple):
    """Chunks so many times as large as those of the measured run, on so many workers."""

    size: float
    workers: int


MEASURED = Setting(1.0, 2)
UNSEEN = (Setting(1.0, 1), Setting(2.0, 2), Setting(0.5, 2), Setting(4.0, 2), Setting(2.0, 1))


def programs() -> dict[str, tuple[Callable[[Any], Any], Callable[[float], Any]]]:
    """Each program: a function of its chunks that makes it, and its chunks at a size."""
    import numpy as np
    import pandas as pd

    import chunkscope.array as ca
    import chunkscope.dataframe as cd

    frame = pd.DataFrame({"a": np.arange(2_000_000) % 997, "b": np.random.default_rng(0).random(2_000_000)})

    def anomaly(chunks: Any) -> Any:
        x = ca.random.default_rng(1).normal(size=(8_000, 1_500), chunks=chunks)
        return ((x - x.mean(axis=0)) ** 2).sum(axis=1)

    def mapped(chunks: Any) -> Any:
        x = ca.random.default_rng(1).random((8_000, 1_000), chunks=chunks)
        return x.map_blocks(np.sqrt).map_blocks(np.cos).sum()

    def spread(chunks: Any) -> Any:
        return ca.random.default_rng(1).random((8_000, 2_000), chunks=chunks).std(axis=0)

    def fused(chunks: Any) -> Any:
        x = ca.ones((16_000, 2_000), chunks=chunks)
        return (ca.sqrt(x + 1) * ca.sin(x) + ca.exp(-x)).sum()

    def grouped(partitions: Any) -> Any:
        return cd.from_pandas(frame, npartitions=partitions).groupby("a").b.mean()

    def filtered(partitions: Any) -> Any:
        f = cd.from_pandas(frame, npartitions=partitions)
        return (f[f.a > 500].b * 2).sum()

    def rows(n: int, width: int) -> Callable[[float], Any]:
        return lambda size: (round(n * size), width)

    return {
        "anomaly": (anomaly, rows(500, 1_500)),
        "mapped": (mapped, rows(500, 1_000)),
        "spread": (spread, rows(500, 2_000)),
        "fused": (fused, rows(1_000, 2_000)),
        "grouped": (grouped, lambda size: round(32 / size)),
        "filtered": (filtered, lambda size: round(32 / size)),
    }


def fastest(make: Callable[[Any], Any], chunks: Any, workers: int) -> Any:
    """The fastest run of three."""
    from chunkscope.observe import last_run

    runs = []
    for _ in range(REPEATS):
        make(chunks).compute(scheduler="threads", num_workers=workers)
        runs.append(last_run())
    return min(runs, key=lambda run: run.seconds)


def served(run: Any) -> float:
    """The share of the kernels' time in which they had a processor, at most 1."""
    return float(min(run.processor.seconds / run.busy_seconds, 1.0))


def misses(way: str) -> Iterator[tuple[Setting, float, float, float]]:
    """For each unseen setting, by what share time, time alone on the machine, and peak are missed."""
    from chunkscope.diagnostics import what_if
    from chunkscope.diagnostics.tuning import Tuning

    for make, chunks_at in programs().values():
        make(chunks_at(1.0)).compute()  # what is imported and compiled at the first use is no measure
        learnt = fastest(make, chunks_at(MEASURED.size), MEASURED.workers)
        model = Tuning(learnt)
        for setting in UNSEEN:
            if way == PARTS:
                case = model.case(setting.size, setting.workers)
            else:
                chunks = [chunks_at(setting.size)]
                case = what_if(make, chunks=chunks, workers=setting.workers, run=learnt).cases[0]
            real = fastest(make, chunks_at(setting.size), setting.workers)
            assert case.seconds is not None
            ratio = case.seconds / real.seconds
            alone = ratio * served(learnt) / served(real)
            yield setting, ratio - 1, alone - 1, case.peak_bytes / max(real.peak_bytes, 1) - 1


def predicted(way: str) -> Callable[[], Any]:
    """`way`: from the past run's graph alone, or from the function that makes the collection."""

    def work() -> dict[str, float]:
        found = list(misses(way))
        time = [abs(miss) for _, miss, _, _ in found]
        alone = [abs(miss) for _, _, miss, _ in found]
        within = [abs(miss) <= _band(setting) for setting, _, miss, _ in found]
        figures = {
            "unseen": float(len(found)),
            "median_miss": median(time),
            "upper_quarter_miss": quantiles(time, n=4)[2],
            "median_miss_alone": median(alone),
            "upper_quarter_miss_alone": quantiles(alone, n=4)[2],
            "median_miss_of_the_peak": median(abs(miss) for _, _, _, miss in found),
            "outside_the_band": 1 - sum(within) / len(within),
        }
        for setting in UNSEEN:
            mine = [abs(miss) for one, _, miss, _ in found if one == setting]
            figures[f"size_{setting.size:g}_workers_{setting.workers}"] = median(mine)
        return figures

    return work


def _band(setting: Setting) -> float:
    from chunkscope.diagnostics.tuning import band

    return band(setting.size, setting.workers, MEASURED.workers)


WHAT_IF = (
    Case(
        "what-if",
        "thirty unseen settings of six programs, foretold from one run of each",
        {OURS: partial(predicted, PARTS), FUNCTION: partial(predicted, FUNCTION)},
        (
            Goal(Kind.AT_MOST, 0.25, "×", figure="median_miss"),
            Goal(Kind.AT_MOST, 0.25, "×", figure="median_miss_alone"),
            Goal(Kind.AT_MOST, 0.25, "×", figure="outside_the_band"),
            Goal(Kind.AT_MOST, 0.25, "×", figure="median_miss_of_the_peak"),
            Goal(Kind.AT_MOST, 0.25, "×", figure="median_miss_alone", variant=FUNCTION),
        ),
        repeats=1,
    ),
)
