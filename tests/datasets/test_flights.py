"""The files hold exactly the real year: every figure that a lesson states is recomputed from the bytes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import chunkscope_datasets as datasets
from chunkscope_datasets.yearly import LAYOUTS, YEAR_NBYTES

MONTH_ROWS = [27004, 24951, 28834, 28330, 28796, 28243, 29425, 29327, 27574, 28889, 27268, 28135]
AIRPORTS = ["EWR", "JFK", "LGA"]


@pytest.fixture(scope="module")
def year() -> pd.DataFrame:
    frames = [pd.read_csv(path) for path in datasets.flights("by_month")]
    return pd.concat(frames, ignore_index=True)


def rows(path: Path) -> int:
    return path.read_bytes().count(b"\n") - 1


def test_months_hold_the_whole_year() -> None:
    paths = datasets.flights("by_month")
    assert [path.name for path in paths] == [f"2013-{month:02d}.csv" for month in range(1, 13)]
    assert [rows(path) for path in paths] == MONTH_ROWS
    assert sum(MONTH_ROWS) == 336_776


def test_destinations_are_105_files_of_very_different_sizes() -> None:
    paths = datasets.flights("by_destination")
    count = {path.stem: rows(path) for path in paths}
    assert len(paths) == 105
    assert sum(count.values()) == 336_776
    assert (count["LEX"], count["ORD"], count["ATL"], count["LAX"]) == (1, 17_283, 17_215, 16_174)
    assert (min(count.values()), max(count.values())) == (1, 17_283)
    assert paths[0].name == "ABQ.csv"
    assert round(sum(path.stat().st_size for path in paths) / 1e6, 1) == 27.3


def test_the_trap_of_the_first_destination() -> None:
    paths = datasets.flights("by_destination")
    first, last = (pd.read_csv(path) for path in (paths[0], paths[-1]))
    assert len(first) == 254 and not first["Cancelled"].any()
    differ = [column for column in first if first[column].dtype != last[column].dtype]
    assert differ == ["DepTime", "ArrTime", "ActualElapsedTime", "AirTime", "ArrDelay", "DepDelay"]
    assert {str(first[column].dtype) for column in differ} == {"int64"}
    assert {str(last[column].dtype) for column in differ} == {"float64"}
    # Any number of lines of the first file tells the same wrong thing.
    sampled = [pd.read_csv(paths[0], nrows=rows).dtypes for rows in (10, 254)]
    assert sampled[0].equals(sampled[1])


def test_the_trap_of_the_carriers_is_in_one_column() -> None:
    # Who samples 64 kB of the first file knows of every gap but the scheduled times to airports without a zone.
    paths = datasets.flights("by_carrier")
    sample = pd.read_csv(paths[0], nrows=800)
    frames = {path.stem: pd.read_csv(path) for path in paths}
    gaps = {column for column in sample if sample[column].isna().any()}
    wrong = {
        (name, column)
        for name, frame in frames.items()
        for column in frame
        if frame[column].isna().any() and column not in gaps
    }
    assert {column for _, column in wrong} == {"CRSElapsedTime"}
    assert {name for name, _ in wrong} == {"AA", "B6", "DL", "UA"}


def test_carriers_and_single() -> None:
    assert len(datasets.flights("by_carrier")) == 16
    (single,) = datasets.flights("single")
    assert single.name == "flights.csv"
    assert rows(single) == 336_776


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_holds_the_same_lines(layout: str) -> None:
    lines: list[bytes] = []
    for path in datasets.flights(layout):
        header, *body = path.read_bytes().splitlines()
        assert header.decode().split(",") == list(datasets.COLUMNS)
        lines += body
    (single,) = datasets.flights("single")
    assert sorted(lines) == sorted(single.read_bytes().splitlines()[1:])
    assert sum(len(line) + 1 for line in lines) == YEAR_NBYTES


def test_ints_are_written_as_ints_and_missing_as_nothing() -> None:
    lines = datasets.flights("by_month")[0].read_text().splitlines()
    assert lines[1] == "2013,1,1,2,517,515,830,819,UA,1545,N14228,253,244,227,11,2,EWR,IAH,1400,,,0,0"
    # The first flight without an arrival delay and the first without a departure.
    assert next(i for i, line in enumerate(lines[1:]) if line.split(",")[14] == "") == 471
    assert next(i for i, line in enumerate(lines[1:]) if line.split(",")[4] == "") == 838
    assert lines[839].endswith(",,,1,0")
    assert not any("." in line or "nan" in line.lower() for line in lines[1:])


def test_single_keeps_the_order_of_the_source() -> None:
    frame = pd.read_csv(datasets.flights("single")[0], usecols=["Month"])
    assert frame["Month"].drop_duplicates().tolist() == [1, 10, 11, 12, 2, 3, 4, 5, 6, 7, 8, 9]


def test_cancelled_and_diverted(year: pd.DataFrame) -> None:
    assert int(year["Cancelled"].sum()) == 8_255
    assert int(year["Diverted"].sum()) == 1_175
    assert ((year["Cancelled"] == 1) == year["DepTime"].isna()).all()
    assert int((year["Cancelled"] == 0).sum()) == 328_521


def test_departure_delays(year: pd.DataFrame) -> None:
    flown = year[year["Cancelled"] == 0]
    assert [int((flown["Origin"] == airport).sum()) for airport in AIRPORTS] == [117_596, 109_416, 101_509]
    means = flown.groupby("Origin")["DepDelay"].mean()
    assert means.round(3).to_dict() == dict(zip(AIRPORTS, [15.108, 12.112, 10.347], strict=True))
    monthly = flown.groupby(["Month", "Origin"])["DepDelay"].mean().groupby("Origin").mean()
    assert monthly.round(3).to_dict() == dict(zip(AIRPORTS, [15.043, 11.981, 10.365], strict=True))
    assert (year["DepDelay"].max(), year["DepDelay"].min()) == (1301, -43)
    weekday = flown.groupby("DayOfWeek")["DepDelay"].mean().round(2)
    assert (weekday.idxmax(), weekday.max(), weekday.idxmin(), weekday.min()) == (4, 16.15, 6, 7.65)
    assert round(float((flown["DepDelay"] > 15).mean()), 3) == 0.215
    assert flown["DepDelay"].quantile([0.25, 0.5, 0.75]).tolist() == [-5, -2, 11]


def test_elapsed_times_leave_room_for_taxiing(year: pd.DataFrame) -> None:
    no_zone = year["Dest"].isin(["BQN", "PSE", "SJU", "STT"])
    assert int(no_zone.sum()) == 7_602
    assert (year["CRSElapsedTime"].isna() == no_zone).all()
    taxi = (year["ActualElapsedTime"] - year["AirTime"]).dropna()
    assert len(taxi) == 319_809
    assert taxi.min() == 5
    assert set(year[no_zone]["UniqueCarrier"]) == {"AA", "B6", "DL", "UA"}


def test_clock_times_and_delays_agree(year: pd.DataFrame) -> None:
    flown = year[year["Cancelled"] == 0]

    def minutes(clock: "pd.Series[float]") -> "pd.Series[float]":
        return clock // 100 * 60 + clock % 100

    gap = minutes(flown["CRSDepTime"]) + flown["DepDelay"] - minutes(flown["DepTime"])
    assert (gap % 1440 == 0).all()


def test_the_weekday_is_the_calendars(year: pd.DataFrame) -> None:
    dates = pd.to_datetime({"year": year["Year"], "month": year["Month"], "day": year["DayofMonth"]})
    assert (dates.dt.day_of_week + 1 == year["DayOfWeek"]).all()
    assert dates.nunique() == 365


def test_scale_repeats_the_year_byte_for_byte(tmp_path: Path) -> None:
    one = datasets.flights("by_month")
    three = datasets.flights("by_month", scale=3, dest=tmp_path / "three")
    assert len(three) == 36
    for k, path in enumerate(three):
        year = 2013 + k // 12
        assert path.name == f"{year}-{k % 12 + 1:02d}.csv"
        assert path.read_bytes() == one[k % 12].read_bytes().replace(b"\n2013,", b"\n%d," % year)


def test_scaled_destinations_grow_and_keep_their_mean(tmp_path: Path) -> None:
    paths = datasets.flights("by_carrier", scale=2, dest=tmp_path / "two")
    assert len(paths) == 16
    frame = pd.concat([pd.read_csv(path, usecols=["Year", "Origin", "DepDelay"]) for path in paths])
    assert frame["Year"].value_counts().to_dict() == {2013: 336_776, 2014: 336_776}
    means = frame.groupby("Origin")["DepDelay"].mean().round(3)
    np.testing.assert_allclose(means[AIRPORTS], [15.108, 12.112, 10.347])


def test_jitter_adds_the_same_noise_everywhere_and_another_each_year(tmp_path: Path) -> None:
    (path,) = datasets.flights("single", scale=2, jitter=True, dest=tmp_path / "noisy")
    (plain,) = datasets.flights("single")
    noisy, real = pd.read_csv(path), pd.read_csv(plain)
    first, second = noisy[:336_776], noisy[336_776:].reset_index(drop=True)
    assert (first["Year"] == 2013).all() and (second["Year"] == 2014).all()
    same = [column for column in real if column not in ("Year", "DepDelay", "ArrDelay")]
    for year in (first, second):
        pd.testing.assert_frame_equal(year[same], real[same])
        for column, spread in (("DepDelay", 4.0), ("ArrDelay", 4 * 2**0.5)):
            noise = (year[column] - real[column]).dropna()
            assert len(noise) == real[column].notna().sum()
            assert abs(noise.mean()) < 0.05
            assert abs(noise.std() - spread) < 0.05
    apart = (first["DepDelay"] - second["DepDelay"]).dropna()
    assert abs(apart.std() - 4 * 2**0.5) < 0.05
    # The first line of both years, for ever.
    assert (first["DepDelay"][0], second["DepDelay"][0]) == (3, -1)
    assert "Noise was added" in (path.parent / "_ABOUT.txt").read_text()


def test_labels_that_are_no_history_say_so(tmp_path: Path) -> None:
    (path,) = datasets.flights("single", scale=2, dest=tmp_path / "two")
    assert "The years 2014 to 2014 are labels" in (path.parent / "_ABOUT.txt").read_text()
    (one,) = datasets.flights("single")
    assert "labels" not in (one.parent / "_ABOUT.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layout": "by_day"}, r"unknown layout 'by_day'; choose one of 'by_month', 'by_destination'"),
        ({"layout": "bts1990s", "scale": 2}, r"has its ten years already: leave out scale and jitter"),
        ({"layout": "bts1990s", "jitter": True}, r"has its ten years already"),
        ({"source": "1990s"}, r"unknown source '1990s'; choose one of '2013', 'original'"),
        ({"source": "original", "scale": 2}, r"comes as it is: leave out layout, scale and jitter"),
        ({"scale": 0}, r"scale=0: a whole number of years from 1 to 7986"),
        ({"scale": 1.5}, r"scale=1.5"),
        ({"scale": True}, r"scale=True"),
    ],
)
def test_bad_arguments_say_what_would_work(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        datasets.flights(**arguments)  # type: ignore[arg-type]
