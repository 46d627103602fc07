"""The answers of lesson 10 are the same from every layout of the flights: they belong to the data, not to the files."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyarrow import json

import chunkscope.dataframe as cd
from chunkscope import compute, delayed
from chunkscope_datasets import flights

WITH_GAPS = (
    "DepTime", "ArrTime", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay", "DepDelay",
)  # fmt: skip
CSV = ("by_month", "by_destination", "by_carrier", "single")


def flattened(path: str) -> pd.DataFrame:
    """The flights of a file of nested records, one aircraft to a line."""
    records = json.read_json(path).column("Flights")
    return pa.table(pc.list_flatten(records.combine_chunks())).to_pandas()


def frame(layout: str) -> "cd.DataFrame":
    paths = [str(path) for path in flights(layout)]
    if layout == "parquet":
        return cd.read_parquet(paths)
    if layout == "jsonl":
        parts = [delayed(flattened)(path) for path in paths]
        return cd.from_delayed(parts, meta=flattened(paths[0])[:0])
    return cd.read_csv(paths, dtype=dict.fromkeys(WITH_GAPS, "float64"))


@pytest.mark.parametrize("layout", [*CSV, "parquet", "jsonl"])
def test_the_answers_do_not_depend_on_the_files(layout: str) -> None:
    df = frame(layout)
    flown = df[df["Cancelled"] == 0]
    longest, cancelled, left, means, weekdays, destinations = compute(
        df["DepDelay"].max(),
        df["Cancelled"].sum(),
        flown.groupby("Origin")["Dest"].count(),
        df.groupby("Origin")["DepDelay"].mean(),
        df.groupby("DayOfWeek")["DepDelay"].mean(),
        df["Dest"].value_counts(),
    )
    assert (longest, cancelled) == (1301, 8_255)
    assert left.to_dict() == {"EWR": 117_596, "JFK": 109_416, "LGA": 101_509}
    assert left.sum() == 328_521
    assert means.round(3).to_dict() == {"EWR": 15.108, "JFK": 12.112, "LGA": 10.347}
    assert (weekdays.idxmax(), weekdays.max().round(2)) == (4, 16.15)
    assert (weekdays.idxmin(), weekdays.min().round(2)) == (6, 7.65)
    assert len(destinations) == 105
    assert destinations.nlargest(3).to_dict() == {"ORD": 17_283, "ATL": 17_215, "LAX": 16_174}
    assert len(df) == 336_776


@pytest.mark.parametrize("layout", CSV)
def test_each_file_is_read_once_for_many_questions(layout: str) -> None:
    from chunkscope import last_run

    df = frame(layout)
    compute(df["DepDelay"].max(), df.groupby("Origin")["DepDelay"].mean(), df["Dest"].value_counts())
    run = last_run()
    assert run is not None
    reads = run.reads()
    assert len(reads) == len(flights(layout))
    assert {read.count for read in reads.values()} == {1}
