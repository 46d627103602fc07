"""Random pandas frames and the same in partitions: empty ones, single rows, missing values, any index order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import chunkscope
from chunkscope.dataframe.expr import unknown_divisions
from chunkscope.dataframe.ops.making import FromPandas, Held
from chunkscope.dataframe.rules import FRAME_RULES
from chunkscope.dataframe.wrapping import wrap

RULES = tuple(rule.name for rule in FRAME_RULES)
rule_names = st.sets(st.sampled_from(RULES)).map(sorted)

WORDS = ["EWR", "JFK", "LGA", "", "a,b", "ü"]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int64": st.integers(-5, 9),
    "float64": st.sampled_from([-1.5, 0.0, 2.0, 1e9, np.nan]),
    "bool": st.booleans(),
    "str": st.sampled_from([*WORDS, np.nan]),
    "category": st.sampled_from(["x", "y", None]),
    "datetime64[ns]": st.sampled_from([pd.Timestamp("2013-01-01"), pd.Timestamp("2013-07-04 12:30"), pd.NaT]),
    "Int64": st.sampled_from([1, 2, -3, None]),
}


@st.composite
def frames(
    draw: st.DrawFn, dtypes: tuple[str, ...] = ("int64", "float64", "bool", "str"), most: int = 12
) -> Any:
    """A frame with one column of each dtype, named by it, over an index that may repeat and is in any order."""
    nrows = draw(st.integers(0, most))
    columns = {
        dtype: pd.Series(draw(st.lists(VALUES[dtype], min_size=nrows, max_size=nrows)), dtype=dtype)
        for dtype in dtypes
    }
    frame = pd.DataFrame(columns)
    index = draw(st.sampled_from(["range", "repeated", "words"]))
    if index == "repeated":
        frame.index = pd.Index(
            draw(st.lists(st.integers(0, 4), min_size=nrows, max_size=nrows)), dtype="int64"
        )
    elif index == "words":
        frame.index = pd.Index(
            draw(st.lists(st.sampled_from(WORDS), min_size=nrows, max_size=nrows)), dtype="str", name="key"
        )
    return frame


@st.composite
def cuts(draw: st.DrawFn, nrows: int, most: int = 4) -> tuple[int, ...]:
    """Where to cut `nrows` rows: partitions may be empty."""
    inner = draw(st.lists(st.integers(0, nrows), max_size=most - 1))
    return (0, *sorted(inner), nrows)


def in_partitions(value: Any, bounds: tuple[int, ...]) -> Any:
    """A pandas object as a lazy one, cut at these rows."""
    return wrap(FromPandas(Held(value), bounds, unknown_divisions(len(bounds) - 1)))


@st.composite
def partitioned(draw: st.DrawFn, dtypes: tuple[str, ...] = ("int64", "float64", "bool", "str")) -> Any:
    """A pandas frame and the same in partitions."""
    frame = draw(frames(dtypes))
    return frame, in_partitions(frame, draw(cuts(len(frame))))


def same(found: Any, expected: Any) -> None:
    """Whether a value is pandas' own: values, dtypes, index, order, names."""
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, check_index_type="equiv" if len(expected) else False)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected, check_index_type="equiv" if len(expected) else False)
    elif isinstance(expected, pd.Index):
        pd.testing.assert_index_equal(found, expected)
    else:
        assert type(found) is type(expected)
        assert found == expected or (pd.isna(found) and pd.isna(expected))


def computed(lazy: Any, rules: list[str] | None = None) -> Any:
    """The value, computed in this thread with these rules (None: all)."""
    return chunkscope.compute(lazy, scheduler="sync", rules=rules)[0]
