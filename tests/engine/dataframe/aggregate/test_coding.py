"""Strings that only serve as keys are read as codes, and nobody can tell from the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chunkscope.dataframe as cd
from chunkscope.compute import prepare
from chunkscope.dataframe.aggregate.coding import RULE

ROWS = 3_000


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    words = np.array(["EWR", "JFK", "", "a longer key, with a comma", "é", None], dtype=object)
    return pd.DataFrame({
        "key": pd.Series(words[rng.integers(0, 6, ROWS)], dtype="str"),
        "other": pd.Series(words[rng.integers(0, 4, ROWS)], dtype="str"),
        "rare": pd.Series([f"N{i}" for i in rng.integers(0, 900, ROWS)], dtype="str"),
        "x": rng.integers(0, 9, ROWS),
        "y": np.where(rng.random(ROWS) < 0.1, np.nan, rng.random(ROWS)),
    })  # fmt: skip


Reader = Callable[[], Any]


@pytest.fixture(params=["csv", "parquet", "pandas-parquet"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Reader:
    """The table in three files of different keys; Parquet with several row groups, with pandas' notes and without."""
    x = table()
    parts = [x[:1200], x[1200:1201], x[1201:]]
    for number, part in enumerate(parts):
        path = tmp_path / f"{number}.{'csv' if request.param == 'csv' else 'parquet'}"
        if request.param == "csv":
            part.to_csv(path, index=False)
        elif request.param == "parquet":
            bare = pa.Table.from_pandas(part, preserve_index=False).replace_schema_metadata(None)
            pq.write_table(bare, path, row_group_size=400)
        else:
            part.reset_index(drop=True).to_parquet(path, row_group_size=500)
    if request.param == "csv":
        return lambda: cd.read_csv(str(tmp_path / "*.csv"), dtype={"y": "float64"})
    return lambda: cd.read_parquet(str(tmp_path))


QUERIES: dict[str, Callable[[Any], Any]] = {
    "mean": lambda x: x.groupby("key")["y"].mean(),
    "filtered": lambda x: x[x["x"] > 4].groupby("key")["y"].sum(),
    "as they come": lambda x: x[x["x"] > 4].groupby("key", sort=False)["x"].max(),
    "with missing keys": lambda x: x.groupby("key", dropna=False)["x"].sum(),
    "two keys": lambda x: x.groupby(["key", "other"])[["x", "y"]].agg(["min", "count"]),
    "a key and a number": lambda x: x.groupby(["x", "rare"])["y"].size(),
    "all rows gone": lambda x: x[x["x"] > 99].groupby("key")["y"].mean(),
    "rare": lambda x: x.groupby("rare")["y"].var(),
    "value_counts": lambda x: x["rare"].value_counts(),
    "value_counts with missing": lambda x: x["key"].value_counts(dropna=False),
    "value_counts of some": lambda x: x[x["y"] > 0.5]["key"].value_counts(normalize=True),
}


def coded(lazy: Any) -> list[str]:
    return [step.rule for step in prepare([lazy]).steps if step.rule == RULE and step.after]


def _codes(source: Any) -> list[str]:
    """What happens: the reader of CSV files has no codes to give."""
    return [] if source._expr.op == "read_csv" else [RULE]


@pytest.mark.parametrize("query", QUERIES)
def test_values_are_pandas(read: Reader, query: str) -> None:
    source = read()
    lazy = QUERIES[query](source)
    assert coded(lazy) == _codes(source)
    expected = QUERIES[query](source.compute(rules=False))
    found = lazy.compute()
    if query.startswith("value_counts"):  # ties come in any order
        found, expected = found.sort_index(), expected.sort_index()
    check = (
        pd.testing.assert_frame_equal
        if isinstance(expected, pd.DataFrame)
        else pd.testing.assert_series_equal
    )
    check(found, expected)
    check(
        lazy.compute(rules=False)
        if not query.startswith("value")
        else lazy.compute(rules=False).sort_index(),
        found,
    )


NOT: dict[str, Callable[[Any], Any]] = {
    "the key is compared": lambda x: x[x["key"] == "EWR"].groupby("key")["y"].sum(),
    "the key is aggregated too": lambda x: x.groupby("key")[["key", "x"]].count(),
    "the key is changed": lambda x: x["key"].str.lower().value_counts(),
    "it is a column of the result": lambda x: x[["key", "y"]],
}


@pytest.mark.parametrize("query", NOT)
def test_who_reads_the_strings_gets_strings(read: Reader, query: str) -> None:
    source = read()
    lazy = NOT[query](source)
    assert coded(lazy) == []
    expected = NOT[query](source.compute())
    found = lazy.compute()
    check = (
        pd.testing.assert_frame_equal
        if isinstance(expected, pd.DataFrame)
        else pd.testing.assert_series_equal
    )
    if isinstance(expected, pd.Series) and expected.name == "count":
        found, expected = found.sort_index(), expected.sort_index()
    check(found.reset_index(drop=True) if query.startswith("it") else found,
          expected.reset_index(drop=True) if query.startswith("it") else expected)  # fmt: skip


def test_one_reader_of_strings_is_enough_to_make_them(read: Reader) -> None:
    source = read()
    both = [source.groupby("key")["y"].mean(), source[["key"]]]
    steps = [step for step in prepare(both).steps if step.rule == RULE]
    assert steps == []
    two = prepare([source.groupby("key")["y"].mean(), source["key"].value_counts()])
    assert [step.rule for step in two.steps if step.rule == RULE] == _codes(source)
