"""Columns and frames of any dtype with missing values, cut anywhere; and a tree run by hand over the cuts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions

MOST_ROWS = 12

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int64": st.integers(-5, 5),
    "uint8": st.integers(0, 255),
    "float64": st.sampled_from([np.nan, -1.5, 0.0, 0.25, 2.0, 7.0]),
    "float32": st.sampled_from([np.nan, -1.5, 0.0, 0.25, 2.0]),
    "bool": st.booleans(),
    "str": st.sampled_from(["a", "b", "ü", "", None, "zz"]),
    "datetime64[us]": st.sampled_from([None, "2013-01-01", "1969-07-20", "2013-01-02 03:04:05.000006"]),
    "timedelta64[us]": st.sampled_from([None, 0, 5, 1_000_000, -7]),
    "category": st.sampled_from(["u", "v", None]),
    "Int64": st.sampled_from([None, 1, 2, -3]),
    "Float64": st.sampled_from([None, 0.5, 2.0, -3.0]),
    "boolean": st.sampled_from([None, True, False]),
}
MEASURABLE = ("int64", "uint8", "float64", "float32", "bool", "Int64", "Float64", "boolean")
DTYPES = tuple(_VALUES)


def column(values: list[Any], dtype: str, name: Any = "x", index: Any = None) -> pd.Series:
    """A column of this dtype."""
    kind: Any = pd.CategoricalDtype(["v", "u", "w"]) if dtype == "category" else dtype
    if dtype.startswith("timedelta"):
        return pd.Series(pd.to_timedelta(values, unit="us"), name=name, index=index).astype(kind)
    return pd.Series(values, dtype=kind, name=name, index=index)


@st.composite
def columns(
    draw: Any, dtypes: tuple[str, ...] = DTYPES, rows: int | None = None, name: Any = "x"
) -> pd.Series:
    """A column of any of these dtypes."""
    dtype = draw(st.sampled_from(dtypes))
    n = draw(st.integers(0, MOST_ROWS)) if rows is None else rows
    return column(draw(st.lists(_VALUES[dtype], min_size=n, max_size=n)), dtype, name)


@st.composite
def frames(
    draw: Any, dtypes: tuple[str, ...] = DTYPES, most_columns: int = 4, least_columns: int = 1
) -> pd.DataFrame:
    """A frame of columns "a", "b", … of any of these dtypes."""
    n = draw(st.integers(0, MOST_ROWS))
    names = "abcdef"[: draw(st.integers(least_columns, most_columns))]
    frame = pd.DataFrame({name: draw(columns(dtypes, rows=n, name=name)) for name in names}, index=range(n))
    frame.index = pd.RangeIndex(n)
    return frame


@st.composite
def cuts(draw: Any, most: int = 5) -> list[float]:
    """Where to cut, as parts of the whole: equal ones make empty partitions."""
    return sorted(draw(st.lists(st.sampled_from([0, 0.1, 0.3, 0.5, 0.9, 1]), max_size=most)))


def parts_of(x: Any, where: list[float]) -> list[Any]:
    """The partitions of `x`."""
    ends = [0, *(round(len(x) * w) for w in where), len(x)]
    return [x.iloc[a:b] for a, b in itertools.pairwise(ends)]


def leaf(meta: Any) -> FrameExpr:
    """An expression that stands for partitions like `meta`: enough to build a reducer over."""

    class Leaf(FrameExpr):
        geometry = Geometry(meta[:0], unknown_divisions(1))

        def fields(self) -> tuple[Any, ...]:
            return ()

    return Leaf()


def by_tree(reducer: Any, *inputs: list[Any], fan_in: int = 2) -> Any:
    """What the tree gives over the partitions; `inputs` are lists of partitions."""
    partials = [reducer.partial(*blocks) for blocks in zip(*inputs, strict=True)]
    while len(partials) > 1:
        groups = [partials[i : i + fan_in] for i in range(0, len(partials), fan_in)]
        partials = [reducer.combine(group) if len(group) > 1 else group[0] for group in groups]
    return reducer.finish(partials[0])


def outcome(function: Any) -> Any:
    """The result, or the type of the exception."""
    try:
        return function()
    except (TypeError, ValueError, NotImplementedError) as error:
        return type(error)


def assert_same(found: Any, expected: Any) -> None:
    """Equal as the user sees it: values, dtypes, index, order, names; floats to the last digits."""
    if isinstance(expected, pd.DataFrame):
        assert isinstance(found, pd.DataFrame), found
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)
    elif isinstance(expected, pd.Series):
        assert isinstance(found, pd.Series), found
        rtol = 1e-6 if expected.dtype == "float32" else 1e-9
        pd.testing.assert_series_equal(found, expected, rtol=rtol, atol=1e-12)
    elif isinstance(expected, type):
        assert found is expected, found
    elif pd.isna(expected):
        assert pd.isna(found), (found, expected)
        assert (found is pd.NA) == (expected is pd.NA)
    elif isinstance(expected, float | np.floating):
        digits = 1e-6 if isinstance(expected, np.float32) else 1e-9
        assert found == expected or abs(found - expected) <= 1e-9 + digits * abs(expected), (found, expected)
        assert not isinstance(expected, np.float32) or isinstance(found, np.float32)
    else:
        assert found == expected, (found, expected)
        assert isinstance(found, np.generic) == isinstance(expected, np.generic)
