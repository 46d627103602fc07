"""`describe` and quantiles over any cuts are as exact as pandas'."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.describing import described, quantiles
from chunkscope.errors import DTypeError, FrameError
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

EXACT = tuple(dtype for dtype in DTYPES if dtype != "float32")
MEASURED = ("int64", "uint8", "float64", "datetime64[us]", "timedelta64[us]", "Float64")


@given(x=columns(EXACT), where=cuts(), percentiles=st.sampled_from([None, [0.5], [0.9, 0.1]]))
def test_describe_a_column(x: pd.Series, where: list[float], percentiles: Any) -> None:
    reducer = described(leaf(x), percentiles, None, None).reducer
    assert_same(by_tree(reducer, parts_of(x, where)), x.describe(percentiles=percentiles))


@given(x=frames(EXACT), where=cuts(), include=st.sampled_from([None, "all", ["number"], ["bool", "str"]]))
def test_describe_a_frame(x: pd.DataFrame, where: list[float], include: Any) -> None:
    expected = outcome(lambda: x.describe(include=include))
    found = outcome(lambda: by_tree(described(leaf(x), None, include, None).reducer, parts_of(x, where)))
    assert_same(found, expected)


@given(
    x=columns(MEASURED),
    where=cuts(),
    q=st.sampled_from([0.5, [0.25, 0.75], 0, [1.0]]),
    interpolation=st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint"]),
)
def test_quantile_of_a_column(x: pd.Series, where: list[float], q: Any, interpolation: str) -> None:
    expected = outcome(lambda: x.quantile(q, interpolation=interpolation))
    found = outcome(lambda: by_tree(quantiles(leaf(x), q, False, interpolation).reducer, parts_of(x, where)))
    assert_same(found, expected)


@given(x=frames(MEASURED), where=cuts(), q=st.sampled_from([0.5, [0.25, 0.75]]))
def test_quantile_of_a_frame(x: pd.DataFrame, where: list[float], q: Any) -> None:
    expected = x.quantile(q, numeric_only=True)
    if not expected.size:
        return
    found = by_tree(quantiles(leaf(x), q, True, "linear").reducer, parts_of(x, where))
    assert_same(found, expected)


def test_quartiles_of_delays_in_rising_order_of_rows() -> None:
    x = pd.Series(np.r_[np.full(40, -5.0), np.full(35, -2.0), np.full(30, 11.0), [np.nan, 1301.0, -43.0]])
    reducer = described(leaf(x), None, None, None).reducer
    assert_same(by_tree(reducer, parts_of(x, [0.1, 0.5, 0.9])), x.describe())


def test_names_that_are_there_twice_are_refused() -> None:
    x = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(FrameError, match=r"describe needs column names that are there once; \['a'\]"):
        described(leaf(x), None, None, None)


@pytest.mark.parametrize("dtype", ["bool", "str", "category"])
def test_quantiles_of_what_has_no_order_are_refused(dtype: str) -> None:
    with pytest.raises(DTypeError, match="quantile needs numbers or times, column 'x' is"):
        quantiles(leaf(pd.Series([], dtype=dtype, name="x")), 0.5, False, "linear")
