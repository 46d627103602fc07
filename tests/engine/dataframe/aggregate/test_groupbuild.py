"""Group-bys over any cuts give what pandas gives: values, dtypes, index, order, names, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.aggregate.groupbuild import GroupKeys, grouped
from chunkscope.dataframe.aggregate.groupouts import AGGREGATIONS
from chunkscope.dataframe.aggregate.keys import Grouping
from chunkscope.errors import FrameError
from tests.engine.dataframe.aggregate.cuts import (
    DTYPES,
    MEASURABLE,
    assert_same,
    by_tree,
    cuts,
    frames,
    leaf,
    outcome,
    parts_of,
)

# the dtype of pandas' mean of float32 depends on whether any value is missing
ANY = tuple(dtype for dtype in DTYPES if dtype != "float32")
# and that of narrow integers on which columns lie beside each other in memory
NUMBERS = tuple(dtype for dtype in ANY if dtype in MEASURABLE and dtype != "uint8")
SEVERAL = tuple(dtype for dtype in ANY if dtype != "uint8")
PLAIN = tuple(name for name in AGGREGATIONS if name not in ("size", "median"))


def by_cuts(x: Any, where: list[float], by: list[Any], selected: Any, spec: Any, **options: Any) -> Any:
    named = options.pop("named", None)
    method = options.pop("method", False)
    how = {key: options.pop(key) for key in ("sort", "dropna", "observed") if key in options}
    keys = [leaf(key) if isinstance(key, pd.Series) else key for key in by]
    expr = grouped(GroupKeys(leaf(x), tuple(keys), **how), selected, spec, named, method=method, **options)
    series = [parts_of(key, where) for key in by if isinstance(key, pd.Series)]
    return by_tree(expr.reducer, parts_of(x, where), *series)


@st.composite
def manners(draw: Any) -> dict[str, bool]:
    """How groups are shown."""
    return {key: draw(st.booleans()) for key in ("sort", "dropna", "observed")}


@given(
    name=st.sampled_from(AGGREGATIONS),
    x=frames(ANY, most_columns=2, least_columns=2),
    where=cuts(),
    how=manners(),
)
def test_method_of_one_column(name: str, x: pd.DataFrame, where: list[float], how: dict[str, bool]) -> None:
    expected = outcome(lambda: getattr(x.groupby("a", **how)["b"], name)())
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], "b", name, method=True, **how)), expected)


@given(
    name=st.sampled_from(AGGREGATIONS),
    x=frames(ANY, least_columns=2),
    where=cuts(),
    numeric_only=st.booleans(),
)
def test_method_of_all_columns(name: str, x: pd.DataFrame, where: list[float], numeric_only: bool) -> None:
    options = {} if name in ("count", "size", "nunique", "any", "all") else {"numeric_only": numeric_only}
    expected = outcome(lambda: getattr(x.groupby("a"), name)(**options))
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], None, name, method=True, **options)), expected)


@given(
    name=st.sampled_from(PLAIN), x=frames(ANY, least_columns=3, most_columns=3), where=cuts(), how=manners()
)
def test_two_keys(name: str, x: pd.DataFrame, where: list[float], how: dict[str, bool]) -> None:
    expected = outcome(lambda: getattr(x.groupby(["a", "b"], **how)["c"], name)())
    assert_same(outcome(lambda: by_cuts(x, where, ["a", "b"], "c", name, method=True, **how)), expected)


@given(x=frames(dtypes=NUMBERS, least_columns=3), where=cuts(), data=st.data())
def test_agg(x: pd.DataFrame, where: list[float], data: Any) -> None:
    names = st.sampled_from(["sum", "mean", "count", "min", "max", "std", "var", "nunique", "first", "last"])
    several = st.lists(names, min_size=1, max_size=3, unique=True)
    spec = data.draw(
        st.one_of(
            names,
            several,
            st.fixed_dictionaries({"c": names, "b": names}),
            st.fixed_dictionaries({"b": several, "c": names}),
            st.fixed_dictionaries({"c": several}),
        )
    )
    expected = outcome(lambda: x.groupby("a").agg(spec))
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], None, spec)), expected)


@given(x=frames(dtypes=NUMBERS, least_columns=3), where=cuts(), data=st.data())
def test_named_agg(x: pd.DataFrame, where: list[float], data: Any) -> None:
    names = st.sampled_from(["sum", "mean", "count", "size", "max", "std", "nunique", "first"])
    columns = st.sampled_from(["b", "c"])
    named = data.draw(
        st.dictionaries(st.sampled_from("xyz"), st.tuples(columns, names), min_size=1, max_size=3)
    )
    expected = outcome(lambda: x.groupby("a").agg(**named))
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], None, None, named=named)), expected)
    short = {key: how for key, (_, how) in named.items()}
    expected = outcome(lambda: x.groupby("a")["b"].agg(**short))
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], "b", None, named=short)), expected)


@given(
    x=frames(dtypes=NUMBERS, least_columns=3), where=cuts(), spec=st.sampled_from(["sum", ["min", "size"]])
)
def test_of_chosen_columns(x: pd.DataFrame, where: list[float], spec: Any) -> None:
    assert_same(by_cuts(x, where, ["a"], ["c", "b"], spec), x.groupby("a")[["c", "b"]].agg(spec))
    assert_same(by_cuts(x, where, ["a"], "c", spec), x.groupby("a")["c"].agg(spec))


@given(
    x=frames(dtypes=NUMBERS, least_columns=2), where=cuts(), name=st.sampled_from(["mean", "size", "last"])
)
def test_by_a_series_and_by_both(x: pd.DataFrame, where: list[float], name: str) -> None:
    key = (x["b"].isna() | (x["b"].astype("Float64") > 0)).astype(bool).rename("positive")
    expected = getattr(x.groupby(key)["a"], name)()
    assert_same(by_cuts(x, where, [key], "a", name, method=True), expected)
    expected = getattr(x.groupby(["b", key])["a"], name)()
    assert_same(by_cuts(x, where, ["b", key], "a", name, method=True), expected)
    expected = getattr(x["a"].groupby(key), name)()
    assert_same(by_cuts(x["a"], where, [key], None, name, method=True), expected)


@given(
    x=frames(dtypes=NUMBERS, least_columns=2, most_columns=2),
    where=cuts(),
    name=st.sampled_from(["sum", "prod", "min", "max", "mean", "var", "std", "first", "last", "any"]),
    skipna=st.booleans(),
    data=st.data(),
)
def test_options(x: pd.DataFrame, where: list[float], name: str, skipna: bool, data: Any) -> None:
    options: dict[str, Any] = {"skipna": skipna}
    if name in ("sum", "prod", "min", "max"):
        options["min_count"] = data.draw(st.sampled_from([-1, 0, 1, 3]))
    if name in ("var", "std"):
        options["ddof"] = data.draw(st.sampled_from([0, 1, 2]))
    expected = outcome(lambda: getattr(x.groupby("a")["b"], name)(**options))
    assert_same(outcome(lambda: by_cuts(x, where, ["a"], "b", name, method=True, **options)), expected)


def test_variance_beside_a_large_mean_keeps_its_digits() -> None:
    rng = np.random.default_rng(1)
    x = pd.DataFrame({"k": rng.integers(0, 3, 900), "v": 1e9 + rng.normal(size=900)})
    exact = (x.v - 1e9).groupby(x.k).var()
    found = by_cuts(x, [0.1, 0.5, 0.9], ["k"], "v", "var", method=True)
    np.testing.assert_allclose(found, exact, rtol=1e-6)


def test_whole_numbers_are_added_without_rounding() -> None:
    x = pd.DataFrame({"k": [0, 0, 1], "v": [2**60, 1, 2**62]})
    assert by_cuts(x, [0.5], ["k"], "v", "sum", method=True).tolist() == [2**60 + 1, 2**62]


def test_categories_that_differ_between_partitions_are_united() -> None:
    parts = [
        pd.DataFrame({"k": pd.Categorical(["u", "v"]), "v": [1, 2]}),
        pd.DataFrame({"k": pd.Categorical(["w", "v"]), "v": [3, 4]}),
    ]
    reducer = grouped(GroupKeys(leaf(parts[0]), ("k",)), "v", "sum", method=True).reducer
    found = by_tree(reducer, parts)
    assert dict(zip(found.index, found, strict=True)) == {"u": 1, "v": 6, "w": 3}


@given(x=frames(least_columns=2, most_columns=3), dropna=st.booleans())
def test_groups_are_numbered_as_they_first_appear(x: pd.DataFrame, dropna: bool) -> None:
    found = Grouping.of([x[name] for name in x], dropna)
    expected = x.groupby(list(x), sort=False, dropna=dropna, observed=True).ngroup()
    assert found.codes.tolist() == expected.fillna(-1).astype(int).tolist()
    assert found.ngroups == expected.max() + 1 if len(x) and expected.max() >= 0 else found.ngroups == 0


@pytest.mark.parametrize(
    ("spec", "named", "message"),
    [
        ("middle", {}, r"cannot aggregate by 'middle' a few partitions at a time; give one of sum, mean"),
        (lambda x: x.sum(), {}, r"cannot aggregate by the function '<lambda>'"),
        ({"zz": "sum"}, {}, r"agg names columns that are not there: \['zz'\]; there are \['v', 'w'\]"),
        (None, {}, r'agg needs what to make: "mean"'),
        (
            None,
            {"new": "sum"},
            r'needs a pair of column and aggregation, such as \("x", "mean"\); found \'sum\'',
        ),
    ],
)
def test_what_cannot_be_aggregated_is_said(spec: Any, named: dict[str, Any], message: str) -> None:
    x = leaf(pd.DataFrame({"k": [1], "v": [2], "w": [3.0]}))
    with pytest.raises(FrameError, match=message):
        grouped(GroupKeys(x, ("k",)), None, spec, named)


def test_text_that_cannot_be_averaged_is_refused_with_the_way_out() -> None:
    x = leaf(pd.DataFrame({"k": [1], "v": ["a"]}))
    with pytest.raises(TypeError) as caught:
        grouped(GroupKeys(x, ("k",)), None, "mean", method=True)
    assert "numeric_only=True" in "".join(caught.value.__notes__)


def test_sums_of_narrow_floats_stay_narrow() -> None:
    x = pd.DataFrame({"k": [0, 0, 1], "v": np.array([1.5, 2.5, np.nan], dtype="float32")})
    for name in ("sum", "min", "var", "first"):
        assert_same(by_cuts(x, [0.5], ["k"], "v", name, method=True), getattr(x.groupby("k").v, name)())


def test_the_mean_beside_a_deviation_is_the_mean() -> None:
    x = pd.DataFrame(
        {"k": [0, 0, 1, 1, 2, 2], "v": [1.0, np.inf, 2.0, np.nan, np.nan, np.nan], "n": range(6)}
    )
    spec = {"v": ["mean", "count", "std"], "n": ["var", "mean"]}
    with np.errstate(invalid="ignore"):
        expected = x.groupby("k").agg(spec)
    assert_same(by_cuts(x, [0.3, 0.5], ["k"], None, spec), expected)
    reducer = grouped(GroupKeys(leaf(x), ("k",)), None, spec).reducer
    assert len(reducer.states) == 2  # one for each column: nothing is added up twice
