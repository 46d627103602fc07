"""The columns of a year of flights: their values, and each as the fields of a CSV line."""

import datetime
from functools import cache

import numpy as np
import numpy.typing as npt

from .bundle import MISSING, NROWS, load
from .render import Index, Tokens, of_codes, of_numbers

COLUMNS = (
    "Year", "Month", "DayofMonth", "DayOfWeek", "DepTime", "CRSDepTime", "ArrTime", "CRSArrTime",
    "UniqueCarrier", "FlightNum", "TailNum", "ActualElapsedTime", "CRSElapsedTime", "AirTime", "ArrDelay",
    "DepDelay", "Origin", "Dest", "Distance", "TaxiIn", "TaxiOut", "Cancelled", "Diverted",
)  # fmt: skip
"""The columns of every table, in the order of the 1990s files of the Bureau of Transportation Statistics."""

HEADER = ",".join(COLUMNS).encode() + b"\n"
YEAR = 2013
SEED = 2013

Numbers = dict[str, npt.NDArray[np.int16]]


def dates(year: int) -> list[datetime.date]:
    """Returns the days of a year."""
    first = datetime.date(year, 1, 1)
    return [
        first + datetime.timedelta(days=day) for day in range((datetime.date(year + 1, 1, 1) - first).days)
    ]


def months(year: int) -> Index:
    """Returns the month, 1 to 12, of each day of a year."""
    return np.array([date.month for date in dates(year)], dtype=np.int64)


@cache
def month_of_row() -> Index:
    """Returns the month, 1 to 12, of each flight."""
    return months(YEAR)[load().numbers["day_of_year"]]


def fate() -> Index:
    """Returns 1 for a flight without a departure time (cancelled), 2 for one that left and has no time in the air
    (diverted), else 0."""
    numbers = load().numbers
    cancelled = numbers["DepTime"] == MISSING
    diverted = ~cancelled & (numbers["AirTime"] == MISSING)
    return np.where(cancelled, 1, np.where(diverted, 2, 0))


def numbers_of(year: int, jitter: bool) -> Numbers:
    """Returns the columns of numbers; with `jitter` both delays have the noise of that year.

    The noise of a departure is the number of ones in 64 random bits, less 32: whole minutes, mean 0, standard
    deviation 4. An arrival has its departure's and some of its own. Raw bits are the one thing that NumPy
    promises to keep the same in all versions.
    """
    numbers = load().numbers
    if not jitter:
        return numbers
    bits = np.random.PCG64([SEED, year]).random_raw(2 * NROWS)
    departure, own = (np.bitwise_count(bits).astype(np.int16) - 32).reshape(2, NROWS)

    def noisy(name: str, noise: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
        return np.where(numbers[name] == MISSING, numbers[name], numbers[name] + noise).astype(np.int16)

    return {
        **numbers,
        "DepDelay": noisy("DepDelay", departure),
        "ArrDelay": noisy("ArrDelay", (departure + own).astype(np.int16)),
    }


def csv_fields(numbers: Numbers) -> dict[str, Tokens]:
    """Returns the rendered columns in order; "Date" stands for the first four, "Fate" for the last four."""
    bundle = load()

    def number(name: str) -> Tokens:
        return of_numbers(numbers[name])

    def name(column: str) -> Tokens:
        return of_codes(bundle.codes[column], bundle.names[column])

    plain = {column: name if column in bundle.codes else number for column in COLUMNS[4:19]}
    # TaxiIn and TaxiOut are not in the source and stay empty; Cancelled and Diverted follow, and end the line.
    return {
        "Date": Tokens(date_texts(YEAR), numbers["day_of_year"].astype(np.int64)),
        **{column: make(column) for column, make in plain.items()},
        "Fate": Tokens([b",,0,0\n", b",,1,0\n", b",,0,1\n"], fate()),
    }


def date_texts(year: int) -> list[bytes]:
    """Returns Year, Month, DayofMonth and DayOfWeek of each day of a year."""
    return [f"{d.year},{d.month},{d.day},{d.isoweekday()},".encode() for d in dates(year)]
