"""What the first bytes of the first file tell about all of them: columns, dtypes, lengths of records."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.io.csv_choice import Asked, chosen_columns
from chunkscope.dataframe.io.csv_columns import Column
from chunkscope.dataframe.io.csv_faults import check_fields, unclosed
from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_kernel import Head
from chunkscope.dataframe.io.csv_records import split_records
from chunkscope.dataframe.io.csv_slow import Malformed, parse_text
from chunkscope.dataframe.io.csv_text import BOM, decompressed, head_end, header_names, recoded
from chunkscope.dataframe.io.files import DataFile
from chunkscope.errors import FrameError

__all__ = ["Sample", "take_sample"]


@dataclass(frozen=True)
class Sample:
    """What is known after a look at the first bytes."""

    head: Head
    columns: tuple[Column, ...]
    record_bytes: float
    """The length of a short record: bytes of a block over this is at least its rows, or nearly so."""
    widths: Mapping[Hashable, float]
    quoted: bool
    """Whether the sample has a quote."""
    growth: float = 1.0
    """Bytes of text for each byte of the file: more than 1 where it is compressed."""
    inferred: bool = True
    """Whether any column's dtype was told by the sample."""


def take_sample(
    files: Sequence[DataFile], compressions: Sequence[str | None], form: CSVFormat, size: int, asked: Asked
) -> Sample:
    """Read the first `size` bytes and infer by pandas' rules. Raises FrameError for what does not fit the columns.

    Files after the first are looked at only while those before them have a header and no record.
    """
    head: Head | None = None
    body, growth = b"", 1.0
    for file, compression in zip(files, compressions, strict=True):
        if file.size == 0:
            raise FrameError(f"{file.path} is empty: no header and no columns; leave the file out")
        raw, body, growth = _first_bytes(file, compression, form, size)
        if head is None:
            head = _head(raw, body, form, file)
        if body:
            break
    assert head is not None
    names = head.names
    lines = head.raw.count(b"\n")
    body = check_fields(body, form, len(names), file.path, lambda: lines)
    records = split_records(body, form.syntax)
    if not records.closed:
        raise unclosed(body, form, file.path, lambda: lines)
    try:
        frame = parse_text(body, form, names)
    except Malformed as error:
        raise FrameError(f"{file.path} cannot be parsed: {error}") from None
    columns = chosen_columns(frame, body, form, asked)
    lengths = records.stops - records.starts
    short = float(np.percentile(lengths, 2)) if len(lengths) else 2.0 * len(names)
    widths = {
        c.name: _width(frame[c.name])
        for c in columns
        if not isinstance(c.dtype, np.dtype) or c.dtype == object
    }
    quote = form.syntax.quote
    quoted = bool(quote) and bytes([quote]) in head.raw + body
    return Sample(head, columns, max(short, 1.0), widths, quoted, growth, not all(c.given for c in columns))


def _first_bytes(
    file: DataFile, compression: str | None, form: CSVFormat, size: int
) -> tuple[bytes, bytes, float]:
    """The head's bytes as they are, whole records behind it as UTF-8, and how much longer the text is than the file."""
    want = max(size, 1)
    while True:
        try:
            with open(file.path, "rb") as stream:
                data = stream.read(file.size if compression else want)
        except PermissionError:
            raise PermissionError(
                f"{file.path} may not be read: its permissions do not allow it to this user"
            ) from None
        growth = 1.0
        if compression:
            packed, data = data, decompressed(data, compression, file.path, want)
            growth = _growth(len(packed), len(data), want)
        ended = len(data) < want or (not compression and want >= file.size)
        if form.seen_as != form.encoding:
            data = _recoded_start(data, form, file, ended)
        end = head_end(data, form)
        if end is not None:
            raw, body = data[:end], data[end:]
            if form.seen_as != "utf-8":
                body = recoded(body, form.encoding, file.path, end, form.errors)
            elif form.is_utf8:
                body = _whole_utf8(body, file, end, ended, form)
            records = split_records(body, form.syntax)
            if ended:
                return raw, body, growth
            done = len(records) - (not body.endswith(b"\n") or not records.closed)  # the last may be cut
            if done > 0:
                return raw, body[: int(records.stops[done - 1])], growth
        elif ended:
            return data, b"", growth
        want *= 4


def _recoded_start(data: bytes, form: CSVFormat, file: DataFile, ended: bool) -> bytes:
    """The start of a file in an encoding of several bytes: the last character may be cut."""
    for cut in range(1 if ended else 4):
        try:
            return data[: len(data) - cut].decode(form.encoding, form.errors).encode("utf-8", form.errors)
        except UnicodeDecodeError:
            continue
    return recoded(data, form.encoding, file.path, 0)


def _whole_utf8(body: bytes, file: DataFile, before: int, ended: bool, form: CSVFormat) -> bytes:
    if form.errors != "strict":
        return body.decode("utf-8", form.errors).encode("utf-8", form.errors)
    for cut in range(1 if ended else 4):
        try:
            body[: len(body) - cut].decode("utf-8")
            return body[: len(body) - cut]
        except UnicodeDecodeError:
            continue
    return recoded(body, "utf-8", file.path, before)


def _growth(packed: int, found: int, want: int) -> float:
    """How much longer the text is than the compressed file; a guess where only the start was read."""
    return found / packed if found < want else max(20.0, found / packed)


def _head(raw: bytes, body: bytes, form: CSVFormat, file: DataFile) -> Head:
    if form.header is None and form.names is not None:
        return Head(raw, form.names)
    if form.header is None:
        return Head(raw, _numbered(body, form, file))
    if not raw.removeprefix(BOM).strip():
        raise FrameError(f"{file.path} is empty: no header and no columns; leave the file out")
    if head_end(raw, form) is None:
        raise FrameError(
            f"{file.path} ends before its header is complete (skiprows={form.skiprows}, header={form.header})"
        )
    found = header_names(raw, form, file.path)
    if form.names is not None:
        return Head(raw, form.names)
    return Head(raw, found)


def _numbered(body: bytes, form: CSVFormat, file: DataFile) -> tuple[Any, ...]:
    """The columns of files without header and names are numbered, as many as the first record has fields."""
    records = split_records(body, form.syntax)
    if not len(records):
        raise FrameError(f"{file.path} has no records to number the columns by; give names=")
    if len(form.syntax.delimiter) > 1:
        first = body[: int(records.stops[0])]
        return tuple(
            parse_text(first, form, range(first.count(b"\n") + len(first))).dropna(axis=1, how="all").columns
        )
    return tuple(range(int(records.fields[0])))


def _width(series: pd.Series[Any]) -> float:
    """Bytes of one value in memory, generously: half as long again as the longest tenth is at least."""
    if not len(series):
        return 24.0
    present = series.dropna()
    lengths = (present if isinstance(present.dtype, pd.StringDtype) else present.astype(str)).str.len()
    return 9.0 + (1.5 * float(np.percentile(lengths, 95)) if len(lengths) else 16.0)
