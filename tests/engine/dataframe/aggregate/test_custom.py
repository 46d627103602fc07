"""Trees of the user's own functions."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.aggregate.cuts import assert_same
from tests.engine.dataframe.aggregate.test_methods import ASKED

PLAIN = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20) % 3})


@pytest.fixture
def x() -> Any:
    return cd.from_pandas(PLAIN, npartitions=10)


def test_chunk_combine_aggregate(x: Any) -> None:
    def chunk(part: pd.DataFrame) -> pd.Series:
        return pd.Series({"total": part.a.sum(), "rows": len(part)})

    def combine(found: pd.DataFrame) -> pd.Series:
        return found.sum()

    def aggregate(found: pd.DataFrame) -> float:
        return found.total.sum() / found.rows.sum()

    for split_every in (2, 3, None):
        lazy = x.reduction(chunk, aggregate, combine, split_every=split_every)
        assert lazy.compute() == PLAIN.a.mean()


def test_one_function_does_all(x: Any) -> None:
    assert x.a.reduction(np.max).compute() == 19
    assert_same(x.reduction(lambda part: part.nlargest(2, "a")).compute(), PLAIN.nlargest(2, "a"))
    assert x.a.reduction(lambda part, least: (part > least).sum(), np.sum, least=14).compute() == 5


def test_what_cannot_be_foreseen_has_to_be_said(x: Any) -> None:
    def longest(part: pd.DataFrame) -> float:
        return float(part.a.to_numpy()[part.a.to_numpy() > 1][0])

    with pytest.raises(FrameError, match=r"IndexError: .* say it with meta="):
        x.reduction(longest)
    with pytest.raises(FrameError, match=r"reduction\(aggregate=…\) needs a function, found 'max'"):
        x.reduction(np.max, "max")


def test_the_users_frame_is_not_changed(x: Any) -> None:
    def chunk(part: pd.DataFrame) -> int:
        part["c"] = 1
        return len(part)

    kept = x.persist(scheduler="sync")
    assert kept.reduction(chunk, np.sum).compute() == 20
    assert list(kept.compute().columns) == ["a", "b"]


def test_memory_usage(x: Any) -> None:
    assert x.memory_usage(index=False).compute().to_dict() == PLAIN.memory_usage(index=False).to_dict()
    assert x.a.memory_usage(index=False).compute() == PLAIN.a.memory_usage(index=False)


@pytest.mark.parametrize("name", ASKED)
def test_kernels_and_partials_travel_to_other_processes(name: str) -> None:
    plain = pd.DataFrame({"k": ["u", "v"], "n": [1, 2], "v": [0.5, np.nan], "w": [1.0, 2.0]})
    expr = ASKED[name](cd.from_pandas(plain, npartitions=1))._expr
    if not hasattr(expr, "reducer"):
        assert name == "rows"
        return
    reducer = pickle.loads(pickle.dumps(expr.reducer))
    assert reducer.name == expr.reducer.name
    if name not in ("grouped by a test", "one grouped by another"):
        columns = (
            plain
            if isinstance(expr.partials.args[0].meta, pd.DataFrame)
            else plain[expr.partials.args[0].meta.name]
        )
        partial = pickle.loads(pickle.dumps(expr.reducer.partial(columns)))
        assert_same(
            reducer.finish(reducer.combine([partial])), expr.reducer.finish(expr.reducer.partial(columns))
        )
