"""Reductions over any cuts give what pandas gives: values, dtypes, index, names, errors."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.reductions import reduce_by_name
from tests.engine.dataframe.aggregate.cuts import (
    assert_same,
    by_tree,
    columns,
    cuts,
    frames,
    leaf,
    outcome,
    parts_of,
)

NAMES = ("sum", "prod", "mean", "min", "max", "any", "all", "var", "std", "sem", "count", "nunique")


def reduced(name: str, x: Any, where: list[float], **options: Any) -> Any:
    return by_tree(reduce_by_name(name, leaf(x), **options).reducer, parts_of(x, where))


@given(name=st.sampled_from(NAMES), x=columns(), where=cuts(), skipna=st.booleans())
def test_series(name: str, x: pd.Series, where: list[float], skipna: bool) -> None:
    options = {} if name in ("count", "nunique") else {"skipna": skipna}
    expected = outcome(lambda: getattr(x, name)(**options))
    assert_same(outcome(lambda: reduced(name, x, where, **options)), expected)


@given(name=st.sampled_from(NAMES), x=frames(), where=cuts(), numeric_only=st.booleans())
def test_frame(name: str, x: pd.DataFrame, where: list[float], numeric_only: bool) -> None:
    options = {} if name in ("any", "all", "nunique") else {"numeric_only": numeric_only}
    expected = outcome(lambda: getattr(x, name)(**options))
    assert_same(outcome(lambda: reduced(name, x, where, **options)), expected)
