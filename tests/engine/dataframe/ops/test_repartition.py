"""Other partitions, the same rows; operands cut alike by their divisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.compute import prepare
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import computed, in_partitions, partitioned, rule_names, same


def sizes(lazy: Any) -> list[int]:
    found: list[int] = lazy.map_partitions(len).compute().tolist()
    return found


@short
@given(data=partitioned(("int64", "str", "category")), count=st.integers(1, 7), rules=rule_names)
def test_rows_stay_in_order(data: Any, count: int, rules: list[str]) -> None:
    pandas, lazy = data
    other = lazy.repartition(npartitions=count)
    assert other.npartitions == count
    same(computed(other, rules), pandas)
    same(computed(other["str"], rules), pandas["str"])
    assert sizes(other) == other.partition_rows


@short
@given(rows=st.lists(st.integers(0, 20), min_size=2, max_size=12), data=st.data())
def test_fewer_partitions_are_balanced_by_rows(rows: list[int], data: Any) -> None:
    bounds = (0, *np.cumsum(rows).tolist())
    count = data.draw(st.integers(1, len(rows)))
    frame = pd.DataFrame({"a": range(bounds[-1])})
    other = in_partitions(frame, bounds).repartition(npartitions=count)
    assert sum(other.partition_rows) == bounds[-1]
    # no cut is further from its place than half the partition that lies there, unless each needs one of its own
    if count * 2 <= len(rows):
        most = bounds[-1] / count + max(rows)
        assert max(other.partition_rows) <= most + max(rows)


@short
@given(count=st.integers(1, 9))
def test_known_divisions_stay_known(count: int) -> None:
    frame = pd.DataFrame({"a": range(20)}, index=range(0, 40, 2))
    lazy = cd.from_pandas(frame, npartitions=4).repartition(npartitions=count)
    assert lazy.known_divisions
    assert lazy.npartitions == count
    assert (lazy.divisions[0], lazy.divisions[-1]) == (0, 38)
    same(computed(lazy), frame)
    for i in range(count):
        part = lazy.partitions[i].compute()
        low, high = lazy.divisions[i : i + 2]
        assert ((part.index >= low) & ((part.index < high) | (i == count - 1))).all()


def test_times_are_cut_between_times() -> None:
    frame = pd.DataFrame({"a": range(10)}, index=pd.date_range("2013-01-01", periods=10))
    lazy = cd.from_pandas(frame, npartitions=1)
    other = lazy.repartition(npartitions=3)
    assert other.divisions[1] == pd.Timestamp("2013-01-04")
    same(computed(other), frame)
    weekly = lazy.repartition(freq="W")
    assert weekly.divisions == tuple(pd.to_datetime(["2013-01-01", "2013-01-06", "2013-01-10"]))
    same(computed(weekly), frame)


@st.composite
def rising(draw: st.DrawFn) -> tuple[int, ...]:
    inner = draw(st.sets(st.integers(1, 18), max_size=6))
    return (0, *sorted(inner), 19)


@short
@given(first=rising(), second=rising(), step=st.sampled_from([1, 2, 3]), rules=rule_names)
def test_cut_at_index_values(
    first: tuple[int, ...], second: tuple[int, ...], step: int, rules: list[str]
) -> None:
    frame = pd.DataFrame({"a": range(20)})
    frame = frame[(frame.index % step == 0) | (frame.index == 19)]
    lazy = cd.from_pandas(frame, npartitions=3).repartition(divisions=first)
    assert lazy.divisions == first
    other = lazy.repartition(divisions=second)
    same(computed(other, rules), frame)
    wider = lazy.repartition(divisions=(-5, *second, 40), force=True)
    same(computed(wider, rules), frame)


def test_by_size() -> None:
    frame = pd.DataFrame({"a": np.arange(1000)}, index=pd.Index(np.arange(1000)))
    lazy = in_partitions(frame, (0, 10, 20, 900, 1000))
    other = lazy.repartition(partition_size="4 kB")
    assert all(nbytes <= 4000 for nbytes in other._expr.block_bytes())
    assert sizes(other)[0] == 20
    same(computed(other), frame)
    assert lazy.repartition(partition_size="1 MB").npartitions == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "takes one of npartitions=, partition_size= and divisions="),
        ({"npartitions": 2, "divisions": (0, 1)}, "2 were given"),
        ({"npartitions": 0}, "npartitions=0 is not a number of 1 or more"),
        ({"npartitions": "two"}, "npartitions='two'"),
        ({"divisions": (0, 3, 2, 5)}, "divisions must rise"),
        ({"divisions": (0, 4)}, "asked were 0 to 4"),
        ({"divisions": (0, 9)}, "force=True"),
        ({"divisions": ("a", "b")}, "cannot be compared"),
        ({"partition_size": 0}, "partition_size=0"),
    ],
)
def test_what_cannot_be_cut_says_why(options: dict[str, Any], words: str) -> None:
    lazy = cd.from_pandas(pd.DataFrame({"a": range(6)}), npartitions=2)
    with pytest.raises(FrameError, match=words):
        lazy.repartition(**options)


def test_unknown_divisions_cannot_be_named() -> None:
    lazy = cd.from_pandas(pd.DataFrame({"a": range(6)}), npartitions=2, sort=False)
    with pytest.raises(FrameError, match="divisions are known, and these are not"):
        lazy.repartition(divisions=(0, 5))


@short
@given(
    first=st.lists(st.integers(0, 12), unique=True, min_size=1, max_size=8),
    second=st.lists(st.integers(0, 12), unique=True, min_size=1, max_size=8),
    counts=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    rules=rule_names,
)
def test_operands_with_other_divisions_are_cut_alike(
    first: list[int], second: list[int], counts: tuple[int, int], rules: list[str]
) -> None:
    x = pd.Series(range(len(first)), index=sorted(first), name="v", dtype="float64")
    y = pd.Series(range(len(second)), index=sorted(second), name="v", dtype="float64")
    a, b = cd.from_pandas(x, counts[0]), cd.from_pandas(y, counts[1])
    same(computed(a + b, rules), x + y)
    same(computed(a.add(b, fill_value=0), rules), x.add(y, fill_value=0))
    same(computed(a * y.sample(frac=1, random_state=1), rules), x * y)
    same(computed(a.to_frame().assign(w=b), rules), x.to_frame().assign(w=y.reindex(x.index)))
    same(computed(a.where(b > 1, -1), rules), x.where((y > 1).reindex(x.index, fill_value=False), -1))


def test_filters_of_one_reader_belong_together() -> None:
    frame = pd.DataFrame({"a": range(6), "b": [1.0] * 6})
    lazy = cd.from_pandas(frame, npartitions=3, sort=False)
    same(computed(lazy.a[lazy.a > 2] + lazy.b), frame.a[frame.a > 2] + frame.b)
    assert not (lazy.a[lazy.a > 2] + lazy.b).partition_rows_exact
    assert (lazy.a + lazy.b).partition_rows_exact
    assert not (lazy.a.dropna() + lazy.a).partition_rows_exact


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda x, y: x.a + y.a, "come from different readers"),
        (lambda x, y: x[y.a > 1], "come from different readers"),
        (lambda x, y: x.assign(b=y.a), "come from different readers"),
        (lambda x, y: x + y.a, "matched with its columns"),
        (lambda x, y: x.a * [1, 2], "of 2 values cannot be matched with rows"),
        (lambda x, y: x.assign(b=np.arange(6)), "cannot be cut into partitions"),
        (lambda x, y: x.index == 3, "to_series"),
        (lambda x, y: x.reset_index(drop=True).a + x.a, "come from different readers"),
    ],
)
def test_rows_that_may_not_belong_together(act: Any, words: str) -> None:
    frame = pd.DataFrame({"a": range(6)})
    x = cd.from_pandas(frame, npartitions=2, sort=False)
    y = cd.from_pandas(frame, npartitions=3, sort=False)
    with pytest.raises(FrameError, match=words):
        act(x, y)


def test_only_what_is_read_is_made() -> None:
    lazy = cd.from_pandas(pd.DataFrame({"a": range(20), "b": 1.5}), npartitions=10)

    def tasks(x: Any) -> int:
        return prepare([x]).graph.ntasks

    whole = pd.DataFrame({"a": range(20), "b": 1.5})
    other = in_partitions(whole, (0, 2, 9, 20)).repartition(npartitions=5)
    picked = other[other.a > 3].partitions[4]
    assert tasks(picked) == 3
    same(computed(picked), whole[14:])
    picked = lazy.repartition(npartitions=5).partitions[[3, 1]]
    assert tasks(picked) == 6
    same(computed(picked), pd.concat([whole[12:16], whole[4:8]]))
    cut = lazy.repartition(divisions=(0, 3, 9, 19))
    assert tasks(cut.partitions[0]) == 3
    same(computed(cut.partitions[[0, 2]]), pd.concat([whole[:3], whole[9:]]))
    same(
        computed(cut.partitions[[0, 2]] + lazy.partitions[[1, 3, 7]].a.sum()),
        pd.concat([whole[:3], whole[9:]]) + 47,
    )
    assert tasks(cd.concat([lazy, lazy * 2]).partitions[12]) == 1
    same(computed(cd.concat([lazy, lazy * 2]).partitions[[1, 12]]), pd.concat([whole[2:4], whole[4:6] * 2]))
    assert tasks(lazy.shift(1).partitions[0]) == 1
    for act in (
        lambda x: x.shift(3),
        lambda x: x.shift(-3),
        lambda x: x.cumsum(),
        lambda x: x.where(x.a % 4 == 0).ffill(),
        lambda x: x.where(x.a % 4 == 0).bfill(),
    ):
        for start, number in ((0, 0), (6, 3), (18, 9)):
            found = computed(act(lazy.assign(b=lazy.a)).partitions[number])
            same(found, act(whole.assign(b=whole.a))[start : start + 2])
