"""Where records begin and end, against a reader that goes byte by byte, and against pandas."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.dataframe.io.csv_records import State, Syntax, flips, split_records

texts = st.text(alphabet='a",\n ', max_size=16).map(str.encode)


def byte_by_byte(text: bytes, doubled: bool = True) -> tuple[list[int], bool]:
    """The quotes that open or close, and whether the text ends within quotes: the rules as they are written down."""
    found: list[int] = []
    inside, before, closed = False, None, False
    for place, byte in enumerate(text):
        flip = byte == 34 and (
            inside or before is None or before in b",\n\r" or (doubled and before == 34 and closed)
        )
        if flip:
            inside = not inside
            found.append(place)
        before, closed = byte, flip and not inside
    return found, inside


@given(texts, st.booleans())
def test_the_quotes_that_open_and_close(text: bytes, doubled: bool) -> None:
    places, state, plain = flips(np.frombuffer(text, np.uint8), State(), Syntax(doubled=doubled))
    expected, inside = byte_by_byte(text, doubled)
    assert places.tolist() == expected
    assert state.inside == inside
    assert plain == (len(expected) < text.count(b'"'))


@given(texts, st.integers(1, 5))
def test_pieces_tell_the_same_as_the_whole(text: bytes, size: int) -> None:
    state, found = State(), []
    for start in range(0, len(text), size):
        places, state, _ = flips(np.frombuffer(text[start : start + size], np.uint8), state, Syntax())
        found += (places + start).tolist()
    assert (found, state.inside) == byte_by_byte(text)


@given(texts)
def test_records_are_the_rows_of_pandas(text: bytes) -> None:
    records = split_records(text, Syntax())
    if not records.closed or not len(records):
        return
    width = int(records.fields.max())
    frame = pd.read_csv(io.BytesIO(text), header=None, names=range(width), index_col=False, dtype=str)
    assert len(frame) == len(records)
    for start, stop, line in zip(records.starts, records.stops, records.lines, strict=True):
        assert text[:start].count(b"\n") == line
        assert start < stop


def test_line_ends_of_two_bytes_are_one() -> None:
    records = split_records(b"a\r\n\r\nb\rc", Syntax())
    assert records.starts.tolist() == [0, 5, 7]
    assert records.lines.tolist() == [0, 2, 3]


def test_no_quotes_where_nothing_is_quoted() -> None:
    records = split_records(b'a,"b\nc",d\n', Syntax(quote=0))
    assert len(records) == 2
    assert records.fields.tolist() == [2, 2]


def test_comments_and_blank_lines_are_no_records() -> None:
    text = b"#x\na\n\n  \nb\n"
    assert len(split_records(text, Syntax(comment=ord("#")))) == 2
    assert len(split_records(text, Syntax(skip_blank=False))) == 5
