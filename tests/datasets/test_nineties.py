"""The reconstruction of the 1990s: its size, its two traps, and that every line is a real flight of 2013."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets.nineties import NBYTES, days_drawn, resampled

NO_ZONE = ["BQN", "PSE", "SJU", "STT"]
MEASURED = ["DepTime", "ArrTime", "ActualElapsedTime", "ArrDelay", "DepDelay"]


@pytest.fixture(scope="module")
def decade() -> dict[int, pd.DataFrame]:
    return {int(path.stem): pd.read_csv(path) for path in datasets.flights("bts1990s")}


def test_ten_files_of_the_known_size(decade: dict[int, pd.DataFrame]) -> None:
    paths = datasets.flights("bts1990s")
    assert [path.name for path in paths] == [f"{year}.csv" for year in range(1990, 2000)]
    assert sum(len(frame) for frame in decade.values()) == 3_329_478
    nbytes = sum(path.stat().st_size for path in paths)
    assert round(nbytes / 1e6) == 256
    assert abs(nbytes - NBYTES) < 1e6
    assert all(list(frame) == list(datasets.COLUMNS) for frame in decade.values())
    assert "No figure computed from these files is history" in (paths[0].parent / "_ABOUT.txt").read_text()


def test_the_types_of_the_first_file_do_not_hold_for_the_last(decade: dict[int, pd.DataFrame]) -> None:
    def kinds(frame: pd.DataFrame) -> dict[str, str]:
        return {column: str(dtype) for column, dtype in frame.dtypes.items()}

    first, last = kinds(decade[1990]), kinds(decade[1999])
    differ = {column: (first[column], last[column]) for column in first if first[column] != last[column]}
    assert differ == {"CRSElapsedTime": ("int64", "float64"), "TailNum": ("float64", "str")}
    assert {column: first[column] for column in MEASURED} == dict.fromkeys(MEASURED, "float64")
    assert decade[1999]["TailNum"].iloc[0] == "N906XJ"


def test_a_sample_of_ten_lines_has_the_types_of_its_file(decade: dict[int, pd.DataFrame]) -> None:
    first = datasets.flights("bts1990s")[0]
    pd.testing.assert_series_equal(pd.read_csv(first, nrows=10).dtypes, decade[1990].dtypes)


@pytest.mark.parametrize("year", [1990, 1994, 1995, 1999])
def test_what_was_not_collected_before_1995(decade: dict[int, pd.DataFrame], year: int) -> None:
    frame = decade[year]
    assert frame["TailNum"].isna().all() == (year < 1995)
    assert frame["AirTime"].isna().all() == (year < 1995)
    assert frame["CRSElapsedTime"].notna().all() == (year < 1995)
    assert frame["Dest"].isin(NO_ZONE).any() == (year >= 1995)
    assert frame[["TaxiIn", "TaxiOut"]].isna().all(axis=None)


@pytest.mark.parametrize("year", [1992, 1999])
def test_each_date_is_a_real_day_of_the_same_month_and_weekday(
    decade: dict[int, pd.DataFrame], year: int
) -> None:
    frame = decade[year]
    made = pd.to_datetime({"year": frame["Year"], "month": frame["Month"], "day": frame["DayofMonth"]})
    assert (frame["Year"] == year).all()
    assert (made.dt.day_of_week + 1 == frame["DayOfWeek"]).all()
    assert made.nunique() == (366 if year == 1992 else 365)
    for day, drawn in enumerate(days_drawn(year).tolist()):
        labelled = datetime.date(year, 1, 1) + datetime.timedelta(days=day)
        real = datetime.date(2013, 1, 1) + datetime.timedelta(days=drawn)
        assert (labelled.month, labelled.weekday()) == (real.month, real.weekday())


def test_the_lines_of_a_date_are_the_lines_of_its_day() -> None:
    real = pd.concat([pd.read_csv(path, dtype=str) for path in datasets.flights("by_month")])
    made = pd.read_csv(datasets.flights("bts1990s")[9], dtype=str)
    drawn = datetime.date(2013, 1, 1) + datetime.timedelta(days=int(days_drawn(1999)[200]))
    label = datetime.date(1999, 1, 1) + datetime.timedelta(days=200)

    def lines(frame: pd.DataFrame, date: datetime.date) -> list[list[str]]:
        on = (frame["Month"] == str(date.month)) & (frame["DayofMonth"] == str(date.day))
        return sorted(frame[on].iloc[:, 3:].fillna("").to_numpy().tolist())

    assert lines(made, label) == lines(real, drawn)


def test_the_order_is_month_carrier_flight_number(decade: dict[int, pd.DataFrame]) -> None:
    frame = decade[1997]
    order = ["Month", "UniqueCarrier", "FlightNum"]
    pd.testing.assert_frame_equal(frame[order], frame[order].sort_values(order, ignore_index=True))
    # Equal ones are in order of the date, so that the same flight of one month stands together.
    rows, dates = resampled(1997)
    assert len(rows) == len(frame)
    same = (np.diff(frame["FlightNum"]) == 0) & (np.diff(frame["Month"]) == 0)
    same &= frame["UniqueCarrier"].to_numpy()[1:] == frame["UniqueCarrier"].to_numpy()[:-1]
    assert (np.diff(dates)[same] >= 0).all()


def test_nothing_else_may_be_asked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="ten years already"):
        datasets.flights("bts1990s", scale=3, dest=tmp_path)
