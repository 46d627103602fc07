"""Aggregations as users write them: answers, laziness, shape of the plan, refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope
import chunkscope.dataframe as cd
from chunkscope.dataframe.aggregate.tree import FAN_IN
from chunkscope.errors import DTypeError, FrameError, LazyValueError
from tests.engine.dataframe.aggregate.cuts import assert_same

RNG = np.random.default_rng(7)
ROWS = 400
PLAIN = pd.DataFrame(
    {
        "k": pd.Series(RNG.choice(["EWR", "JFK", "LGA"], ROWS), dtype="str"),
        "n": RNG.integers(0, 5, ROWS),
        "v": np.where(RNG.random(ROWS) < 0.1, np.nan, RNG.normal(1e6, 1, ROWS)),
        "w": RNG.normal(size=ROWS),
    }
)


@pytest.fixture
def x() -> Any:
    return cd.from_pandas(PLAIN, npartitions=20)


ASKED: dict[str, Any] = {
    "sum": lambda x: x[["n", "v"]].sum(),
    "mean": lambda x: x.v.mean(),
    "min": lambda x: x.min(),
    "std": lambda x: x.std(numeric_only=True),
    "count": lambda x: x.count(),
    "nunique": lambda x: x.nunique(),
    "rows": lambda x: x[["n", "v"]].mean(axis=1),
    "idxmax": lambda x: x.w.idxmax(),
    "quantile": lambda x: x.w.quantile([0.1, 0.9]),
    "median": lambda x: x.w.median(),
    "describe": lambda x: x.describe(),
    "value_counts": lambda x: x.k.value_counts(),
    "mode": lambda x: x.n.mode(),
    "nlargest": lambda x: x.nlargest(3, "w"),
    "nsmallest": lambda x: x.w.nsmallest(3),
    "different": lambda x: x.drop_duplicates(["k", "n"]),
    "grouped": lambda x: x.groupby("k").v.mean(),
    "grouped by two": lambda x: x.groupby(["k", "n"]).agg(a=("v", "std"), b=("w", "max")),
    "grouped by a test": lambda x: x.groupby(x.w > 0)[["n", "v"]].sum(),
    "grouped by itself": lambda x: x.groupby(x.k).mean(),
    "grouped after a filter": lambda x: x[x.n > 2].groupby("k").size(),
    "one grouped by another": lambda x: x.w.groupby(x.k).last(),
}


@pytest.mark.parametrize("name", ASKED)
def test_answers_are_those_of_pandas(x: Any, name: str) -> None:
    assert_same(ASKED[name](x).compute(scheduler="sync"), ASKED[name](PLAIN))


@pytest.mark.parametrize("workers", [1, 2])
def test_every_executor_gives_the_same_digits(x: Any, workers: int) -> None:
    asked = [x.v.var(), x.groupby("k").w.std(), x.groupby("n").v.mean(), x.w.sum()]
    one = chunkscope.compute(*asked, scheduler="sync")
    two = chunkscope.compute(*asked, scheduler="threads", num_workers=workers)
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


def test_unique_is_a_lazy_series_in_order_of_appearance(x: Any) -> None:
    found = x.k.unique()
    assert_same(found.compute(), pd.Series(PLAIN.k.unique(), name="k"))


def test_meta_says_what_will_come(x: Any) -> None:
    for name in ("grouped by two", "grouped", "value_counts", "describe", "sum"):
        lazy, value = ASKED[name](x), ASKED[name](PLAIN)
        assert type(lazy._meta) is type(value)
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_index_equal(lazy.columns, value.columns)
            assert list(lazy.dtypes) == list(value.dtypes)
        else:
            assert (lazy.name, lazy.dtype) == (value.name, value.dtype)
        assert lazy.npartitions == 1


def test_the_tree_is_fused_into_its_reader_and_narrow(x: Any) -> None:
    plan = x.groupby("k").v.mean().plan()
    text = str(plan)
    assert "from_pandas → groupby-mean-partial: 20 tasks" in text
    assert f"groupby-mean-combine: {-(-20 // FAN_IN)} tasks, tree" in text
    assert "groupby-mean: 1 task, tree" in text


def test_split_every_makes_the_tree_wider(x: Any) -> None:
    assert "sum-combine: 10 tasks" in str(x.w.sum(split_every=2).plan())
    assert_same(x.groupby("k").w.sum(split_every=3).compute(), PLAIN.groupby("k").w.sum())
    with pytest.raises(FrameError, match="split_every=1 is not a number of 2 or more"):
        x.w.sum(split_every=1)


def test_what_gathers_says_why(x: Any) -> None:
    assert "gathers" in str(x.w.quantile().plan())
    assert "a median needs every value of its group" in str(x.groupby("k").w.median().plan())


def test_several_answers_share_one_reading(x: Any) -> None:
    asked = [x.groupby("k").v.mean(), x.v.max(), x.k.value_counts()]
    found = chunkscope.compute(*asked, scheduler="sync")
    assert_same(found[0], PLAIN.groupby("k").v.mean())
    assert found[1] == PLAIN.v.max()


def test_len_needs_no_work_where_rows_are_counted(x: Any) -> None:
    assert len(x) == ROWS
    assert len(x[x.n > 2]) == int((PLAIN.n > 2).sum())
    assert x.size.compute() == PLAIN.size
    assert x.w.size.compute() == ROWS


def test_nothing_is_computed_before_it_is_asked(x: Any) -> None:
    def fails(part: pd.DataFrame) -> pd.DataFrame:
        raise AssertionError("computed")

    lazy = x.map_partitions(fails, meta=PLAIN[:0])
    lazy.groupby("k").v.mean()
    lazy.describe()
    lazy.k.value_counts()


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda x: x.groupby("zz"),
            KeyError,
            "groupby by 'zz': no such column; the columns are 'k', 'n', 'v', 'w'",
        ),
        (lambda x: x.groupby("k")["zz"], KeyError, "no column 'zz'"),
        (lambda x: x.groupby([]), FrameError, "groupby needs at least one key"),
        (
            lambda x: x.groupby(PLAIN.k),
            FrameError,
            "groupby by a Series is not offered; use the name of a column",
        ),
        (
            lambda x: x.groupby("k").apply(len),
            FrameError,
            "needs all rows of a group in one partition: a shuffle",
        ),
        (lambda x: x.groupby("k").transform("mean"), FrameError, "a shuffle, which is not offered here"),
        (lambda x: x.groupby("k").mean(split_out=4), FrameError, r"mean\(split_out=4\): .* one partition"),
        (lambda x: x.groupby("k").zz, AttributeError, "no attribute or column 'zz'"),
        (lambda x: x.groupby("k").v.idxmax, AttributeError, "no attribute or column 'idxmax'"),
        (lambda x: list(x.groupby("k")), LazyValueError, "for needs the groups"),
        (
            lambda x: x.groupby("k")["n", "v"],
            FrameError,
            r"choose several columns with a list: .*\['n', 'v'\]",
        ),
        (lambda x: x.mean(), TypeError, "string"),
        (lambda x: x.sum(axis=2), FrameError, r"sum\(axis=2\): use 0 for columns or 1 for rows"),
        (
            lambda x: x.nlargest(3),
            FrameError,
            r'nlargest of a frame needs the columns that decide: nlargest\(3, "a"\)',
        ),
        (lambda x: x.nlargest(3, "zz"), KeyError, r"no column \['zz'\]"),
        (lambda x: x.drop_duplicates("zz"), KeyError, r"no column \['zz'\]"),
        (
            lambda x: x.drop_duplicates(keep=False),
            FrameError,
            r'drop_duplicates\(keep=False\): use "first" or "last"',
        ),
        (lambda x: x.quantile(0.5), Exception, "quantile needs numbers or times, column 'k' is str"),
        (lambda x: x.describe(percentiles=[2]), ValueError, "percentiles should all be in the interval"),
    ],
)
def test_what_cannot_be_is_said_at_the_call(x: Any, ask: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ask(x)


def test_the_forecast_knows_how_many_groups_a_dtype_allows() -> None:
    kinds = pd.DataFrame(
        {"c": pd.Categorical(["u", "v"] * 5000), "b": [True, False] * 5000, "s": ["x", "y"] * 5000}
    )
    x = cd.from_pandas(kinds, npartitions=2)
    assert x.groupby("c").size()._expr.rows.tolist() == [3]
    assert x.groupby(["c", "b"]).size()._expr.rows.tolist() == [9]
    assert x.groupby("s").size()._expr.rows.tolist() == [10_000]
    assert x.nlargest(4, "b")._expr.rows.tolist() == [5]


@pytest.mark.parametrize("name", ["mean", "std", "var", "sem"])
def test_complex_numbers_are_refused_before_they_lose_a_part(name: str) -> None:
    x = cd.from_pandas(pd.DataFrame({"k": [1, 1, 2], "z": [1 + 2j, 2j, 3]}), npartitions=2)
    for ask in (lambda: getattr(x.z, name)(), lambda: getattr(x.groupby("k").z, name)()):
        with pytest.raises(DTypeError, match=f"{name} needs real numbers, column 'z' is complex128"):
            ask()


def test_sums_of_narrow_integers_can_be_written(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k": [1, 1, 2], "u": np.array([200, 200, 3], dtype="uint8")})
    found = cd.from_pandas(frame, npartitions=2).groupby("k").agg({"u": ["sum", "max"]})
    assert list(found.dtypes) == ["uint64", "uint8"]
    found.columns = ["sum", "max"]
    found.to_parquet(tmp_path / "x")
    assert cd.read_parquet(tmp_path / "x").compute()["sum"].tolist() == [400, 3]


@pytest.mark.parametrize("name", ["first", "last", "min", "max"])
def test_objects_that_hold_texts_stay_what_pandas_makes_of_them(name: str) -> None:
    frame = pd.DataFrame({"k": [1, 1, 2, 2], "o": pd.Series([None, "r", "q", None], dtype=object)})
    x = cd.from_pandas(frame, npartitions=2)
    assert_same(getattr(x.groupby("k").o, name)().compute(), getattr(frame.groupby("k").o, name)())
