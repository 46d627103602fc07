"""Columns, rows and partitions are those that pandas picks, with any rules."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.strategies import computed, in_partitions, partitioned, rule_names, same


@given(partitioned(), rule_names)
def test_filters_and_columns(pair: Any, rules: list[str]) -> None:
    frame, x = pair
    mask = (frame["int64"] > 0) & (frame["float64"] <= 2)
    lazy = x[(x["int64"] > 0) & (x["float64"] <= 2)]
    same(computed(lazy, rules), frame[mask])
    same(computed(lazy["str"], rules), frame[mask]["str"])
    same(computed(lazy[["str", "int64"]], rules), frame[mask][["str", "int64"]])
    same(computed(x["int64"][x["bool"]], rules), frame["int64"][frame["bool"]])


@given(partitioned(), st.integers(-3, 15), rule_names)
def test_head_and_tail_of_all_partitions(pair: Any, n: int, rules: list[str]) -> None:
    frame, x = pair
    same(x.head(n, npartitions=-1), frame.head(n) if n >= 0 or x.npartitions == 1 else x.head(n, -1))
    first = computed(x.partitions[0])
    same(computed(x.head(n, compute=False), rules), first.head(n))
    last = computed(x.partitions[-1])
    same(computed(x.tail(n, compute=False), rules), last.tail(n))


@given(partitioned(), st.data(), rule_names)
def test_partitions(pair: Any, data: st.DataObject, rules: list[str]) -> None:
    _, x = pair
    picked = data.draw(st.lists(st.integers(0, x.npartitions - 1), min_size=1, max_size=4))
    parts = [computed(x.get_partition(i)) for i in picked]
    same(computed(x.partitions[picked][["str"]], rules), pd.concat(parts)[["str"]])


@pytest.mark.parametrize("npartitions", range(1, 8))
@pytest.mark.parametrize("values", [[], [3], [1, 1, 1], [2, 1, 2, 1], [5, 4, 3, 2, 1], [None, 1.0]])
def test_from_pandas_sorts_and_keeps_equal_index_values_together(values: list[Any], npartitions: int) -> None:
    frame = pd.DataFrame({"a": range(len(values))}, index=pd.Index(values))
    if frame.index.hasnans:
        with pytest.raises(FrameError, match="missing values"):
            cd.from_pandas(frame, npartitions=npartitions)
        same(cd.from_pandas(frame, npartitions=npartitions, sort=False).compute(), frame)
        return
    x = cd.from_pandas(frame, npartitions=npartitions)
    same(x.compute(), frame.sort_index(kind="stable"))
    for i in range(x.npartitions if values else 0):
        part = computed(x.get_partition(i))
        assert x.divisions[i] == part.index[0]
        assert i == x.npartitions - 1 or part.index[-1] < x.divisions[i + 1]


def test_reading_takes_only_the_partitions_and_columns_wanted() -> None:
    x = in_partitions(pd.DataFrame({"a": range(6), "b": range(6)}), (0, 2, 4, 6))
    import chunkscope

    lazy = (x[x.a > 3] * 2).partitions[2]["b"]
    assert chunkscope.plan(lazy).ntasks == 1
    assert [f.rule for f in chunkscope.explain(lazy).steps].count("read-columns-used") == 0  # both are read
    same(lazy.compute(), pd.Series([8, 10], index=[4, 5], name="b"))


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda x: x["zz"], KeyError, "the columns are 'a', 'b'"),
        (lambda x: x[["a", "zz"]], KeyError, "no column 'zz'"),
        (lambda x: x.zz, AttributeError, "map_partitions"),
        (lambda x: x[x.a + 1], FrameError, "needs a series of booleans, found a Series of int64"),
        (lambda x: x[2:3], FrameError, "row numbers"),
        (lambda x: x.partitions[9], FrameError, "there are 2, numbered 0 to 1"),
        (lambda x: x.partitions[2:2], FrameError, "picks none"),
        (lambda x: x.head(3, npartitions=5), FrameError, "there are 2"),
        (lambda x: bool(x), TypeError, "not computed yet"),
        (lambda x: bool(x.a > 1), TypeError, "not computed yet"),
        (lambda x: list(x.a), TypeError, "not computed yet"),
        (lambda x: cd.from_pandas([1, 2], 2), FrameError, "found list"),
        (lambda x: cd.from_pandas(pd.Series([1]), 0), FrameError, "npartitions=0"),
        (lambda x: cd.from_delayed([1]), FrameError, "delayed"),
    ],
)
def test_what_cannot_be_asked(ask: Any, error: type[Exception], message: str) -> None:
    x = in_partitions(pd.DataFrame({"a": range(4), "b": range(4)}), (0, 2, 4))
    with pytest.raises(error, match=message):
        ask(x)


@pytest.mark.parametrize("dtype", ["bool[pyarrow]", "boolean", "Sparse[bool]"])
def test_booleans_of_any_dtype_choose_rows(dtype: str) -> None:
    frame = pd.DataFrame({"a": range(4), "m": pd.Series([True, False, True, True], dtype=dtype)})
    x = cd.from_pandas(frame, npartitions=2)
    same(computed(x[x.m]), frame[frame.m])
