"""Frames one below the other, and one call for each partition."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import computed, partitioned, rule_names, same

DTYPES = ("int64", "float64", "str", "bool")


@short
@given(first=partitioned(DTYPES), second=partitioned(DTYPES), rules=rule_names, data=st.data())
def test_rows_below_rows(first: Any, second: Any, rules: list[str], data: Any) -> None:
    (a, x), (b, y) = first, second
    some = data.draw(st.sets(st.sampled_from(DTYPES), min_size=1).map(sorted))
    join = data.draw(st.sampled_from(["outer", "inner"]))
    if a.index.dtype != b.index.dtype or not len(a) or not len(b):
        return
    same(computed(cd.concat([x, y]), rules), pd.concat([a, b]))
    same(computed(cd.concat([x["int64"], y["float64"]]), rules), pd.concat([a["int64"], b["float64"]]))
    if "bool" in some:  # a bool column that a frame lacks becomes one of objects
        found = cd.concat([x, y[some]], join=join)
        same(computed(found, rules), pd.concat([a, b[some]], join=join))
        name = some[0]
        same(computed(found[[name]], rules), pd.concat([a, b[some]], join=join)[[name]])


def test_columns_that_lack_are_missing() -> None:
    a, b = pd.DataFrame({"a": [1, 2], "s": ["x", "y"]}), pd.DataFrame({"a": [3], "n": [4]}, index=[2])
    lazy = cd.concat([cd.from_pandas(a, 2), b])
    assert lazy.npartitions == 3
    assert lazy.dtypes.to_dict() == pd.concat([a, b]).dtypes.to_dict()
    same(computed(lazy), pd.concat([a, b]))
    same(computed(cd.concat([cd.from_pandas(a, 2), b], join="inner")), pd.concat([a, b], join="inner"))


def test_divisions_stay_known_where_frames_follow_each_other() -> None:
    frame = pd.DataFrame({"a": range(8)})
    first, second = cd.from_pandas(frame[:4], 2), cd.from_pandas(frame[4:], 2)
    assert cd.concat([first, second]).divisions == (0, 2, 4, 6, 7)
    assert not cd.concat([second, first]).known_divisions


def make(n: int, more: int = 0, columns: Any = None) -> pd.DataFrame:
    frame = pd.DataFrame({"a": range(n), "b": [float(more)] * n})
    return frame if columns is None else frame[columns]


def test_from_map_calls_once_for_each_partition() -> None:
    lazy = cd.from_map(make, [1, 2, 3], more=7)
    same(computed(lazy), pd.concat([make(1, 7), make(2, 7), make(3, 7)]))
    same(computed(lazy.partitions[1]), make(2, 7))
    same(computed(cd.from_map(make, [1, 2], [5, 6])), pd.concat([make(1, 5), make(2, 6)]))
    assert cd.from_map(make, [1, 2], divisions=(0, 1, 2)).divisions == (0, 1, 2)


def test_from_map_makes_only_the_columns_that_are_read() -> None:
    seen = []

    def spy(n: int, columns: Any = None) -> pd.DataFrame:
        seen.append(columns)
        return make(n, columns=columns)

    lazy = cd.from_map(spy, [1, 2], meta=make(0))
    same(computed(lazy.a + 1), pd.concat([make(1), make(2)]).a + 1)
    assert seen == [["a"], ["a"]]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: cd.from_map(make, []), "at least one value"),
        (lambda: cd.from_map(make, [1], [2, 3]), "found 1 and 2"),
        (lambda: cd.from_map(3, [1]), "needs a function"),
        (lambda: cd.from_map(lambda n: n / 0, [1]), "the first call raised ZeroDivisionError"),
        (lambda: cd.from_map(lambda n: n, [1]), "gives a value of type int"),
        (lambda: cd.from_map(make, [1], divisions=(0,)), "have 2 divisions, found 1"),
        (lambda: cd.from_map(make, [1], meta={"q": int}).compute(), "promised was columns 'q'"),
        (lambda: cd.concat([]), "at least one frame"),
        (lambda: cd.concat([make(1), make(1).a]), "DataFrame and Series"),
        (lambda: cd.concat([3]), "found int"),
        (lambda: cd.concat([make(1)], axis=1), "axis=1"),
        (lambda: cd.concat([make(1)], interleave_partitions=True), "interleave_partitions"),
        (lambda: cd.concat([make(1)], join="left"), "join='left'"),
    ],
)
def test_what_cannot_be_stacked_says_why(act: Any, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        act()
