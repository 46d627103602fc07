"""Lazy scalars as operands, index values, and functions on whole columns, against pandas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.strategies import computed, in_partitions, same

Step = Callable[[Any], Any]

SCALARS: dict[str, Step] = {
    "minus mean": lambda x: x.a - x.a.mean(),
    "standardised": lambda x: (x - x.mean()) / x.std(),
    "assign": lambda x: x.assign(z=x.b.max()),
    "fillna": lambda x: x.fillna(x.a.min()),
    "clip": lambda x: x.a.clip(upper=x.a.mean()),
    "where": lambda x: x.a.where(x.a > 2, x.b.max()),
    "filter": lambda x: x[x.a > x.a.mean()],
    "numpy scalar": lambda x: np.float64(2) * x.a,
    "ufunc of frame": lambda x: np.log1p(x),
}


@pytest.mark.parametrize("name", SCALARS)
def test_lazy_scalars_are_operands(name: str) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0], "b": [1, 2, 3, 4]})
    same(computed(SCALARS[name](in_partitions(frame, (0, 1, 1, 4)))), SCALARS[name](frame))


LABELS: dict[str, Step] = {
    "rename rows": lambda x: x.rename(index=lambda label: label * 10),
    "rename rows of a series": lambda x: x.b.rename({0: 5}),
    "prefix": lambda x: x.b.add_prefix("row "),
    "suffix": lambda x: x.b.add_suffix("!"),
    "explode": lambda x: x.explode("a"),
    "explode without the lists": lambda x: x.explode("a")[["b"]],
    "explode a series": lambda x: x.a.explode(),
}


@pytest.mark.parametrize("name", LABELS)
def test_index_values_and_repeated_rows(name: str) -> None:
    frame = pd.DataFrame({"a": [[1, 2], [], [3]], "b": [1, 2, 3]})
    lazy = LABELS[name](in_partitions(frame, (0, 1, 2, 3)))
    assert not lazy.known_divisions
    same(computed(lazy), LABELS[name](frame))


def test_functions_on_whole_columns() -> None:
    days = pd.DataFrame({"year": [2013, 2014], "month": [1, 2], "day": [3, 4]})
    same(computed(cd.to_datetime(in_partitions(days, (0, 1, 2)))), pd.to_datetime(days))
    words = pd.Series(["2013-01-02", "x", None])
    lazy = in_partitions(words, (0, 1, 3))
    found = cd.to_datetime(lazy, format="%Y-%m-%d", errors="coerce")
    same(computed(found), pd.to_datetime(words, format="%Y-%m-%d", errors="coerce"))
    same(computed(cd.to_numeric(lazy, errors="coerce")), pd.to_numeric(words, errors="coerce"))
    kinds = pd.DataFrame({"k": pd.Categorical(["x", "y", "x"]), "v": 1})
    same(computed(cd.get_dummies(in_partitions(kinds, (0, 2, 3)))), pd.get_dummies(kinds))
    with pytest.raises(FrameError, match="only for categories"):
        cd.get_dummies(lazy)
    with pytest.raises(FrameError, match="from_pandas first"):
        cd.to_datetime(["2013"])
