"""A filter right below a group-by is told to the partial; the result is as if the rows had been dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from chunkscope.compute import prepare
from chunkscope.dataframe.aggregate.masking import FEW, RULE, chosen
from tests.engine.dataframe.strategies import in_partitions

ROWS = 120
CUTS = (0, 0, 40, 41, 120)
NAMES = ["mean", "sum", "count", "size", "min", "max", "std", "var", "nunique", "first", "last", "median"]


def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({
        "key": pd.Series(rng.choice(["b", "a", "c", None], ROWS), dtype="str"),
        "kind": pd.Categorical(rng.choice(["x", "y"], ROWS), categories=["x", "y", "z"]),
        "n": rng.integers(0, 100, ROWS),
        "y": np.where(rng.random(ROWS) < 0.3, np.nan, rng.random(ROWS)),
        "text": pd.Series(rng.choice(["p", "q", None], ROWS), dtype="str"),
    }, index=rng.permutation(ROWS))  # fmt: skip


MASKS: dict[str, Callable[[Any], Any]] = {
    "most": lambda x: x[x["n"] > 10],
    "half": lambda x: x[(x["n"] > 50) & x["y"].notna()],
    "few": lambda x: x[x["n"] > 90],
    "none": lambda x: x[x["n"] > 100],
    "all": lambda x: x[x["n"] >= 0],
    "no key but one": lambda x: x[x["key"] == "b"],
    "then columns": lambda x: x[x["n"] > 10][["key", "kind", "y", "n", "text"]],
}


def fired(lazy: Any) -> bool:
    return any(step.rule == RULE and bool(step.after) for step in prepare([lazy]).steps)


def same(found: Any, expected: Any) -> None:
    check = (
        pd.testing.assert_frame_equal
        if isinstance(expected, pd.DataFrame)
        else pd.testing.assert_series_equal
    )
    check(found, expected)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("name", NAMES)
def test_values_are_pandas(mask: str, name: str) -> None:
    x = table()
    lazy = getattr(MASKS[mask](in_partitions(x, CUTS)).groupby("key")["y"], name)()
    assert fired(lazy)
    same(lazy.compute(), getattr(MASKS[mask](x).groupby("key")["y"], name)())
    same(lazy.compute(rules=False), lazy.compute())


@pytest.mark.parametrize("mask", MASKS)
def test_several_columns_and_keys(mask: str) -> None:
    x = table()

    def query(frame: Any) -> Any:
        grouped = MASKS[mask](frame).groupby(["key", "n"], dropna=False, sort=False)
        return grouped.agg({"y": ["sum", "count"], "text": ["first", "nunique"]})

    lazy = query(in_partitions(x, CUTS))
    same(lazy.compute(), query(x))


@pytest.mark.parametrize("observed", [True, False])
def test_categories_that_a_filter_leaves_without_rows(observed: bool) -> None:
    x = table()

    def query(frame: Any) -> Any:
        return frame[frame["n"] > 95].groupby("kind", observed=observed)["y"].sum()

    same(query(in_partitions(x, CUTS)).compute(), query(x))


def test_where_the_filtered_rows_are_made_anyway() -> None:
    x = in_partitions(table(), CUTS)
    rest = x[x["n"] > 10]
    both = prepare([rest.groupby("key")["y"].sum(), rest["y"]])
    refused = [step for step in both.steps if step.rule == RULE]
    assert [step.after for step in refused] == [""]
    assert "has other readers" in refused[0].reason


def test_a_mask_that_a_function_of_the_users_makes() -> None:
    x = table()
    y = in_partitions(x, CUTS)
    lazy = y[y["n"].map_partitions(lambda n: n > 50)].groupby("key")["y"].sum()
    same(lazy.compute(), x[x["n"] > 50].groupby("key")["y"].sum())


def test_few_rows_are_taken_and_many_are_marked() -> None:
    x = pd.DataFrame({"a": range(100)})
    few, none = chosen(x, x["a"] < 100 * FEW - 1)
    assert len(few) == 24 and none is None
    whole, keep = chosen(x, x["a"] < 60)
    assert whole is x and keep is not None and keep.sum() == 60
    every, nothing = chosen(x, x["a"] >= 0)
    assert every is x and nothing is None
    with pytest.warns(UserWarning, match="reindexed"):  # as pandas does with rows in another order
        shuffled, nothing = chosen(x, (x["a"] < 60)[::-1])
    assert len(shuffled) == 60 and nothing is None
