"""The flights as lines of JSON, one file for each month: a record for each aircraft, with its flights inside it."""

import numpy as np

from .bundle import MISSING, load
from .columns import YEAR, dates, fate, month_of_row, numbers_of
from .render import Index, Lines, Tokens, of_codes, of_numbers, render
from .store import Recipe, Writer
from .yearly import about

YEAR_NBYTES = 70_000_000
VERSION = "flights-2013-jsonl-1"


def recipe(scale: int, jitter: bool) -> Recipe:
    """Returns names, size and writer of the files of lines of JSON."""
    years = range(YEAR, YEAR + scale)

    def write(writer: Writer) -> None:
        order, month, first = _order()
        edges = np.searchsorted(month, np.arange(1, 14)).tolist()
        for year in years:
            if jitter or year == YEAR:
                lines = _lines(year, jitter, order, month, first)
            # The year follows the opening of each record.
            lines.set_year(year, at=lines.starts[:-1][first] + len(b'{"Year":'))
            for m in range(12):
                writer.write(f"{year}-{m + 1:02d}.jsonl", lines.span(edges[m], edges[m + 1]))

    return Recipe(
        title=f"flights, jsonl, scale {scale}",
        version=f"{VERSION}-{scale}{'-jitter' if jitter else ''}",
        names=tuple(f"{year}-{month:02d}.jsonl" for year in years for month in range(1, 13)),
        nbytes=YEAR_NBYTES * scale,
        write=write,
        about=about(scale, jitter),
    )


def _order() -> tuple[Index, Index, "np.typing.NDArray[np.bool_]"]:
    """Returns the flights by month and aircraft (unknown ones last), their months, and where a record begins."""
    tail = load().codes["TailNum"].astype(np.int64)
    tail = np.where(tail == MISSING, len(load().names["TailNum"]), tail)
    order = np.lexsort((tail, month_of_row()))
    month, tail = month_of_row()[order], tail[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (month[1:] != month[:-1]) | (tail[1:] != tail[:-1])
    return order, month, first


def _lines(
    year: int, jitter: bool, order: Index, month: Index, first: "np.typing.NDArray[np.bool_]"
) -> Lines:
    bundle, numbers = load(), numbers_of(year, jitter)

    def number(name: str) -> Tokens:
        return of_numbers(numbers[name], f'"{name}":'.encode(), missing=b"null").take(order)

    def word(name: str) -> Tokens:
        return of_codes(bundle.codes[name], bundle.names[name], f'"{name}":"'.encode(), b'",').take(order)

    days = [f'{{"DayofMonth":{d.day},"DayOfWeek":{d.isoweekday()},'.encode() for d in dates(YEAR)]
    fates = [b'"Cancelled":0,"Diverted":0}', b'"Cancelled":1,"Diverted":0}', b'"Cancelled":0,"Diverted":1}']
    last = np.append(first[1:], True)
    return render([
        Tokens([b",", *(f'{{"Year":{YEAR},"Month":{m},'.encode() for m in range(1, 13))], first * month),
        _only(first, of_codes(
            bundle.codes["TailNum"], [b'"%s"' % name for name in bundle.names["TailNum"]],
            b'"TailNum":', b',"Flights":[', missing=b"null",
        ).take(order)),
        Tokens(days, numbers["day_of_year"].astype(np.int64)).take(order),
        word("UniqueCarrier"), number("FlightNum"), word("Origin"), word("Dest"),
        of_codes(bundle.codes["Distance"], bundle.names["Distance"], b'"Distance":').take(order),
        number("DepTime"), number("DepDelay"), number("ArrDelay"), number("AirTime"),
        Tokens(fates, fate()).take(order),
        Tokens([b"", b"]}\n"], last.astype(np.int64)),
    ])  # fmt: skip


def _only(rows: "np.typing.NDArray[np.bool_]", tokens: Tokens) -> Tokens:
    """Returns the fields of some rows, and nothing for the others."""
    return Tokens([*tokens.texts, b""], np.where(rows, tokens.index, len(tokens.texts)))
