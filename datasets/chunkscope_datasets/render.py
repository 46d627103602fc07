"""Columns to lines of text, vectorised: a table of rendered tokens for each column, scattered byte by byte.

No Python object is made for a row. Where the year stands in a line is known, so that the same buffer serves every
year of a scaled data set.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .bundle import MISSING

Bytes = npt.NDArray[np.uint8]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One rendered field for each row: row r is `texts[index[r]]`, without padding."""

    texts: list[bytes]
    index: Index

    def take(self, rows: Index) -> "Tokens":
        """Returns the fields of those rows."""
        return Tokens(self.texts, self.index[rows])


@dataclass(slots=True)
class Lines:
    """All rows one after the other; row r is `buffer[starts[r]:starts[r + 1]]`."""

    buffer: Bytes
    starts: Index

    def set_year(self, year: int, at: Index) -> None:
        """Overwrites four bytes at each of the places `at`."""
        for place, digit in enumerate(f"{year:04d}".encode()):
            self.buffer[at + place] = digit

    def span(self, first: int, last: int) -> memoryview:
        """Returns the bytes of rows first to last - 1, not copied."""
        return self.buffer[self.starts[first] : self.starts[last]].data


def of_numbers(
    values: npt.NDArray[np.int16], start: bytes = b"", end: bytes = b",", missing: bytes = b""
) -> Tokens:
    """Returns decimal fields; `missing` stands where the value is MISSING.

    >>> of_numbers(np.array([517, MISSING, -3], dtype=np.int16)).texts[0]
    b'-3,'
    """
    known = values != MISSING
    low = int(values[known].min()) if known.any() else 0
    high = int(values[known].max()) if known.any() else -1
    texts = [start + str(value).encode() + end for value in range(low, high + 1)]
    index = np.where(known, values.astype(np.int64) - low, len(texts))
    return Tokens([*texts, start + missing + end], index)


def of_codes(
    codes: npt.NDArray[np.int16],
    names: list[bytes],
    start: bytes = b"",
    end: bytes = b",",
    missing: bytes = b"",
) -> Tokens:
    """Returns the name of each code; `missing` stands where the code is MISSING."""
    texts = [start + name + end for name in (*names, missing)]
    return Tokens(texts, np.where(codes == MISSING, len(names), codes.astype(np.int64)))


def nothing(nrows: int, text: bytes = b",") -> Tokens:
    """Returns the same field for every row: an empty one."""
    return Tokens([text], np.zeros(nrows, dtype=np.int64))


def render(fields: list[Tokens]) -> Lines:
    """Returns the rows, each as its fields joined; the last field's token ends the row.

    Cost: one pass over the rows for each byte of the widest token of each column.
    """
    tables = [_table(tokens.texts) for tokens in fields]
    nrows = len(fields[0].index)
    widths = np.zeros(nrows, dtype=np.int64)
    for (_, lengths), tokens in zip(tables, fields, strict=True):
        widths += lengths[tokens.index]
    starts = np.zeros(nrows + 1, dtype=np.int64)
    np.cumsum(widths, out=starts[1:])
    buffer = np.empty(int(starts[-1]), dtype=np.uint8)
    at = starts[:-1].copy()
    for (padded, lengths), tokens in zip(tables, fields, strict=True):
        pick = tokens.index
        length = lengths[pick]
        for place in range(padded.shape[1]):
            if place < lengths.min():
                buffer[at + place] = padded[pick, place]
            else:
                long_enough = np.flatnonzero(length > place)
                buffer[at[long_enough] + place] = padded[pick[long_enough], place]
        at += length
    return Lines(buffer, starts)


def _table(texts: list[bytes]) -> tuple[Bytes, Index]:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    padded = np.array(texts).view(np.uint8).reshape(len(texts), -1)
    return padded, lengths
