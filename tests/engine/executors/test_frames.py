"""Frames on every executor: the same bits, the same failures, within the same forecast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.dataframe as cd
from chunkscope import compute, delayed, last_run, plan
from chunkscope.blocks import LEDGER
from chunkscope.errors import SchemaError

Query = Callable[[Any], Any]

QUERIES: dict[str, Query] = {
    "whole": lambda x: x,
    "filter": lambda x: x[x.value > 0][["value", "city"]],
    "arithmetic": lambda x: (x.value * 2 + x.count_ - 1).abs(),
    "assign": lambda x: x.assign(twice=x.value * 2, late=x.value > 1),
    "text": lambda x: x.city.str.upper().str.len(),
    "sum": lambda x: x.value.sum(),
    "mean": lambda x: x[x.count_ > 2].value.mean(),
    "std": lambda x: x.value.std(),
    "groups": lambda x: x.groupby("city").value.mean(),
    "many": lambda x: x.groupby(["city", "count_"]).agg({"value": ["sum", "std"], "late": "max"}),
    "counts": lambda x: x.city.value_counts(),
    "distinct": lambda x: x.city.nunique(),
    "largest": lambda x: x.nlargest(7, "value"),
    "describe": lambda x: x[["value", "count_"]].describe(),
    "duplicates": lambda x: x[["city", "count_"]].drop_duplicates(),
    "mapped": lambda x: x.map_partitions(lambda part: part.assign(n=len(part))),
    "again": lambda x: x.repartition(npartitions=2).value,
}


def table(rows: int = 500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "value": rng.normal(size=rows),
            "count_": rng.integers(0, 5, rows),
            "city": rng.choice(["Oslo", "Bergen", "Tromsø", "Å"], rows),
            "late": rng.random(rows) < 0.3,
        }
    )
    frame.loc[rng.random(rows) < 0.1, "value"] = np.nan
    return frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("tables")
    for number in range(4):
        table(300, number).to_csv(target / f"{number}.csv", index=False)
    return target


def same_bits(one: Any, other: Any) -> None:
    """The same type, index, names and dtypes, and every float to the last bit."""
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, pd.Series):
        pd.testing.assert_series_equal(one, other, check_exact=True)
    else:
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_same_bits_on_every_executor(executor: str, name: str) -> None:
    x = cd.from_pandas(table(), npartitions=7)
    query = QUERIES[name](x)
    right = query.compute(scheduler="sync")
    for rules in (None, False):
        same_bits(query.compute(scheduler=executor, rules=rules), right)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_files_on_every_executor(executor: str, folder: Path, workers: int) -> None:
    x = cd.read_csv(str(folder / "*.csv"), blocksize=4_000)
    queries = [QUERIES[name](x) for name in ("mean", "groups", "counts", "describe")]
    right = compute(*queries, scheduler="sync")
    found = compute(*queries, scheduler=executor, num_workers=workers)
    for one, other in zip(found, right, strict=True):
        same_bits(one, other)
    run = last_run()
    assert run is not None
    reads = run.reads()
    assert len(reads) == 4 and all(
        read.count == 1 for read in reads.values()
    )  # what four queries share is read once


def spoiled(part: pd.DataFrame) -> pd.DataFrame:
    part["value"] = 0.0
    del part["city"]
    return part


def test_user_code_that_writes_to_its_partition_harms_nobody(executor: str) -> None:
    frame = table()
    x = cd.from_pandas(frame, npartitions=3).persist(scheduler="sync")
    changed = x.map_partitions(spoiled)
    zeros, whole, again = compute(changed.value.sum(), x, x.value.sum(), scheduler=executor)
    assert zeros == 0.0
    pd.testing.assert_frame_equal(whole, frame)
    np.testing.assert_allclose(again, frame.value.sum())
    assert "city" in frame.columns


def test_a_partition_that_fails_is_named(executor: str) -> None:
    def pick(part: pd.DataFrame) -> pd.DataFrame:
        if len(part) and part.index[0] == 200:
            raise LookupError("no such flight")
        return part

    x = cd.from_pandas(table(), npartitions=5)
    picked = x.map_partitions(pick, meta=x._meta)
    with pytest.raises(LookupError, match="no such flight") as caught:
        picked.value.sum().compute(scheduler=executor)
    (note,) = caught.value.__notes__
    run = last_run()
    assert run is not None and run.error is not None
    assert "partition 2 of 5" in run.error.partition
    assert "partition" in note and "pick" in note and "variable: picked" in note
    found = run.debug()
    with pytest.raises(LookupError):
        found.run()


def test_a_file_that_does_not_keep_its_dtype(executor: str, tmp_path: Path) -> None:
    for number, text in enumerate(("1\n2\n", "3\n4\n", "5\nsix\n")):
        (tmp_path / f"{number}.csv").write_text(f"x\n{text}")
    x = cd.read_csv(str(tmp_path / "*.csv"))
    with pytest.raises(SchemaError, match=r"2\.csv"):
        x.x.sum().compute(scheduler=executor)
    run = last_run()
    assert run is not None and run.error is not None
    assert run.error.table[0][:3] == ("column", "found", "expected")
    assert run.error.table[1][0] == "x" and "six" in run.error.table[1][-1]
    assert run.error.hint.startswith("dtype={'x'") and "2.csv" in run.error.file


def test_calls_and_frames_together(executor: str) -> None:
    parts = [delayed(table)(50, seed) for seed in range(3)]
    x = cd.from_delayed(parts, meta=table(0))
    total, lengths = compute(
        x.count_.sum(), [delayed(len)(part) for part in x.to_delayed()], scheduler=executor
    )
    assert lengths == [50, 50, 50]
    assert total == sum(int(table(50, seed).count_.sum()) for seed in range(3))


LANES = st.sampled_from(["threads", "processes", "cluster"])


@pytest.mark.usefixtures("cluster")
@given(st.sampled_from(sorted(QUERIES)), st.integers(0, 400), st.integers(1, 9), st.integers(1, 4), LANES)
def test_no_run_of_frames_measures_more_than_its_forecast(
    name: str, rows: int, npartitions: int, workers: int, kind: str
) -> None:
    held = LEDGER.held
    x = cd.from_pandas(table(rows + 1), npartitions=npartitions)
    query = QUERIES[name](x)
    scheduler = "sync" if workers == 1 else kind
    found = plan(query, scheduler=scheduler, num_workers=workers)
    query.compute(scheduler=scheduler, num_workers=workers)
    run = last_run()
    assert run is not None and run.peak_bytes <= found.peak_bytes
    assert LEDGER.held == held


@pytest.mark.usefixtures("cluster")
@given(st.sampled_from(sorted(QUERIES)), st.integers(1, 300), st.integers(1, 9), st.integers(1, 4), LANES)
def test_frames_within_the_smallest_budget(
    name: str, rows: int, npartitions: int, workers: int, kind: str
) -> None:
    query = QUERIES[name](cd.from_pandas(table(rows), npartitions=npartitions))
    right = query.compute(scheduler="sync")
    floor = plan(query, num_workers=workers).forecast.floor_bytes
    same_bits(query.compute(memory=floor, num_workers=workers, scheduler=kind), right)
    run = last_run()
    assert run is not None and run.peak_bytes <= floor


class Planned(RuntimeError):
    """The failure that a partition was given on purpose."""


@pytest.mark.usefixtures("cluster")
@given(st.sets(st.integers(0, 7)), st.sampled_from(["sync", "simulated"]) | LANES, st.booleans())
def test_partitions_that_fail_end_the_run_with_their_own_error(
    failing: set[int], kind: str, fused: bool
) -> None:
    held = LEDGER.held

    def check(part: pd.DataFrame) -> pd.DataFrame:
        number = int(part.index[0]) // 10
        if number in failing:
            raise Planned(number)
        return part.assign(value=1.0)

    x = cd.from_pandas(table(80), npartitions=8)
    total = x.map_partitions(check, meta=x._meta).value.sum()
    rules = None if fused else False
    if failing:
        with pytest.raises(Planned) as caught:
            total.compute(scheduler=kind, rules=rules)
        (number,) = caught.value.args
        run = last_run()
        assert run is not None and run.error is not None
        assert number in failing and run.error.operation == "check"
        assert run.error.partition.startswith(f"partition {number} of 8") and run.error.previews[0]
    else:
        assert total.compute(scheduler=kind, rules=rules) == 80.0
    assert LEDGER.held == held
