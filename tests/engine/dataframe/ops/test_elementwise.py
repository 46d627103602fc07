"""Row-wise methods against pandas, over any cuts, with any rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope.errors import FrameError
from tests.engine.dataframe.ops.search import short
from tests.engine.dataframe.strategies import VALUES, computed, in_partitions, partitioned, rule_names, same

ALL = tuple(VALUES)
Step = Callable[[Any], Any]

SERIES: dict[str, Step] = {
    "add": lambda x: x["int64"].add(x["float64"], fill_value=1),
    "radd": lambda x: x["int64"].radd(3),
    "floordiv": lambda x: x["float64"] // 2,
    "mod": lambda x: x["int64"].mod(3),
    "rpow": lambda x: 2.0 ** x["float64"],
    "rsub": lambda x: 1 - x["Int64"],
    "eq": lambda x: x["str"].eq("JFK"),
    "lt": lambda x: x["float64"].lt(x["int64"]),
    "and": lambda x: (x["int64"] > 1) & ~x["bool"],
    "ufunc": lambda x: np.sqrt(x["float64"].abs()),
    "ufunc of two": lambda x: np.maximum(x["int64"], 2) + np.add(1, x["int64"]),
    "abs": lambda x: x["int64"].abs(),
    "round": lambda x: (x["float64"] / 3).round(2),
    "clip": lambda x: x["int64"].clip(0, 4),
    "clip upper": lambda x: x["float64"].clip(upper=1),
    "isin": lambda x: x["str"].isin(["EWR", "LGA"]),
    "isin set": lambda x: x["int64"].isin({1, 2}),
    "isna": lambda x: x["str"].isna() | x["float64"].isnull(),
    "notna": lambda x: x["datetime64[ns]"].notna() & x["category"].notnull(),
    "fillna": lambda x: x["float64"].fillna(0.5),
    "fillna words": lambda x: x["str"].fillna("none"),
    "fillna category": lambda x: x["category"].cat.set_categories(["x", "y"]).fillna("x"),
    "fillna series": lambda x: x["float64"].fillna(x["int64"]),
    "astype": lambda x: x["int64"].astype("float32"),
    "astype words": lambda x: x["int64"].astype("str"),
    "astype nullable": lambda x: x["float64"].round().astype("Int64"),
    "astype category": lambda x: x["str"].astype(pd.CategoricalDtype(["JFK", "EWR", "LGA", "", "a,b", "ü"])),
    "map dict": lambda x: x["str"].map({"EWR": "Newark", "LGA": "LaGuardia"}),
    "map series": lambda x: x["int64"].map(pd.Series([10.0, 20.0], index=[1, 2])),
    "between": lambda x: x["int64"].between(0, 3, inclusive="left"),
    "where": lambda x: x["int64"].where(x["bool"], -1),
    "where missing": lambda x: x["float64"].where(x["int64"] > 1),
    "mask": lambda x: x["str"].mask(x["bool"], "masked"),
    "mask function": lambda x: x["int64"].mask(lambda y: y > 2, 0),
    "replace": lambda x: x["int64"].replace({1: 100, 2: 200}),
    "replace words": lambda x: x["str"].replace("JFK", "Kennedy"),
    "rename": lambda x: x["int64"].rename("renamed"),
    "rename axis": lambda x: x["int64"].rename_axis("rows"),
    "case when": lambda x: x["int64"].case_when([(x["bool"], 0), (x["int64"] > 3, 9)]),
    "dropna": lambda x: x["float64"].dropna(),
    "to frame": lambda x: x["str"].to_frame("words"),
    "to frame unnamed": lambda x: x["str"].to_frame(),
    "filtered": lambda x: x["int64"][x["bool"]] * 2,
    "index": lambda x: x.index,
    "index to series": lambda x: x["int64"].index.to_series(),
    "index to frame": lambda x: x.index.to_frame(name="i"),
    "index renamed": lambda x: x.index.rename("other"),
    "lower": lambda x: x["str"].str.lower(),
    "len": lambda x: x["str"].str.len(),
    "contains": lambda x: x["str"].str.contains("E|ü", na=False),
    "startswith": lambda x: x["str"].str.startswith("J"),
    "slice": lambda x: x["str"].str[:2],
    "str replace": lambda x: x["str"].str.replace("E", "_", regex=False),
    "extract": lambda x: x["str"].str.extract("([A-Z])([A-Z])"),
    "str cat": lambda x: x["str"].str.cat(x["int64"].astype("str"), sep="-"),
    "str cat more": lambda x: x["str"].str.cat([x["str"], x["str"].str.lower()], na_rep="?"),
    "split": lambda x: x["str"].str.split(","),
    "partition": lambda x: x["str"].str.partition(","),
    "month": lambda x: x["datetime64[ns]"].dt.month,
    "day name": lambda x: x["datetime64[ns]"].dt.day_name(),
    "floor": lambda x: x["datetime64[ns]"].dt.floor("D"),
    "strftime": lambda x: x["datetime64[ns]"].dt.strftime("%Y"),
    "isocalendar": lambda x: x["datetime64[ns]"].dt.isocalendar(),
    "seconds": lambda x: (x["datetime64[ns]"] - pd.Timestamp("2012-01-01")).dt.total_seconds(),
    "codes": lambda x: x["category"].cat.codes,
    "set categories": lambda x: x["category"].cat.set_categories(["y", "x", "z"], ordered=True),
}

FRAMES: dict[str, Step] = {
    "add": lambda x: x[["int64", "float64"]].add(2, fill_value=0),
    "add rows": lambda x: x[["int64", "float64"]].add(x["int64"], axis=0),
    "add frames": lambda x: x[["int64", "float64"]] + x[["float64", "int64"]],
    "add columns": lambda x: x[["int64", "float64"]] + pd.Series({"int64": 1, "float64": 0.5}),
    "add list": lambda x: x[["int64", "float64", "bool"]] * [1, 2, 3],
    "lt": lambda x: x[["int64", "float64"]].lt(1),
    "isna": lambda x: x.isna(),
    "fillna": lambda x: x.fillna({"float64": -1.0, "str": "none"}),
    "fillna one": lambda x: x[["float64", "int64"]].fillna(7),
    "astype": lambda x: x.astype({"int64": "float64", "bool": "int8"}),
    "astype one": lambda x: x[["int64", "bool"]].astype("float64"),
    "round": lambda x: (x[["float64"]] / 3).round({"float64": 1}),
    "clip": lambda x: x[["int64", "float64"]].clip(lower=0),
    "isin": lambda x: x.isin({"int64": [1, 2], "str": ["JFK"]}),
    "where": lambda x: x[["int64", "float64"]].where(x["bool"], 0, axis=0)
    if isinstance(x, pd.DataFrame)
    else x[["int64", "float64"]].where(x["bool"].to_frame().assign(int64=x["bool"], float64=x["bool"]), 0),
    "mask of frame": lambda x: x[["int64", "float64"]].mask(x[["int64", "float64"]] > 1, 0),
    "frame by frame": lambda x: x[["int64", "float64"]][x[["int64", "float64"]] > 1],
    "replace": lambda x: x.replace({"str": {"JFK": "Kennedy"}}),
    "rename": lambda x: x.rename(columns={"int64": "n", "absent": "m"}),
    "rename function": lambda x: x.rename(columns=str.upper),
    "prefix": lambda x: x.add_prefix("the_").add_suffix("_one"),
    "drop": lambda x: x.drop(columns=["bool", "str"]),
    "drop axis": lambda x: x.drop("bool", axis=1),
    "dropna": lambda x: x.dropna(),
    "dropna subset": lambda x: x.dropna(subset=["float64"]),
    "dropna all": lambda x: x[["float64", "str"]].dropna(how="all"),
    "assign": lambda x: x.assign(a=x["int64"] * 2, b="word", int64=1.5),
    "assign function": lambda x: x.assign(a=1, b=lambda y: y.a + y["int64"], c=lambda y: y.b * 2),
    "assign filtered": lambda x: x.assign(a=x["int64"], i=x.index),
    "query": lambda x: x.query("int64 > 1 and float64 < 3"),
    "query variable": lambda x: _query(x),
    "eval": lambda x: x.eval("int64 + float64"),
    "eval assigned": lambda x: x.eval("z = int64 * 2"),
    "select dtypes": lambda x: x.select_dtypes("number"),
    "pop": lambda x: _pop(x),
    "set": lambda x: _set(x),
    "set several": lambda x: _set_several(x),
    "columns": lambda x: _columns(x),
    "squeeze": lambda x: x[["int64"]].squeeze(axis=1),
    "many": lambda x: x.assign(z=x["float64"].fillna(0)).rename(columns={"z": "y"}).drop(columns="bool")[["y", "str"]],
    "no column": lambda x: x.fillna({"int64": 0}).assign(a=1)[[]],
}  # fmt: skip


def _query(x: Any) -> Any:
    least = 2
    return x.query("int64 >= @least") if least else x


def _pop(x: Any) -> Any:
    y = x.copy()
    return y.pop("int64") + y["float64"]


def _set(x: Any) -> Any:
    y = x.copy()
    y["late"] = y["int64"] > 2
    y["int64"] = y["int64"] + 1
    del y["bool"]
    y["float64"] = 0
    return y


def _set_several(x: Any) -> Any:
    y = x[["int64", "float64", "bool"]].copy()
    y[["int64", "float64"]] = x[["float64", "int64"]]
    return y


def _columns(x: Any) -> Any:
    y = x[["int64", "str"]].copy()
    y.columns = ["a", "b"]
    return y[["b"]]


NASTY = pd.DataFrame(
    {
        "int64": [3, -1, 2, 5, 0],
        "float64": [np.nan, 1e9, -1.5, 0.0, np.nan],
        "bool": [True, False, True, True, False],
        "str": [np.nan, "a,b", "EWR", "", "JFK"],
        "category": pd.Categorical(["y", None, "x", "y", "x"]),
        "datetime64[ns]": pd.to_datetime(
            [None, "2013-01-01 00:00", "2013-07-04 12:30", None, "2012-02-29 00:00"]
        ).as_unit("ns"),
        "Int64": pd.array([None, 1, 2, None, -3], dtype="Int64"),
    },
    index=pd.Index([4, 1, 4, 0, 2], name="key"),
)
CUTS = [(0, 5), (0, 1, 1, 2, 5), (0, 0, 3, 5, 5)]


@pytest.mark.parametrize("name", SERIES)
def test_series_methods_are_pandas_own(name: str) -> None:
    expected = SERIES[name](NASTY)
    for bounds in CUTS:
        same(computed(SERIES[name](in_partitions(NASTY, bounds))), expected)


@pytest.mark.parametrize("name", FRAMES)
def test_frame_methods_are_pandas_own(name: str) -> None:
    expected = FRAMES[name](NASTY)
    for bounds in CUTS:
        same(computed(FRAMES[name](in_partitions(NASTY, bounds))), expected)


@short
@given(
    data=partitioned(ALL),
    rules=rule_names,
    names=st.lists(st.sampled_from(sorted(SERIES)), min_size=4, max_size=4),
)
def test_series_methods_over_any_cuts_with_any_rules(data: Any, rules: list[str], names: list[str]) -> None:
    pandas, lazy = data
    for name in names:
        same(computed(SERIES[name](lazy), rules), SERIES[name](pandas))


@short
@given(
    data=partitioned(ALL),
    rules=rule_names,
    names=st.lists(st.sampled_from(sorted(FRAMES)), min_size=4, max_size=4),
)
def test_frame_methods_over_any_cuts_with_any_rules(data: Any, rules: list[str], names: list[str]) -> None:
    pandas, lazy = data
    for name in names:
        same(computed(FRAMES[name](lazy), rules), FRAMES[name](pandas))


@short
@given(data=partitioned(("int64", "float64", "str")), picks=st.data())
def test_a_chain_of_methods_with_a_choice_of_columns(data: Any, picks: Any) -> None:
    pandas, lazy = data
    names = picks.draw(st.lists(st.sampled_from(["int64", "n", "words", "late"]), unique=True, max_size=3))

    def chain(x: Any) -> Any:
        y = x.rename(columns={"str": "words"}).assign(late=x["float64"] > 0, n=lambda z: z["int64"] + 1)
        y = y.fillna({"words": "none"}).astype({"late": "int8"})
        return y[y["n"] > 0][names]

    same(computed(chain(lazy)), chain(pandas))


def test_columns_that_nobody_reads_are_not_made() -> None:
    lazy = in_partitions(NASTY, (0, 2, 5))
    calls = []

    def seen(value: float) -> float:
        calls.append(value)
        return value

    more = lazy.assign(a=lazy["float64"].map(seen, meta=("a", "float64")), b=lazy["int64"] * 2, c=1)
    calls.clear()
    same(computed(more["b"] + 1), (NASTY["int64"] * 2).rename("b") + 1)
    same(computed(more[["int64", "c"]]), NASTY[["int64"]].assign(c=1))
    assert not calls
    same(computed(more[["a", "b"]]), pd.DataFrame({"a": NASTY["float64"], "b": NASTY["int64"] * 2}))
    assert len(calls) == 5


def test_shape_and_size_are_known_or_lazy() -> None:
    lazy = in_partitions(NASTY, (0, 2, 5))
    assert lazy.shape == (5, 7)
    assert lazy.int64.shape == (5,)
    kept = lazy[lazy.int64 > 0]
    assert computed(kept.shape[0]) == 3
    assert kept.shape[1] == 7
    assert not kept.empty
    assert lazy[lazy.int64 > 100].empty
    assert lazy[[]].empty
    assert list(lazy.axes[1]) == list(NASTY.columns)


def test_divisions_are_forgotten_on_demand() -> None:
    lazy = cd.from_pandas(NASTY.reset_index(drop=True), 3)
    bare = lazy.clear_divisions()
    assert lazy.known_divisions
    assert not bare.known_divisions
    same(computed(bare["int64"] + lazy["int64"]), NASTY["int64"].reset_index(drop=True) * 2)
    assert len(computed(bare.partitions[1])) == 2


def test_what_one_lacks_comes_from_the_other() -> None:
    frame = NASTY.reset_index(drop=True)
    lazy = cd.from_pandas(frame, 2)
    other = frame[["float64"]].fillna(5)[2:]
    expected = frame[["float64"]].combine_first(other)
    same(computed(lazy[["float64"]].combine_first(cd.from_pandas(other, 1))), expected)


def test_values_of_an_index() -> None:
    frame = pd.DataFrame({"a": range(4)}, index=pd.Index(["B", "a", "C", "d"]))
    lazy = in_partitions(frame, (0, 1, 4))
    for act in (
        lambda x: x.str.lower(),
        lambda x: x.map({"B": 1.5, "a": 2.5, "C": 3.5, "d": 4.5}),
        lambda x: x.map(str.upper),
        lambda x: x + "!",
    ):
        pd.testing.assert_index_equal(computed(act(lazy.index)), act(frame.index))
    sorted_frame = cd.from_pandas(pd.DataFrame({"a": range(4)}), 2)
    assert sorted_frame.index.divisions == (0, 2, 3)
    assert not (sorted_frame.index + 1).known_divisions


def test_rows_one_after_the_other() -> None:
    lazy = in_partitions(NASTY, (0, 2, 5))
    assert list(lazy[["int64", "bool"]].itertuples()) == list(NASTY[["int64", "bool"]].itertuples())
    for (label, row), (expected_label, expected) in zip(lazy.iterrows(), NASTY.iterrows(), strict=True):
        assert label == expected_label
        pd.testing.assert_series_equal(row, expected)
    assert [name for name, _ in lazy.items()] == list(NASTY.columns)


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda x: x.int64.clip([1, 2]), FrameError, "clip: a list of values cannot be matched with rows"),
        (lambda x: x.int64.between([1, 2], 3), FrameError, "between: a list"),
        (lambda x: x.int64.where([True, False]), FrameError, "where: a condition of list"),
        (lambda x: x.fillna(), FrameError, "ffill"),
        (lambda x: x.fillna(1, limit=2), FrameError, "limit"),
        (lambda x: x.isin(x.int64), FrameError, "isin\\(values.compute"),
        (lambda x: x.int64.replace(1), FrameError, "replace needs a value"),
        (lambda x: x.drop(columns=["q"]), KeyError, "no column 'q' to drop; the columns are 'int64'"),
        (lambda x: x.drop([1, 2]), FrameError, "drop takes columns"),
        (lambda x: x.drop(), FrameError, "drop needs the names"),
        (lambda x: x.rename(columns={"q": "r"}, errors="raise"), KeyError, "no column 'q' to rename"),
        (lambda x: x.rename(), FrameError, "rename needs columns= or index="),
        (lambda x: x.dropna(axis=1), FrameError, "drop\\(columns"),
        (lambda x: x.dropna(subset=["q"]), KeyError, "q"),
        (lambda x: x.query("int64 > @absent"), FrameError, "no variable 'absent'"),
        (lambda x: x.eval("int64 = 1", inplace=True), FrameError, "x = x.eval"),
        (lambda x: x.add(1, level=0), FrameError, "level"),
        (lambda x: x.int64.add(1, axis=1), FrameError, "it has 0 alone"),
        (lambda x: x.astype({"q": "int8"}), KeyError, "q"),
        (lambda x: x.values, FrameError, "to_numpy"),
        (lambda x: x.index.isin([1]), FrameError, "to_series"),
        (lambda x: _assign_rows(x), FrameError, "x.mask"),
        (lambda x: _set_attribute(x), AttributeError, "for a new column use x\\['new'\\]"),
        (lambda x: x.assign(a=[1, 2, 3, 4, 5]), FrameError, "values of type list cannot be cut"),
    ],
)
def test_what_is_not_possible_says_what_is(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act(in_partitions(NASTY, (0, 2, 5)))


def _assign_rows(x: Any) -> None:
    x[x.int64 > 0] = 1


def _set_attribute(x: Any) -> None:
    x.new = 1


def test_a_long_chain_is_no_deep_recursion() -> None:
    lazy = in_partitions(NASTY, (0, 2, 5))
    column = lazy["int64"]
    for _ in range(600):
        column = column + 1
    same(computed(column + lazy["int64"]), NASTY["int64"] * 2 + 600)
