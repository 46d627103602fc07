"""All flights out of New York City in 2013, as CSV files in several layouts and sizes."""

import datetime
from functools import cache
from pathlib import Path

import numpy as np

from .bundle import MISSING, NROWS, Bundle, load
from .places import data_dir
from .render import Index, Tokens, of_codes, of_numbers, render
from .store import Recipe, Writer, build_once

COLUMNS = (
    "Year", "Month", "DayofMonth", "DayOfWeek", "DepTime", "CRSDepTime", "ArrTime", "CRSArrTime",
    "UniqueCarrier", "FlightNum", "TailNum", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay",
    "DepDelay", "Origin", "Dest", "Distance", "TaxiIn", "TaxiOut", "Cancelled", "Diverted",
)  # fmt: skip
"""The columns of every file, in the order of the 1990s files of the Bureau of Transportation Statistics."""

LAYOUTS = ("by_month", "by_destination", "by_carrier", "single")
HEADER = ",".join(COLUMNS).encode() + b"\n"
YEAR = 2013
VERSION = "flights-2013-1"
YEAR_NBYTES = 27_245_027  # lines of one year, without headers; a test compares it with the files


def flights(layout: str = "by_month", scale: int = 1, dest: str | Path | None = None) -> list[Path]:
    """Returns the paths of the CSV files, sorted; they are written on the first call and kept.

    Parameters
    ----------
    layout : "by_month" (12 files for each year), "by_destination" (105), "by_carrier" (16) or "single"
    scale : how many years: 1 is the real 2013 (336,776 rows, 27 MB), k repeats it under the labels
        2013 … 2013+k-1, so that every count is k times as large and every mean the same; 37 is a gigabyte
    dest : a folder for the files, new or empty, instead of one in the cache

    Missing values are empty and whole numbers have no decimal point, as in the original files.
    `describe("flights")` tells what was derived and how.

    Raises ValueError for an unknown layout or a scale that is no positive whole number, NotEnoughDisk before
    writing anything, DatasetError when `dest` holds other files.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in flights("by_month", dest=folder + "/data")][:2]
    ['2013-01.csv', '2013-02.csv']
    """
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}; choose one of {', '.join(map(repr, LAYOUTS))}")
    if type(scale) is not int or not 1 <= scale <= 9999 - YEAR:
        raise ValueError(f"scale={scale!r}: a whole number of years from 1 to {9999 - YEAR} is needed")
    folder = data_dir() / f"flights-{layout}-x{scale}" if dest is None else Path(dest).expanduser().absolute()
    return build_once(folder, recipe(layout, scale))


def recipe(layout: str, scale: int) -> Recipe:
    """Returns names, size and writer of one layout at one scale."""
    years = range(YEAR, YEAR + scale)
    groups = group_names(layout)
    if layout == "by_month":
        names = {(year, g): f"{year}-{group}.csv" for year in years for g, group in enumerate(groups)}
    else:
        names = {(year, g): f"{group}.csv" for year in years for g, group in enumerate(groups)}
    files = tuple(sorted(set(names.values())))

    def write(writer: Writer) -> None:
        group = _group_of_row(layout)
        lines = render(_fields(), np.argsort(group, kind="stable"))
        edges = np.searchsorted(np.sort(group), np.arange(len(groups) + 1))
        for name in files:
            writer.write(name, HEADER)
        for year in years:
            lines.set_year(year)
            for g in range(len(groups)):
                writer.write(names[year, g], lines.span(int(edges[g]), int(edges[g + 1])))

    return Recipe(
        title=f"flights, {layout}, scale {scale}",
        version=f"{VERSION}-{layout}-{scale}",
        names=files,
        nbytes=YEAR_NBYTES * scale + len(HEADER) * len(files),
        write=write,
    )


def group_names(layout: str) -> list[str]:
    """Returns the file stems of one year in the order of their groups."""
    if layout == "by_month":
        return [f"{month:02d}" for month in range(1, 13)]
    if layout == "single":
        return ["flights"]
    column = {"by_destination": "Dest", "by_carrier": "UniqueCarrier"}[layout]
    return [name.decode() for name in load().names[column]]


def _group_of_row(layout: str) -> Index:
    bundle = load()
    if layout == "by_month":
        return _months()[bundle.numbers["day_of_year"]] - 1
    if layout == "single":
        return np.zeros(NROWS, dtype=np.int64)
    column = {"by_destination": "Dest", "by_carrier": "UniqueCarrier"}[layout]
    return bundle.codes[column].astype(np.int64)


def _dates() -> list[datetime.date]:
    return [datetime.date(YEAR, 1, 1) + datetime.timedelta(days=day) for day in range(365)]


def _months() -> Index:
    return np.array([date.month for date in _dates()], dtype=np.int64)


@cache
def _fields() -> list[Tokens]:
    """Returns the rendered columns in order; the ones that go together share one table."""
    bundle = load()

    def number(name: str) -> Tokens:
        return of_numbers(bundle.numbers[name])

    def name(column: str) -> Tokens:
        return of_codes(bundle.codes[column], bundle.names[column])

    days = [f"{YEAR},{d.month},{d.day},{d.isoweekday()},".encode() for d in _dates()]
    return [
        Tokens(days, bundle.numbers["day_of_year"].astype(np.int64)),
        number("DepTime"), number("CRSDepTime"), number("ArrTime"), number("CRSArrTime"),
        name("UniqueCarrier"), number("FlightNum"), name("TailNum"),
        number("ActualElapsedTime"), number("CRSElapsedTime"), number("AirTime"),
        number("ArrDelay"), number("DepDelay"),
        name("Origin"), name("Dest"), name("Distance"),
        _fate(bundle),
    ]  # fmt: skip


def _fate(bundle: Bundle) -> Tokens:
    """Returns TaxiIn, TaxiOut (not in the source, empty), Cancelled and Diverted, and the end of the line.

    A flight without a departure time was cancelled; one that left and has no time in the air was diverted.
    """
    cancelled = bundle.numbers["DepTime"] == MISSING
    diverted = ~cancelled & (bundle.numbers["AirTime"] == MISSING)
    return Tokens([b",,0,0\n", b",,1,0\n", b",,0,1\n"], np.where(cancelled, 1, np.where(diverted, 2, 0)))
