"""The Parquet files hold the values of the CSV files."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chunkscope_datasets as datasets

TEXT = {"UniqueCarrier", "TailNum", "Origin", "Dest"}


@pytest.mark.parametrize("month", [0, 9])
def test_the_values_are_those_of_the_csv_files(month: int) -> None:
    table = pd.read_csv(datasets.flights("by_month")[month])
    pd.testing.assert_frame_equal(
        pd.read_parquet(datasets.flights("parquet")[month]), table, check_dtype=False
    )


def test_types_are_the_same_in_every_file() -> None:
    paths = datasets.flights("parquet")
    assert [path.name for path in paths] == [f"2013-{month:02d}.parquet" for month in range(1, 13)]
    expected = pa.schema([(c, pa.string() if c in TEXT else pa.int64()) for c in datasets.COLUMNS])
    assert all(pq.read_schema(path).equals(expected) for path in paths)
    assert sum(pq.read_metadata(path).num_rows for path in paths) == 336_776
    assert sum(path.stat().st_size for path in paths) < 6_500_000


def test_a_whole_folder_can_be_read() -> None:
    folder = datasets.flights("parquet")[0].parent
    frame = pd.read_parquet(folder, columns=["Origin", "DepDelay", "Cancelled"])
    means = frame[frame["Cancelled"] == 0].groupby("Origin")["DepDelay"].mean()
    assert means.round(3).to_dict() == {"EWR": 15.108, "JFK": 12.112, "LGA": 10.347}


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    again = datasets.flights("parquet", dest=tmp_path / "again")
    for here, there in zip(datasets.flights("parquet"), again, strict=True):
        assert here.read_bytes() == there.read_bytes()


def test_scale_and_jitter(tmp_path: Path) -> None:
    paths = datasets.flights("parquet", scale=2, jitter=True, dest=tmp_path / "two")
    table = pd.read_csv(datasets.flights("by_month", scale=2, jitter=True, dest=tmp_path / "table")[13])
    pd.testing.assert_frame_equal(pd.read_parquet(paths[13]), table, check_dtype=False)
    assert paths[13].name == "2014-02.parquet"
