"""The lines of JSON hold the same flights, inside the aircraft that flew them."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chunkscope_datasets as datasets

Records = list[tuple[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def months() -> Records:
    paths = datasets.flights("jsonl")
    return [(path.name, [json.loads(line) for line in path.read_text().splitlines()]) for path in paths]


def test_twelve_files_one_record_for_each_aircraft(months: Records) -> None:
    assert [name for name, _ in months] == [f"2013-{month:02d}.jsonl" for month in range(1, 13)]
    for number, (_, records) in enumerate(months, start=1):
        assert all((record["Year"], record["Month"]) == (2013, number) for record in records)
        tails = [record["TailNum"] for record in records]
        assert tails[-1] is None
        assert tails[:-1] == sorted(set(tails[:-1]))
        assert all(record["Flights"] for record in records)


def test_the_top_destinations(months: Records) -> None:
    count = Counter(
        flight["Dest"] for _, records in months for record in records for flight in record["Flights"]
    )
    assert count.total() == 336_776
    assert count.most_common(3) == [("ORD", 17_283), ("ATL", 17_215), ("LAX", 16_174)]


def test_every_value_is_that_of_the_table(months: Records) -> None:
    _, records = months[1]
    nested = pd.DataFrame([
        {"Year": record["Year"], "Month": record["Month"], **flight, "TailNum": record["TailNum"]}
        for record in records
        for flight in record["Flights"]
    ])  # fmt: skip
    table = pd.read_csv(datasets.flights("by_month")[1])
    expected = table.sort_values("TailNum", kind="stable", na_position="last", ignore_index=True)
    assert set(nested) < set(table)
    pd.testing.assert_frame_equal(nested, expected[list(nested)], check_dtype=False)


def test_later_years_differ_in_the_label_alone(tmp_path: Path) -> None:
    one, two = datasets.flights("jsonl"), datasets.flights("jsonl", scale=2, dest=tmp_path / "two")
    assert [path.name for path in two[12:]] == [f"2014-{month:02d}.jsonl" for month in range(1, 13)]
    for here, there in zip([*one, *one], two, strict=True):
        label = f'{{"Year":{there.name[:4]},'.encode()
        assert there.read_bytes() == here.read_bytes().replace(b'{"Year":2013,', label)


def test_jitter_reaches_the_delays(tmp_path: Path) -> None:
    path = datasets.flights("jsonl", jitter=True, dest=tmp_path / "noisy")[0]
    table = pd.read_csv(datasets.flights("by_month", jitter=True, dest=tmp_path / "table")[0])
    delays = [f["DepDelay"] for line in path.read_text().splitlines() for f in json.loads(line)["Flights"]]
    assert sorted(d for d in delays if d is not None) == sorted(table["DepDelay"].dropna())
