"""Joins with a small frame against pandas: the same rows, and their order where pandas' own follows the large frame."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import WORDS, computed, in_partitions, partitioned, rule_names, same


@st.composite
def small(draw: st.DrawFn) -> pd.DataFrame:
    """A lookup table, whose keys may repeat or be missing."""
    keys = draw(st.lists(st.sampled_from([*WORDS, None]), max_size=6))
    numbers = draw(st.lists(st.integers(0, 9), min_size=len(keys), max_size=len(keys)))
    return pd.DataFrame(
        {"str": pd.Series(keys, dtype="str"), "int64": pd.Series(numbers, dtype="int64"), "city": 1.5}
    )


@short
@given(
    data=partitioned(("int64", "str")),
    right=small(),
    how=st.sampled_from(["inner", "left"]),
    lazy=st.booleans(),
    rules=rule_names,
)
def test_rows_and_order_are_pandas_own(
    data: Any, right: pd.DataFrame, how: str, lazy: bool, rules: list[str]
) -> None:
    pandas, large = data
    other = cd.from_pandas(right, npartitions=1, sort=False) if lazy else right
    expected = pandas.merge(right, on="str", how=how)
    found = computed(large.merge(other, on="str", how=how), rules)
    same(found.reset_index(drop=True), expected)
    picked = computed(large.merge(other, on="str", how=how)[["city", "int64_y"]], rules)
    same(picked.reset_index(drop=True), expected[["city", "int64_y"]])


@short
@given(
    data=partitioned(("int64", "str")),
    right=small(),
    how=st.sampled_from(["inner", "right"]),
    rules=rule_names,
)
def test_a_small_frame_on_the_left(data: Any, right: pd.DataFrame, how: str, rules: list[str]) -> None:
    pandas, large = data
    found = computed(cd.merge(right, large, on="str", how=how, indicator=True), rules)
    expected = right.merge(pandas, on="str", how=how, indicator=True)
    by = list(expected.columns)
    same(found.sort_values(by).reset_index(drop=True), expected.sort_values(by).reset_index(drop=True))


@short
@given(data=partitioned(("int64", "str")), rules=rule_names)
def test_join_keeps_the_index(data: Any, rules: list[str]) -> None:
    pandas, large = data
    names = pd.DataFrame({"name": ["one", "two", "five"]}, index=[1, 2, 5])
    same(computed(large.join(names, on="int64"), rules), pandas.join(names, on="int64"))
    by_index = large["int64"].to_frame().join(pandas["str"][:0].rename("other"))
    assert list(by_index.columns) == ["int64", "other"]


def frame(npartitions: int) -> Any:
    return cd.from_pandas(pd.DataFrame({"k": range(6), "v": range(6)}), npartitions)


def test_index_joins_keep_divisions() -> None:
    right = pd.DataFrame({"w": range(6)})
    lazy = frame(3).join(right)
    assert lazy.divisions == (0, 2, 4, 5)
    same(lazy.compute(), pd.DataFrame({"k": range(6), "v": range(6), "w": range(6)}))
    lazy = frame(3).merge(right, left_on="k", right_index=True, how="left")
    assert lazy.divisions == (0, 2, 4, 5)


def test_only_columns_that_matter_are_read() -> None:
    told = str(frame(2).merge(pd.DataFrame({"k": [1], "w": [2]})).w.explain().describe())
    assert "read-columns-used" in told


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda x: x.merge(frame(2)), FrameError, r"right\.repartition\(npartitions=1\)"),
        (lambda x: x.merge(pd.DataFrame({"k": [1]}), how="outer"), FrameError, "how='inner' or how='left'"),
        (lambda x: x.merge(pd.DataFrame({"k": [1]}), how="right"), FrameError, "how='inner' or how='left'"),
        (
            lambda x: cd.merge(pd.DataFrame({"k": [1]}), x, how="left"),
            FrameError,
            "how='inner' or how='right'",
        ),
        (lambda x: x.merge(pd.DataFrame({"k": [1]}), how="semi"), FrameError, "how='semi' is not one of"),
        (lambda x: x.merge(pd.DataFrame({"q": [1]})), FrameError, "no column in common"),
        (
            lambda x: x.merge(pd.DataFrame({"q": [1]}), left_on="k", right_on="r"),
            KeyError,
            "right frame has no column",
        ),
        (lambda x: x.merge(3), FrameError, "right is of type int"),
        (lambda x: x.merge(pd.DataFrame({"k": ["a"]})), ValueError, "merge on"),
        (lambda x: x.join(pd.DataFrame({"k": [1]})), FrameError, "lsuffix"),
    ],
)
def test_what_cannot_be_joined_says_what_can(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act(frame(3))


def test_empty_partitions_join() -> None:
    data = pd.DataFrame({"str": pd.Series([], dtype="str"), "a": pd.Series([], dtype="int64")})
    lazy = in_partitions(data, (0, 0, 0))
    right = pd.DataFrame({"str": ["EWR"], "b": [1.5]})
    same(computed(lazy.merge(right)).reset_index(drop=True), data.merge(right))
