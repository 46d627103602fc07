"""What built-in operations take is what was forecast: hundreds of combinations of operation, chunks and workers."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import last_run, plan

SHAPE = (300, 240)
ROWS = 6_000
CHUNKS = ((300, 240), (100, 240), (75, 60), (37, 101))
PARTITIONS = (1, 3, 8)
LANES = ((1, "threads"), (3, "threads"), (2, "processes"), (4, "cluster"))

pytestmark = pytest.mark.usefixtures("cluster")

ARRAYS: dict[str, Callable[[Any], Any]] = {
    "elementwise": lambda x: x * 2 + 1,
    "comparison": lambda x: x > 0.5,
    "where": lambda x: ca.where(x > 0.5, x, -x),
    "plus a part of its transpose": lambda x: x + x[:, :240].T.rechunk((60, 60))[:1, :1],
    "sum": lambda x: x.sum(),
    "sum of rows": lambda x: x.sum(axis=1),
    "mean of columns": lambda x: x.mean(axis=0),
    "std": lambda x: x.std(axis=0),
    "anomaly": lambda x: x - x.mean(axis=0),
    "anomaly squared": lambda x: ((x - x.mean(axis=0)) ** 2).sum(axis=1),
    "largest": lambda x: x.max(axis=0),
    "place of the largest": lambda x: x.argmax(axis=1),
    "rechunk": lambda x: x.rechunk((50, -1)),
    "rechunk across": lambda x: x.rechunk((-1, 20)),
    "transpose": lambda x: x.T,
    "reshape": lambda x: x.reshape(-1),
    "part": lambda x: x[10:200:3, ::-1],
    "every seventh row": lambda x: x[::7],
    "concatenate": lambda x: ca.concatenate([x, x + 1], axis=0),
    "stack": lambda x: ca.stack([x, x * 2]),
    "product": lambda x: x @ x.T,
    "tensordot": lambda x: ca.tensordot(x, x, axes=((0,), (0,))),
    "dtype": lambda x: x.astype("f4"),
    "any": lambda x: (x > 0.999).any(axis=0),
}  # fmt: skip

FRAMES: dict[str, Callable[[Any], Any]] = {
    "columns": lambda x: x[["a", "b"]],
    "filter": lambda x: x[x.a > 0],
    "arithmetic": lambda x: x.a * 2 + x.b,
    "assign": lambda x: x.assign(c=x.a + x.b),
    "column sum": lambda x: x.a.sum(),
    "column means": lambda x: x[["a", "b"]].mean(),
    "column std": lambda x: x.b.std(),
    "groups": lambda x: x.groupby("k").a.mean(),
    "groups of several": lambda x: x.groupby(["k", "n"]).agg({"a": "sum", "b": ["min", "max"]}),
    "value counts": lambda x: x.k.value_counts(),
    "distinct": lambda x: x.n.nunique(),
    "largest rows": lambda x: x.nlargest(5, "a"),
    "fill": lambda x: x.fillna({"b": 0.0}),
    "text": lambda x: x.k.str.upper(),
    "where": lambda x: x.a.where(x.a > 0, 0.0),
    "repartition": lambda x: x.repartition(npartitions=2),
    "running sum of a column": lambda x: x.a.cumsum(),
    "shift": lambda x: x.a.shift(1),
}  # fmt: skip


class Outcome(NamedTuple):
    """One run beside its plan."""

    name: str
    measured: int
    forecast: int
    exact: bool


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": rng.normal(size=ROWS),
            "b": rng.normal(size=ROWS),
            "n": rng.integers(0, 20, ROWS),
            "k": rng.choice(["Oslo", "Bergen", "Tromsø"], ROWS),
        }
    )


USUAL = 0.6
"""What runs measure of what was forecast, at least half of them."""
TRIES = 3


@cache
def outcomes(kind: str, name: str) -> tuple[Outcome, ...]:
    """The runs of one operation, over all chunks and lanes."""
    found = []
    for cut in CHUNKS if kind == "array" else PARTITIONS:
        for workers, executor in LANES:
            if kind == "array":
                x = ARRAYS[name](ca.random.default_rng(1).random(SHAPE, chunks=cut))
            else:
                x = FRAMES[name](cd.from_pandas(table(), npartitions=cut))
            forecast = plan(x, num_workers=workers)
            measured, exact = 0, True
            for _ in range(TRIES):
                x.compute(scheduler=executor, num_workers=workers)
                run = last_run()
                assert run is not None
                measured = max(measured, run.peak_bytes)
                exact = all(layer.exact for layer in run.graph.layers)
                if workers == 1 or measured >= USUAL * forecast.peak_bytes:
                    break  # otherwise its lanes were perhaps never at work at once
            name_of_run = f"{name}, {cut}, {workers} workers, {executor}"
            found.append(Outcome(name_of_run, measured, forecast.peak_bytes, exact))
    return tuple(found)


CASES = [*(("array", name) for name in ARRAYS), *(("frame", name) for name in FRAMES)]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[name for _, name in CASES])
def test_no_operation_takes_more_than_was_forecast(kind: str, name: str) -> None:
    broken = [outcome for outcome in outcomes(kind, name) if outcome.measured > outcome.forecast]
    assert not broken


def test_forecasts_are_not_far_above() -> None:
    every = [outcome for case in CASES for outcome in outcomes(*case)]
    assert len(every) >= 400
    assert statistics.median(outcome.measured / outcome.forecast for outcome in every) >= USUAL
