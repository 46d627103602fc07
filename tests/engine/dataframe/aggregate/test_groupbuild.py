"""Group-bys over any cuts give what pandas gives."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.groupbuild import GroupKeys, grouped
from chunkscope.dataframe.aggregate.groupouts import AGGREGATIONS
from tests.engine.dataframe.aggregate.cuts import (
    assert_same,
    by_tree,
    cuts,
    frames,
    leaf,
    outcome,
    parts_of,
)

PLAIN = tuple(name for name in AGGREGATIONS if name != "size")


def by_cuts(x: Any, where: list[float], by: list[Any], selected: Any, spec: Any, **options: Any) -> Any:
    named = options.pop("named", None)
    method = options.pop("method", False)
    how = {key: options.pop(key) for key in ("sort", "dropna", "observed") if key in options}
    keys = [leaf(key) if isinstance(key, pd.Series) else key for key in by]
    expr = grouped(GroupKeys(leaf(x), tuple(keys), **how), selected, spec, named, method=method, **options)
    series = [parts_of(key, where) for key in by if isinstance(key, pd.Series)]
    return by_tree(expr.reducer, parts_of(x, where), *series)


@given(
    name=st.sampled_from(AGGREGATIONS),
    x=frames(most_columns=3, least_columns=2),
    where=cuts(),
    sort=st.booleans(),
    dropna=st.booleans(),
    observed=st.booleans(),
)
def test_method_of_one_column(
    name: str, x: pd.DataFrame, where: list[float], sort: bool, dropna: bool, observed: bool
) -> None:
    how = {"sort": sort, "dropna": dropna, "observed": observed}
    expected = outcome(lambda: getattr(x.groupby("a", **how)["b"], name)())
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], "b", name, method=True, **how)), expected)
