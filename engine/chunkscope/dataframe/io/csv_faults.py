"""What is wrong with a block of CSV text, said with file, line and value. Only runs when something is."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chunkscope.dataframe.io.csv_columns import Column
from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_records import Records, split_records
from chunkscope.dataframe.io.csv_slow import first_bad
from chunkscope.dataframe.io.csv_text import Text
from chunkscope.errors import FrameError, Mismatch, SchemaError
from chunkscope.units import format_count

__all__ = ["check_fields", "schema_error", "unclosed", "unexpected_quotes"]

LONGEST = 60


def check_fields(data: bytes, form: CSVFormat, ncolumns: int, path: str, before: Callable[[], int]) -> bytes:
    """`data`, if no record has too many fields; without those that have where `on_bad_lines` is "skip" or "warn".

    Raises FrameError for the first such record else; `before` counts the lines before `data`.
    """
    if len(form.syntax.delimiter) > 1:
        return data
    records = split_records(data, form.syntax)
    bad = np.flatnonzero(records.fields > ncolumns)
    if not len(bad):
        return data
    lenient = dict(form.options).get("on_bad_lines")
    if lenient:
        if lenient == "warn":
            warnings.warn(f"{path}: {len(bad)} lines with too many fields are left out", stacklevel=2)
        kept = np.flatnonzero(records.fields <= ncolumns)
        return b"".join(data[records.starts[k] : records.stops[k]] for k in kept)
    k = int(bad[0])
    line = before() + int(records.lines[k]) + 1
    raise FrameError(
        f"{path}, line {line:,} has {int(records.fields[k])} fields, expected {ncolumns} as in the header: "
        f"{_shown(data[records.starts[k] : records.stops[k]])!r}; mend the line, or leave such lines out with "
        "on_bad_lines='skip'"
    )


def unclosed(data: bytes, form: CSVFormat, path: str, before: Callable[[], int]) -> FrameError:
    """The error for a file that ends within quotes; `before` counts the lines before `data`."""
    records = split_records(data, form.syntax)
    line = before() + (int(records.lines[-1]) if len(records) else 0) + 1
    return FrameError(
        f"{path}: a quoted field that opens in the record at line {line:,} is never closed; "
        "mend the file, or say quoting=3 if quotes are ordinary characters in it"
    )


def unexpected_quotes(path: str, start: int, stop: int) -> FrameError:
    """The error for a block whose quotes do not come in pairs, in a file whose sample has none."""
    return FrameError(
        f"{path} has quotes that its first bytes did not show, and is cut at line ends "
        f"(bytes {start:,} to {stop:,}): whether a line end is within quotes cannot be told there; "
        "say blocksize=None to read each file whole, or a sample= that is large enough to show the quotes"
    )


def schema_error(
    wrong: Sequence[tuple[Column, str]],
    data: bytes,
    form: CSVFormat,
    names: Sequence[Any],
    text: Text,
    start: int,
    sampled: str,
    place: str,
) -> SchemaError:
    """The error table of a partition whose first byte is `start`; its columns in alphabetical order."""
    records = split_records(data, form.syntax)
    wrong = sorted(wrong, key=lambda pair: str(pair[0].name))
    table = []
    for column, found in wrong:
        k = first_bad(data, form, names, column, found)
        line, value = 0, ""
        if k < len(records):
            line = _line(text, start, records, k)
            value = _value(data[records.starts[k] : records.stops[k]], form, list(names).index(column.name))
        table.append(Mismatch(column.name, found, str(column.dtype), text.file.name, line, value))
    hint = (
        "dtype={"
        + ", ".join(
            f"{row.column!r}: {_wanted(c, row.found)!r}" for (c, _), row in zip(wrong, table, strict=True)
        )
        + "}"
    )
    missing = all(c.kind == "int" and found == "float64" and not c.given for c, found in wrong)
    why = _why(wrong, place, sampled)
    remedies = [f"say what the columns hold: read_csv(..., {hint})"]
    if any(c.date for c, _ in wrong):
        remedies = ["leave columns that are no dates out of parse_dates=, or give their date_format="]
    if missing:
        remedies.append(
            "or read_csv(..., assume_missing=True), which makes whole numbers without a dtype float64"
        )
    message = "\n".join([why, *_drawn(table), *remedies])
    return SchemaError(message, tuple(table), hint)


def _why(wrong: Sequence[tuple[Column, str]], place: str, sampled: str) -> str:
    plural = "column does" if len(wrong) == 1 else "columns do"
    given = all(column.given or column.date for column, _ in wrong)
    source = "you gave" if given else f"the sample of {sampled} showed"
    return f"{place}: {len(wrong)} {plural} not hold the dtype that {source}"


def _wanted(column: Column, found: str) -> str:
    if found == "object":
        return "boolean" if column.kind == "bool" else "object"
    return found


def _drawn(table: Sequence[Mismatch]) -> list[str]:
    """The table in text, its columns aligned."""
    rows = [("column", "found", "expected", "file", "line", "value")]
    rows += [
        (str(r.column), r.found, r.expected, r.file, f"{r.line:,}" if r.line else "?", r.value) for r in table
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return [
        "  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _line(text: Text, start: int, records: Records, k: int) -> int:
    """The line of record `k`, 1-based in the file."""
    return text.lines_before(start) + int(records.lines[k]) + 1


def _value(record: bytes, form: CSVFormat, position: int) -> str:
    """The text of one field of a record, for people."""
    if len(form.sep) != 1:
        return _shown(record)
    quote = form.syntax.quote
    reader = csv.reader(
        io.StringIO(record.decode("utf-8", "replace"), newline=""),
        delimiter=form.sep,
        quotechar=chr(quote) if quote else None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        doublequote=form.syntax.doubled,
    )
    fields = next(reader, [])
    if position >= len(fields):
        return f"missing: the line ends after {format_count(len(fields), 'field')}"
    value = fields[position]
    return repr(_shortened(value)) if value else "missing"


def _shown(record: bytes) -> str:
    return _shortened(record.decode("utf-8", "replace").rstrip("\r\n"))


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
