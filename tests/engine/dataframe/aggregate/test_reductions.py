"""Reductions over any cuts give what pandas gives: values, dtypes, index, names, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.extremes import extreme_labels
from chunkscope.dataframe.aggregate.reductions import reduce_by_name
from tests.engine.dataframe.aggregate.cuts import (
    DTYPES,
    assert_same,
    by_tree,
    columns,
    cuts,
    frames,
    leaf,
    outcome,
    parts_of,
)
from tests.engine.dataframe.aggregate.cuts import (
    MEASURABLE as NUMBERS,
)

# with no more values than `ddof`, pandas divides by zero in nullable columns
PLAIN = tuple(dtype for dtype in NUMBERS if dtype[0].islower() and dtype != "boolean")
WIDE = tuple(dtype for dtype in DTYPES if dtype != "float32")  # whose last digits differ: ours are nearer
NAMES = ("sum", "prod", "mean", "min", "max", "any", "all", "var", "std", "sem", "count", "nunique")


def reduced(name: str, x: Any, where: list[float], **options: Any) -> Any:
    return by_tree(reduce_by_name(name, leaf(x), **options).reducer, parts_of(x, where))


@given(name=st.sampled_from(NAMES), x=columns(), where=cuts(), skipna=st.booleans())
def test_series(name: str, x: pd.Series, where: list[float], skipna: bool) -> None:
    options = {} if name in ("count", "nunique") else {"skipna": skipna}
    expected = outcome(lambda: getattr(x, name)(**options))
    assert_same(outcome(lambda: reduced(name, x, where, **options)), expected)


@given(name=st.sampled_from(NAMES), x=frames(WIDE), where=cuts(), numeric_only=st.booleans())
def test_frame(name: str, x: pd.DataFrame, where: list[float], numeric_only: bool) -> None:
    options = {} if name in ("any", "all", "nunique") else {"numeric_only": numeric_only}
    expected = outcome(lambda: getattr(x, name)(**options))
    assert_same(outcome(lambda: reduced(name, x, where, **options)), expected)


@given(
    name=st.sampled_from(["sum", "prod"]),
    x=columns(NUMBERS),
    where=cuts(),
    min_count=st.integers(0, 3),
    skipna=st.booleans(),
)
def test_min_count(name: str, x: pd.Series, where: list[float], min_count: int, skipna: bool) -> None:
    options = {"min_count": min_count, "skipna": skipna}
    expected = outcome(lambda: getattr(x, name)(**options))
    assert_same(outcome(lambda: reduced(name, x, where, **options)), expected)


@given(name=st.sampled_from(["var", "std", "sem"]), x=columns(PLAIN), where=cuts(), ddof=st.integers(0, 2))
def test_ddof(name: str, x: pd.Series, where: list[float], ddof: int) -> None:
    assert_same(reduced(name, x, where, ddof=ddof), getattr(x, name)(ddof=ddof))


@given(x=columns(), where=cuts(), dropna=st.booleans())
def test_nunique_with_missing_values(x: pd.Series, where: list[float], dropna: bool) -> None:
    assert_same(reduced("nunique", x, where, dropna=dropna), x.nunique(dropna=dropna))


@given(
    x=frames(tuple(d for d in DTYPES if d != "boolean")),  # pandas takes False for the greatest beside NA
    where=cuts(),
    name=st.sampled_from(["idxmin", "idxmax"]),
    skipna=st.booleans(),
)
def test_labels_of_extremes(x: pd.DataFrame, where: list[float], name: str, skipna: bool) -> None:
    x.index = pd.Index([7 * i % 13 for i in range(len(x))], dtype="int64")
    for column in x:
        expected = outcome(lambda column=column: getattr(x[column], name)(skipna=skipna))
        found = outcome(
            lambda column=column: by_tree(
                extreme_labels(name, leaf(x[column]), skipna, False).reducer, parts_of(x[column], where)
            )
        )
        assert_same(found, expected)
    expected = outcome(lambda: getattr(x, name)(skipna=skipna))
    reducer = outcome(lambda: extreme_labels(name, leaf(x), skipna, False).reducer)
    assert_same(outcome(lambda: by_tree(reducer, parts_of(x, where))), expected)


@pytest.mark.parametrize("name", ["var", "std", "sem"])
def test_a_large_mean_costs_no_digits(name: str) -> None:
    rng = np.random.default_rng(0)
    small = pd.Series(rng.normal(size=1000))
    found = reduced(name, small + 1e9, [0.1, 0.3, 0.5, 0.9])
    np.testing.assert_allclose(found, getattr(small, name)(), rtol=1e-6)


def test_times_have_exact_means() -> None:
    x = pd.Series(
        pd.to_datetime(["2013-01-01 00:00:00.000000001", "2013-01-01 00:00:00.000000003"])
    ).dt.as_unit("ns")
    assert reduced("mean", x, [0.5]) == pd.Timestamp("2013-01-01 00:00:00.000000002")
    spans = pd.Series(pd.to_timedelta([-3, -4, None], unit="us"))
    assert reduced("mean", spans, [0.3, 0.9]) == spans.mean()


def test_infinities_are_values() -> None:
    x = pd.Series([np.inf, 1.0, np.nan, -np.inf])
    for name in ("sum", "mean", "min", "max", "count", "var"):
        with np.errstate(invalid="ignore"):
            expected = getattr(x, name)()
        assert_same(reduced(name, x, [0.5]), expected)


def test_columns_of_one_name_are_told_apart() -> None:
    x = pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"])
    assert_same(reduced("sum", x, [0.5]), x.sum())


def test_objects_that_are_numbers_are_added() -> None:
    x = pd.Series([1, 2.5, None, 4], dtype=object)
    for name in ("sum", "min", "count"):
        assert_same(reduced(name, x, [0.5]), getattr(x, name)())
    assert reduced("mean", x, [0.5]) == x.mean()


def test_text_has_no_mean_and_the_way_out_is_named() -> None:
    with pytest.raises(TypeError) as caught:
        reduce_by_name("mean", leaf(pd.DataFrame({"a": ["x"], "b": [1]})))
    assert "numeric_only=True" in "".join(caught.value.__notes__)
