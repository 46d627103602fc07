"""Running values, shifts and fills across the borders of partitions, against pandas."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import computed, in_partitions, partitioned, rule_names, same

NUMBERS = ("int64", "float64", "Int64")


def near(found: Any, expected: Any) -> None:
    """Equal up to the last digits of floats."""
    check = (
        pd.testing.assert_frame_equal
        if isinstance(expected, pd.DataFrame)
        else pd.testing.assert_series_equal
    )
    check(found, expected, check_index_type="equiv" if len(expected) else False)


@short
@given(
    data=partitioned(NUMBERS),
    name=st.sampled_from(["cumsum", "cumprod", "cummax", "cummin"]),
    skipna=st.booleans(),
    rules=rule_names,
)
def test_running_values(data: Any, name: str, skipna: bool, rules: list[str]) -> None:
    pandas, lazy = data
    near(computed(getattr(lazy, name)(skipna=skipna), rules), getattr(pandas, name)(skipna=skipna))
    column = "float64"
    near(computed(getattr(lazy, name)()[column], rules), getattr(pandas, name)()[column])
    near(
        computed(getattr(lazy[column], name)(skipna=skipna), rules),
        getattr(pandas[column], name)(skipna=skipna),
    )


@short
@given(
    data=partitioned(("int64", "float64", "str", "datetime64[ns]", "category")),
    periods=st.integers(-4, 4),
    rules=rule_names,
)
def test_shifted_rows(data: Any, periods: int, rules: list[str]) -> None:
    pandas, lazy = data
    same(computed(lazy.shift(periods), rules), pandas.shift(periods))
    same(
        computed(lazy["int64"].shift(periods, fill_value=0), rules),
        pandas["int64"].shift(periods, fill_value=0),
    )
    numbers = ["int64", "float64", "datetime64[ns]"]
    same(computed(lazy[numbers].diff(periods), rules), pandas[numbers].diff(periods))
    same(computed(lazy.shift(periods)["str"], rules), pandas["str"].shift(periods))


@short
@given(
    data=partitioned(("float64", "str", "datetime64[ns]", "category", "Int64")),
    name=st.sampled_from(["ffill", "bfill"]),
    limit=st.none() | st.integers(1, 3),
    rules=rule_names,
)
def test_filled_values(data: Any, name: str, limit: int | None, rules: list[str]) -> None:
    pandas, lazy = data
    same(computed(getattr(lazy, name)(limit=limit), rules), getattr(pandas, name)(limit=limit))
    same(computed(getattr(lazy["str"], name)(limit=limit), rules), getattr(pandas["str"], name)(limit=limit))


@short
@given(data=partitioned(("float64",)), before=st.integers(0, 4), after=st.integers(0, 4))
def test_functions_see_rows_around_the_partition(data: Any, before: int, after: int) -> None:
    pandas, lazy = data
    pandas = pandas.fillna(1)

    def window(rows: pd.DataFrame, n: int) -> pd.DataFrame:
        return sum((rows.shift(i, fill_value=0.0) for i in range(-after, before + 1)), rows * n)

    same(computed(lazy.fillna(1).map_overlap(window, before, after, 0)), window(pandas, 0))


def test_rows_across_a_row() -> None:
    frame = pd.DataFrame({"a": [1.0, None], "b": [3.0, 4.0]})
    lazy = in_partitions(frame, (0, 1, 2))
    for act in (lambda x: x.cumsum(axis=1), lambda x: x.shift(1, axis=1), lambda x: x.bfill(axis=1)):
        same(computed(act(lazy)), act(frame))


def test_geometry_stays() -> None:
    lazy = cd.from_pandas(pd.DataFrame({"a": range(6)}), 3)
    for found in (lazy.cumsum(), lazy.shift(), lazy.ffill()):
        assert found.divisions == lazy.divisions
        assert found.partition_rows_exact


@short
@given(bounds=st.tuples(st.integers(0, 8), st.integers(0, 8)).map(sorted), rules=rule_names)
def test_rows_stay_with_those_they_come_from(bounds: list[int], rules: list[str]) -> None:
    pandas = pd.DataFrame({"int64": range(8), "float64": [1.0, -1.0, 2.0, None, 3.0, 1.0, -2.0, 0.0]})
    pandas.index = pd.Index([0, 1, 2, 3, 0, 1, 2, 3])  # as that of two files read one after the other
    lazy = in_partitions(pandas, (0, *bounds, 8))

    def act(x: Any) -> Any:
        return x.assign(total=x.int64.cumsum(), change=x.float64 - x.float64.ffill())[x.int64.shift() > 1]

    same(computed(act(lazy), rules), act(pandas))


def test_rows_of_a_map_with_overlap_are_matched_by_index() -> None:
    frame = pd.DataFrame({"a": range(6)})
    lazy = in_partitions(frame, (0, 2, 6))
    near = lazy.a.map_overlap(lambda rows: rows.shift(1, fill_value=0), 1, 0)
    same(computed(lazy[near > 1]), frame[frame.a.shift(1) > 1])


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda x: x.shift(1.5), "periods=1.5"),
        (lambda x: x.shift(1, freq="D"), "freq"),
        (lambda x: x.ffill(limit=0), "limit=0"),
        (lambda x: x.map_overlap(lambda rows: rows, -1, 0), "before=-1"),
        (lambda x: x.map_overlap(lambda rows: rows / "a", 1, 0), "with meta=:"),
        (lambda x: x.map_overlap(lambda rows: rows[rows.a > 0], 1, 0).compute(), "as many rows as it gets"),
    ],
)
def test_what_cannot_be_carried_says_why(act: Any, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        act(cd.from_pandas(pd.DataFrame({"a": range(6)}), 3))
