"""The small tables: their shapes, and how they join the flights."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets.tables import TABLES

LOADERS = [datasets.weather, datasets.planes, datasets.airports, datasets.airlines]


@pytest.mark.parametrize("loader", LOADERS)
def test_shapes(loader: Callable[[], Path]) -> None:
    path = loader()
    table = TABLES[loader.__name__]
    assert path.name == f"{loader.__name__}.csv"
    assert path.stat().st_size == table.nbytes
    assert pd.read_csv(path).shape == (table.nrows, table.ncolumns)
    assert f"{table.nrows:,} rows x {table.ncolumns} columns" in datasets.describe(loader.__name__).shape


def test_the_known_numbers_of_rows() -> None:
    assert {name: (table.nrows, table.ncolumns) for name, table in TABLES.items()} == {
        "weather": (26_115, 15), "planes": (3_322, 9), "airports": (1_458, 8), "airlines": (16, 2),
    }  # fmt: skip


def test_keys() -> None:
    flights = pd.concat([pd.read_csv(path, usecols=["TailNum", "Dest", "UniqueCarrier"])
                         for path in datasets.flights("by_month")])  # fmt: skip
    planes, airports = pd.read_csv(datasets.planes()), pd.read_csv(datasets.airports())
    airlines = pd.read_csv(datasets.airlines())
    assert planes["tailnum"].is_unique and airports["faa"].is_unique and airlines["carrier"].is_unique
    assert set(flights["UniqueCarrier"]) == set(airlines["carrier"])
    assert set(flights["Dest"]) - set(airports["faa"]) == {"BQN", "PSE", "SJU", "STT"}
    assert flights["TailNum"].nunique() == 4_043
    assert round(float((~flights["TailNum"].isin(planes["tailnum"])).mean()), 3) == 0.156


def test_hours_of_weather() -> None:
    weather = pd.read_csv(datasets.weather())
    assert not weather.duplicated(["origin", "time_hour"]).any()
    assert weather.duplicated(["origin", "year", "month", "day", "hour"]).sum() == 3
    assert weather["time_hour"].max() == "2013-12-30T23:00:00Z"


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    path = datasets.airlines(dest=tmp_path / "mine")
    assert path == tmp_path / "mine" / "airlines.csv"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("years of work")
    with pytest.raises(datasets.DatasetError, match="choose a new or empty folder"):
        datasets.airlines(dest=tmp_path / "other")
