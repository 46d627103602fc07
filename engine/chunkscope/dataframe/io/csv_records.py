"""Where records of CSV text begin and end: the one place that knows about quotes.

The rules are those of pandas' C parser. A quote opens a quoted field only at the field's start, right after a
delimiter or a line end; anywhere else outside of quotes it is an ordinary character. Inside, a quote closes, and a
second one right behind it opens again (so that "" stands for one quote). Line ends and delimiters inside of quotes
are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]

__all__ = ["Records", "State", "Syntax", "flips", "split_records"]

NEWLINE, RETURN = 10, 13


@dataclass(frozen=True, slots=True)
class Syntax:
    """The bytes that give CSV its structure. `quote` is 0 where nothing is quoted."""

    delimiter: bytes = b","
    quote: int = 34
    doubled: bool = True
    """Whether two quotes in a quoted field stand for one."""
    comment: int = 0
    skip_blank: bool = True


class State(NamedTuple):
    """What the text up to some place means for what follows."""

    inside: bool = False
    """Whether the place is within quotes."""
    opens: bool = True
    """Whether a quote right here would open (or open again) a quoted field."""


def flips(data: Bytes, state: State, syntax: Syntax) -> tuple[Places, State, bool]:
    """Places of the quotes that open or close, the state behind `data`, and whether some quote does neither."""
    if not len(data):
        return np.zeros(0, dtype=np.int64), state, False
    quotes = np.flatnonzero(data == syntax.quote) if syntax.quote else np.zeros(0, dtype=np.int64)
    if not len(quotes):
        return quotes, State(state.inside, _starts_field(int(data[-1]), syntax)), False
    before = data[quotes - 1]  # of the first quote, where it is the first byte, corrected below
    starts = (before == syntax.delimiter[-1]) | (before == NEWLINE) | (before == RETURN)
    if quotes[0] == 0:
        starts[0] = state.opens
    again = np.zeros(len(quotes), dtype=bool)
    if syntax.doubled:
        again[1:] = np.diff(quotes) == 1
    opening = np.arange(len(quotes)) % 2 == int(state.inside)
    plain = bool((opening & ~starts & ~again).any())
    if plain:
        quotes = _one_by_one(quotes, starts, again, state.inside)
    inside = bool((len(quotes) + state.inside) % 2)
    last = int(data[-1])
    closed_last = bool(len(quotes)) and quotes[-1] == len(data) - 1 and not inside and syntax.doubled
    return quotes, State(inside, closed_last or _starts_field(last, syntax)), plain


def _starts_field(last: int, syntax: Syntax) -> bool:
    return last in (syntax.delimiter[-1], NEWLINE, RETURN)


def _one_by_one(quotes: Places, starts: NDArray[np.bool_], again: NDArray[np.bool_], inside: bool) -> Places:
    """The quotes that open or close, where some do neither."""
    kept: list[int] = []
    flipped = False  # whether the quote before this one was kept
    for place, start, next_to in zip(quotes.tolist(), starts.tolist(), again.tolist(), strict=True):
        flipped = inside or start or (next_to and flipped)
        if flipped:
            kept.append(place)
            inside = not inside
    return np.array(kept, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Records:
    """The records of some text that begins at a record's start: blank lines and comments are left out."""

    starts: Places
    stops: Places
    """Behind the last byte of the record, its line end included."""
    fields: Places
    """How many fields each has."""
    lines: Places
    """Line ends before each record, those within quotes included."""
    closed: bool
    """Whether the text ends outside of quotes."""

    def __len__(self) -> int:
        return len(self.starts)


def split_records(text: bytes, syntax: Syntax) -> Records:
    """The records of `text`, without a Python step for each of them."""
    data = np.frombuffer(text, dtype=np.uint8)
    toggles, state, _ = flips(data, State(), syntax)
    line_ends = np.flatnonzero((data == NEWLINE) | (data == RETURN))
    crlf = (data[line_ends] == RETURN) & (data[np.minimum(line_ends + 1, len(data) - 1)] == NEWLINE)
    line_ends = line_ends[~crlf] if len(line_ends) else line_ends
    ends = line_ends[np.searchsorted(toggles, line_ends) % 2 == 0] + 1
    if len(data) and (not len(ends) or ends[-1] != len(data)):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else np.zeros(0, dtype=np.int64)
    if len(syntax.delimiter) == 1:
        commas = np.flatnonzero(data == syntax.delimiter[0])
        commas = commas[np.searchsorted(toggles, commas) % 2 == 0]
        fields = np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1
    else:
        fields = np.zeros(len(starts), dtype=np.int64)
    lines = np.searchsorted(line_ends, starts)
    kept = _kept(data, starts, ends, syntax)
    return Records(starts[kept], ends[kept], fields[kept], lines[kept], not state.inside)


def _begins_blank(data: Bytes, starts: Places) -> bool:
    """Whether any record begins as a blank line does: most texts have none, and need no look at every byte."""
    first = data[starts]
    return bool(
        ((first <= 32) & ((first == NEWLINE) | (first == RETURN) | (first == 32) | (first == 9))).any()
    )


def _kept(data: Bytes, starts: Places, ends: Places, syntax: Syntax) -> NDArray[np.bool_]:
    """Which records are more than a blank line or a comment."""
    kept = np.ones(len(starts), dtype=bool)
    if syntax.skip_blank and _begins_blank(data, starts):
        blank = (data == NEWLINE) | (data == RETURN) | (data == 32)
        if syntax.delimiter != b"\t":
            blank |= data == 9
        filled = np.concatenate([[0], np.cumsum(~blank)])
        kept = filled[ends] > filled[starts]
    if syntax.comment and len(starts):
        kept &= data[starts] != syntax.comment
    return kept
