"""The user's own functions: over partitions, rows and values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.compute import prepare
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import computed, in_partitions, partitioned, rule_names, same

FRAME = pd.DataFrame({"a": range(6), "b": [0.5, np.nan, 2.0, 3.0, 4.0, 5.0], "s": list("uvwxyz")})


def lazy_frame(npartitions: int = 3) -> Any:
    return cd.from_pandas(FRAME, npartitions)


@short
@given(data=partitioned(("int64", "float64", "str")), rules=rule_names)
def test_a_function_over_partitions_is_that_over_rows(data: Any, rules: list[str]) -> None:
    pandas, lazy = data

    def act(x: Any, factor: int, name: str = "c") -> Any:
        x[name] = x["int64"] * factor  # the partition is the function's own
        return x[x[name] > 0]

    same(computed(lazy.map_partitions(act, 2, name="d"), rules), act(pandas.copy(), 2, name="d"))
    same(computed(lazy, rules), pandas)
    picked = lazy.map_partitions(act, 2)["c"] + 1
    same(computed(picked, rules), act(pandas.copy(), 2)["c"] + 1)


@short
@given(data=partitioned(("int64", "float64", "str")), rules=rule_names)
def test_functions_over_rows_and_values(data: Any, rules: list[str]) -> None:
    pandas, lazy = data
    if not len(pandas):
        return  # pandas calls the function with nothing to see what it gives
    same(
        computed(lazy.apply(lambda row, n: row["int64"] + n, axis=1, args=(2,)), rules),
        pandas.apply(lambda row, n: row["int64"] + n, axis=1, args=(2,)),
    )
    same(
        computed(lazy[["int64", "float64"]].apply(lambda row: row * 2.0, axis=1), rules),
        pandas[["int64", "float64"]].apply(lambda row: row * 2.0, axis=1),
    )
    same(computed(lazy["int64"].map(lambda v: v / 2), rules), pandas["int64"].map(lambda v: v / 2))
    same(
        computed(lazy["int64"].apply(lambda v, n: v + n, n=1), rules),
        pandas["int64"].apply(lambda v, n: v + n, n=1),
    )
    same(
        computed(lazy["str"].map(len, na_action="ignore", meta=("str", "float64")), rules),
        pandas["str"].map(len, na_action="ignore"),
    )
    same(computed(lazy[["int64"]].map(lambda v: v + 0.5), rules), pandas[["int64"]].map(lambda v: v + 0.5))


def test_several_frames_go_side_by_side() -> None:
    x, whole = lazy_frame(), cd.from_pandas(FRAME, 1)

    def act(a: Any, b: Any, c: Any, total: Any, n: int = 0) -> Any:
        return a.a + b.b + len(c) + total + n

    found = cd.map_partitions(act, x, x[["b"]], whole, x.a.sum(), n=1)
    same(computed(found), FRAME.a + FRAME.b + 6 + 15 + 1)
    found = x.map_partitions(lambda part, other: part.a + other.a, other=x * 1 if False else x[["a"]])
    same(computed(found), FRAME.a + FRAME.a)


def test_one_value_for_each_partition() -> None:
    x = lazy_frame()
    counts = x.map_partitions(len)
    same(computed(counts), pd.Series([2, 2, 2], index=[0, 1, 2]))
    assert counts.divisions == (0, 1, 2, 2)
    same(computed(counts.partitions[2]), pd.Series([2], index=[2]))
    assert computed(x.map_partitions(lambda part: part.a.sum()).sum()) == 15


def test_partition_info() -> None:
    def act(part: Any, partition_info: Any = None) -> Any:
        return part.assign(n=partition_info["number"], first=str(partition_info["division"]))

    x = lazy_frame()
    same(
        computed(x.map_partitions(act)[["n", "first"]]),
        FRAME.assign(n=[0, 0, 1, 1, 2, 2], first=list("002244"))[["n", "first"]],
    )
    assert computed(x.map_partitions(act).partitions[2]).n.tolist() == [2, 2]


def test_divisions_stay_where_the_index_does() -> None:
    x = lazy_frame()
    assert x.map_partitions(lambda part: part * 2).divisions == x.divisions
    assert not x.map_partitions(lambda part: part.reset_index(drop=True)).known_divisions
    assert not x.map_partitions(lambda part: part.set_index("a")).known_divisions
    assert x.map_partitions(lambda part: part[part.a > 100], clear_divisions=False).known_divisions
    assert not x.map_partitions(lambda part: part * 2, clear_divisions=True).known_divisions
    assert not x.map_partitions(lambda part: part, meta=FRAME).known_divisions


@pytest.mark.parametrize(
    "meta",
    [
        {"n": "int64"},
        [("n", "int64")],
        pd.DataFrame({"n": pd.Series([], dtype="int64")}),
    ],
)
def test_meta_may_be_said(meta: Any) -> None:
    def picky(part: Any) -> Any:
        assert part.s.iloc[0] in "uwy"  # made-up values would not do
        return part[["a"]].rename(columns={"a": "n"})

    found = lazy_frame().map_partitions(picky, meta=meta)
    assert found.dtypes.to_dict() == {"n": np.dtype("int64")}
    same(computed(found), FRAME[["a"]].rename(columns={"a": "n"}))


def test_meta_of_series_and_values() -> None:
    x = lazy_frame()
    found = x.map_partitions(lambda part: part.a * 1.0, meta=("v", "float64"))
    assert (found.name, found.dtype) == ("v", np.dtype("float64"))
    same(computed(found), (FRAME.a * 1.0).rename("v"))
    same(computed(x.map_partitions(len, meta="int64")), pd.Series([2, 2, 2], index=[0, 1, 2]))
    turned = x.map_partitions(lambda part: part[["b", "a"]], meta={"a": "int64", "b": "float64"})
    same(computed(turned), FRAME[["a", "b"]])


def test_the_functions_name_is_shown_and_its_errors_come_back() -> None:
    def fussy(part: Any) -> Any:
        if 3 in part.a.tolist():
            raise ValueError("three")
        return part

    found = lazy_frame().map_partitions(fussy)
    assert "fussy" in [layer.op.rpartition(" ")[2] for layer in prepare([found]).graph.layers]
    with pytest.raises(ValueError, match="three"):
        chunkscope.compute(found, scheduler="sync")


def test_equal_calls_are_one() -> None:
    def act(part: Any) -> Any:
        return part

    x = in_partitions(FRAME, (0, 3, 6))
    assert x.map_partitions(act)._expr.token == x.map_partitions(act)._expr.token
    assert x.map_partitions(act)._expr.token != x.map_partitions(act, meta=FRAME[["a"]])._expr.token


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda x: x.map_partitions(lambda part: part.missing), "with meta=:"),
        (lambda x: x.map_partitions(lambda part: part.to_numpy()), "an array of 2 axes"),
        (lambda x: x.map_partitions(3), "needs a function, found int"),
        (lambda x: cd.map_partitions(len, FRAME), "needs a lazy frame"),
        (lambda x: x.map_partitions(lambda a, b: a, lazy_frame(2)), "have 2 and 3 partitions"),
        (lambda x: x.map_partitions(lambda a, b: a, chunkscope.delayed(len)([])), "cannot take a Delayed"),
        (lambda x: x.map_partitions(len, meta="no dtype"), "is no description of a result"),
        (
            lambda x: x.map_partitions(lambda part: part, meta={"q": int}).compute(),
            "gave columns 'a', 'b', 's'",
        ),
        (lambda x: x.map_partitions(lambda part: 1, meta={"q": int}).compute(), "promised was a DataFrame"),
        (lambda x: x.apply(len), "axis=0"),
        (lambda x: x.apply(lambda row: row.missing, axis=1), "with meta=:"),
        (lambda x: x.s.map(3), "needs a function, dict or series"),
        (lambda x: x.s.map(x.s), "lazy one of 3 partitions"),
    ],
)
def test_what_cannot_be_called_says_why(act: Any, words: str) -> None:
    with pytest.raises(FrameError, match=words):
        act(lazy_frame())
