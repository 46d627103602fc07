"""Columns to CSV bytes, vectorised: a table of rendered tokens for each column, scattered byte by byte.

No Python object is made for a row. A year is four bytes at the start of each line, so that the same buffer
serves every year of a scaled data set.
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


@dataclass(slots=True)
class Lines:
    """All lines one after the other; line r is `buffer[starts[r]:starts[r + 1]]`."""

    buffer: Bytes
    starts: Index

    def set_year(self, year: int) -> None:
        """Overwrites the first four bytes of every line."""
        for place, digit in enumerate(f"{year:04d}".encode()):
            self.buffer[self.starts[:-1] + place] = digit

    def span(self, first: int, last: int) -> memoryview:
        """Returns the bytes of lines first to last - 1, not copied."""
        return self.buffer[self.starts[first] : self.starts[last]].data


def of_numbers(values: npt.NDArray[np.int16], end: bytes = b",") -> Tokens:
    """Returns decimal fields, empty where the value is MISSING.

    >>> of_numbers(np.array([517, MISSING, -3], dtype=np.int16)).texts[0]
    b'-3,'
    """
    known = values != MISSING
    low = int(values[known].min()) if known.any() else 0
    high = int(values[known].max()) if known.any() else -1
    texts = [str(value).encode() + end for value in range(low, high + 1)]
    index = np.where(known, values.astype(np.int64) - low, len(texts))
    return Tokens([*texts, end], index)


def of_codes(codes: npt.NDArray[np.int16], names: list[bytes], end: bytes = b",") -> Tokens:
    """Returns the name of each code, empty where the code is MISSING."""
    texts = [name + end for name in (*names, b"")]
    return Tokens(texts, np.where(codes == MISSING, len(names), codes.astype(np.int64)))


def render(fields: list[Tokens], order: Index) -> Lines:
    """Returns the rows `order`, each as its fields joined; the last field's token ends the line.

    Cost: one pass over the rows for each byte of the widest token of each column.
    """
    tables = [_table(tokens.texts) for tokens in fields]
    picks = [tokens.index[order] for tokens in fields]
    widths = np.zeros(len(order), dtype=np.int64)
    for (_, lengths), pick in zip(tables, picks, strict=True):
        widths += lengths[pick]
    starts = np.concatenate(([0], np.cumsum(widths)))
    buffer = np.empty(int(starts[-1]), dtype=np.uint8)
    at = starts[:-1].copy()
    for (padded, lengths), pick in zip(tables, picks, strict=True):
        length = lengths[pick]
        for place in range(padded.shape[1]):
            long_enough = np.flatnonzero(length > place)
            buffer[at[long_enough] + place] = padded[pick[long_enough], place]
        at += length
    return Lines(buffer, starts)


def _table(texts: list[bytes]) -> tuple[Bytes, Index]:
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    padded = np.array(texts).view(np.uint8).reshape(len(texts), -1)
    return padded, lengths
