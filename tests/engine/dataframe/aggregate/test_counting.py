"""Value counts, modes, different values and the largest, over any cuts, as pandas has them: ties and order too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.counting import DifferentRows, Largest, Modes, Uniques, ValueCounts
from chunkscope.dataframe.aggregate.tally import Sorted
from tests.engine.dataframe.aggregate.cuts import (
    DTYPES,
    assert_same,
    by_tree,
    columns,
    cuts,
    frames,
    outcome,
    parts_of,
)


@given(
    x=columns(),
    where=cuts(),
    sort=st.booleans(),
    ascending=st.booleans(),
    dropna=st.booleans(),
    normalize=st.booleans(),
)
def test_value_counts(
    x: pd.Series, where: list[float], sort: bool, ascending: bool, dropna: bool, normalize: bool
) -> None:
    options = {"sort": sort, "ascending": ascending, "dropna": dropna, "normalize": normalize}
    expected = x.value_counts(**options)
    assert_same(by_tree(ValueCounts(expected[:0], **options), parts_of(x, where)), expected)


@given(x=columns(tuple(d for d in DTYPES if d != "boolean")), where=cuts(), dropna=st.booleans())
def test_mode(x: pd.Series, where: list[float], dropna: bool) -> None:
    expected = outcome(lambda: x.mode(dropna=dropna))
    assert_same(outcome(lambda: by_tree(Modes(x[:0], dropna), parts_of(x, where))), expected)


@given(x=frames(tuple(d for d in DTYPES if d != "boolean")), where=cuts(), dropna=st.booleans())
def test_mode_of_a_frame(x: pd.DataFrame, where: list[float], dropna: bool) -> None:
    expected = outcome(lambda: x.mode(dropna=dropna))
    assert_same(outcome(lambda: by_tree(Modes(x[:0], dropna), parts_of(x, where))), expected)


@given(x=columns(), where=cuts())
def test_unique(x: pd.Series, where: list[float]) -> None:
    assert_same(by_tree(Uniques(x[:0]), parts_of(x, where)), pd.Series(x.unique(), name=x.name))


@given(x=frames(), where=cuts(), keep=st.sampled_from(["first", "last"]), again=st.booleans(), data=st.data())
def test_drop_duplicates(x: pd.DataFrame, where: list[float], keep: str, again: bool, data: Any) -> None:
    subset = data.draw(st.sampled_from([None, ["a"], list(x.columns)]))
    expected = x.drop_duplicates(subset, keep=keep, ignore_index=again)
    reducer = DifferentRows(x[:0], None if subset is None else tuple(subset), keep, again, 8.0)
    assert_same(by_tree(reducer, parts_of(x, where)), expected)


@given(
    x=frames(dtypes=("int64", "float64", "uint8", "datetime64[us]"), least_columns=2),
    where=cuts(),
    n=st.integers(0, 6),
    name=st.sampled_from(["nlargest", "nsmallest"]),
    keep=st.sampled_from(["first", "last", "all"]),
    by=st.sampled_from([["a"], ["a", "b"]]),
)
def test_nlargest(x: pd.DataFrame, where: list[float], n: int, name: str, keep: str, by: Any) -> None:
    expected = getattr(x, name)(n, by, keep=keep)
    assert_same(by_tree(Largest(name, x[:0], n, tuple(by), keep, 8.0), parts_of(x, where)), expected)


@given(
    x=columns(dtypes=("int64", "float64", "uint8", "datetime64[us]", "Int64", "bool")),
    where=cuts(),
    n=st.integers(0, 6),
    name=st.sampled_from(["nlargest", "nsmallest"]),
    keep=st.sampled_from(["first", "last", "all"]),
)
def test_nlargest_of_a_column(x: pd.Series, where: list[float], n: int, name: str, keep: str) -> None:
    expected = getattr(x, name)(n, keep=keep)
    assert_same(by_tree(Largest(name, x[:0], n, None, keep, 8.0), parts_of(x, where)), expected)


@given(
    values=st.lists(st.sampled_from([np.nan, 0.0, 1.0, 2.0, 0.5, -3.0, 7.0, 1e9]), max_size=30),
    where=cuts(),
    whole=st.booleans(),
    q=st.lists(st.floats(0, 1), min_size=1, max_size=4),
    interpolation=st.sampled_from(["linear", "lower", "higher", "midpoint", "nearest"]),
)
def test_quantiles(
    values: list[float], where: list[float], whole: bool, q: list[float], interpolation: str
) -> None:
    x = pd.Series(values, dtype=float)
    if whole:
        x = x.dropna().astype(int)
    found = Sorted.together([Sorted.of(part.to_numpy()) for part in parts_of(x, where)])
    assert found.size == x.count()
    expected = x.quantile(q, interpolation=interpolation).to_numpy(dtype=float)
    np.testing.assert_allclose(found.quantiles(np.array(q), interpolation), expected, rtol=1e-12)


def test_quantiles_of_many_different_numbers_keep_no_counts() -> None:
    x = np.random.default_rng(0).normal(size=1000)
    found = Sorted.together([Sorted.of(x[:300]), Sorted.of(x[300:])])
    assert found.counts is None
    assert found.nbytes == x.nbytes
    np.testing.assert_array_equal(found.quantiles(np.array([0.1, 0.5])), np.quantile(x, [0.1, 0.5]))


@pytest.mark.parametrize("dtype", ["int8", "uint64", "bool", "float32"])
def test_numbers_of_any_width_are_counted(dtype: str) -> None:
    x = np.array([1, 0, 1, 1], dtype=dtype)
    found = Sorted.of(x)
    assert found.values.tolist() == [0, 1]
    assert found.counts is not None
    assert found.counts.tolist() == [1, 3]
