"""Rows by label, columns by name and number, rows numbered anew."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.compute import prepare
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import computed, in_partitions, partitioned, rule_names, same

FRAME = pd.DataFrame({"a": range(10), "b": [0.5] * 10, "s": list("abcdefghij")}, index=range(0, 20, 2))


@short
@given(
    index=st.lists(st.integers(0, 12), min_size=1, max_size=12).map(sorted),
    count=st.integers(1, 4),
    low=st.none() | st.integers(-1, 13),
    high=st.none() | st.integers(-1, 13),
    rules=rule_names,
)
def test_a_slice_of_labels(index: list[int], count: int, low: Any, high: Any, rules: list[str]) -> None:
    frame = pd.DataFrame({"a": range(len(index)), "b": 1.5}, index=index)
    lazy = cd.from_pandas(frame, count)
    same(computed(lazy.loc[low:high], rules), frame.loc[low:high])
    same(computed(lazy.a.loc[low:high], rules), frame.a.loc[low:high])
    same(computed(lazy.loc[low:high, "b"], rules), frame.loc[low:high, "b"])


@short
@given(
    labels=st.lists(st.sampled_from(range(0, 20, 2)), min_size=1, max_size=5).map(sorted), rules=rule_names
)
def test_labels(labels: list[int], rules: list[str]) -> None:
    lazy = cd.from_pandas(FRAME, 4)
    same(computed(lazy.loc[labels], rules), FRAME.loc[labels])
    same(computed(lazy.loc[labels, ["s", "a"]], rules), FRAME.loc[labels, ["s", "a"]])
    same(computed(lazy.loc[labels[0]], rules), FRAME.loc[[labels[0]]])


def test_only_the_partitions_that_hold_the_labels_are_read() -> None:
    lazy = cd.from_pandas(FRAME, 5)
    assert lazy.loc[4:6].npartitions == 1
    assert lazy.loc[4:6].divisions == (4, 6)
    assert lazy.loc[[0, 18]].npartitions == 2
    assert prepare([lazy.loc[4:6]]).graph.ntasks == 1


def test_columns() -> None:
    lazy = cd.from_pandas(FRAME, 2)
    for key in (["b", "a"], "s", slice("a", "b"), [True, False, True]):
        same(computed(lazy.loc[:, key]), FRAME.loc[:, key])
    same(computed(lazy.loc[lazy.a > 3, ["s"]]), FRAME.loc[FRAME.a > 3, ["s"]])
    for key in (0, [2, 0], slice(0, 2), -1):
        same(computed(lazy.iloc[:, key]), FRAME.iloc[:, key])


@short
@given(data=partitioned(("int64", "str")), drop=st.booleans(), rules=rule_names)
def test_rows_are_numbered_through_where_they_are_counted(data: Any, drop: bool, rules: list[str]) -> None:
    frame, lazy = data
    same(computed(lazy.reset_index(drop=drop), rules), frame.reset_index(drop=drop))
    same(computed(lazy["str"].reset_index(drop=True), rules), frame["str"].reset_index(drop=True))
    if lazy.npartitions > 1:
        number = lazy.npartitions - 1
        first = sum(lazy.partition_rows[:number])
        same(
            computed(lazy.reset_index(drop=drop).partitions[number], rules),
            frame.reset_index(drop=drop)[first:],
        )
    name = frame.index.name or "index"
    if not drop:
        same(computed(lazy.reset_index()[[name]], rules), frame.reset_index()[[name]])


def test_rows_are_numbered_in_each_partition_where_they_are_not_counted() -> None:
    lazy = cd.from_pandas(FRAME, 2)
    found = lazy[lazy.a > 3].reset_index(drop=True)
    assert not found.known_divisions
    assert computed(found).index.tolist() == [0, 0, 1, 2, 3, 4]
    assert lazy.reset_index().divisions == (0, 5, 9)


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda x: x.loc[99], KeyError, "no label 99: the index runs from 0 to 18"),
        (lambda x: x.loc["a"], FrameError, "cannot be compared with the index"),
        (lambda x: x.loc[[18, 0]], FrameError, "in rising order"),
        (lambda x: x.loc[0:10:2], FrameError, "row numbers"),
        (lambda x: x.loc[[True, False]], FrameError, "lazy mask"),
        (lambda x: x.loc[0, "q"], KeyError, "no column 'q'"),
        (lambda x: x.loc[0, "a", 1], FrameError, "3 keys"),
        (lambda x: x.loc[lambda y: y.a], FrameError, "not a function"),
        (lambda x: x.iloc[3], FrameError, "iloc"),
        (lambda x: x.iloc[:2, 0], FrameError, "numbers of rows"),
        (lambda x: in_partitions(FRAME, (0, 5, 10)).loc[2:4], FrameError, "divisions are not known"),
        (lambda x: in_partitions(FRAME, (0, 5, 10)).loc[2], FrameError, "divisions are not known"),
    ],
)
def test_what_cannot_be_found_says_why(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act(cd.from_pandas(FRAME, 2))


def test_a_label_that_is_in_no_partition_is_an_error_as_in_pandas() -> None:
    with pytest.raises(KeyError, match="3"):
        computed(cd.from_pandas(FRAME, 2).loc[[2, 3]])
