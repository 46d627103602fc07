"""What one task of `read_csv` does: find its lines, parse the wanted columns, hold them to their dtypes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from chunkscope.dataframe.io import csv_faults as faults
from chunkscope.dataframe.io.csv_columns import Column
from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_records import split_records
from chunkscope.dataframe.io.csv_slow import Malformed, parse_by_pandas
from chunkscope.dataframe.io.csv_text import BOM, Glance, Text, head_end, header_names, open_text, recoded
from chunkscope.dataframe.io.files import DataFile
from chunkscope.errors import FrameError

__all__ = ["Block", "Head", "ReadBlock"]

PIECE = 1 << 20
"""What Arrow parses at a time: fits a cache, and bounds its temporaries."""
LONGEST_HEAD = 1 << 20


class Block(NamedTuple):
    """One partition: the records of a file that begin at a byte from `start` on, before `stop`."""

    file: int
    start: int
    stop: int
    number: int = 0
    """Which of the file's blocks it is."""
    whole: bool = True
    """Whether it is all of its file."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the first record: its bytes in the first file, and the names of all columns."""

    raw: bytes
    names: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """The step of `ReadCSV`: the frame of one block. An input, where there is one, says where its records are."""

    files: tuple[DataFile, ...]
    blocks: tuple[Block, ...]
    compressions: tuple[str | None, ...]
    form: CSVFormat
    head: Head
    columns: tuple[Column, ...]
    path_column: tuple[Any, pd.CategoricalDtype] | None = None
    limit: int | None = None
    """Enough rows, where not all are wanted."""

    def __call__(self, block: int, /, *inputs: Any) -> pd.DataFrame:
        mine = self.blocks[block]
        file = self.files[mine.file]
        with open_text(file, self.compressions[mine.file], self.form) as text:
            begin = self._data_start(text)
            if inputs:
                start, stop = (int(place) for place in inputs[0][mine.number : mine.number + 2])
            else:
                start = text.line_start(mine.start) if mine.number else 0
                stop = text.size if mine.whole else text.line_start(mine.stop)
            start, stop = max(start, begin), max(stop, begin)
            arrays, nrows = self._arrays(text, start, stop, block, mine, exact=bool(inputs))
        return self._frame(arrays, nrows, file)

    def place_of(self, block: int) -> str:
        """Where the partition comes from: "ABQ.csv", "flights.csv, bytes 0–33,554,432"."""
        mine = self.blocks[block]
        name = self.files[mine.file].name
        return name if mine.whole else f"{name}, bytes {mine.start:,}–{mine.stop:,}"

    def stripped(self) -> ReadBlock:
        """Itself: paths and places in files, no data; so that logs can tell what was read."""
        return self

    def reads_of(self, block: int) -> tuple[tuple[str, int, int], ...]:
        """The files and bytes that the task reads."""
        mine = self.blocks[block]
        return ((self.files[mine.file].path, mine.start, mine.stop),)

    def _data_start(self, text: Text) -> int:
        """Where the first record begins. Raises FrameError for a file whose header is not the first file's."""
        raw = self.head.raw
        first = text.read(0, len(raw))
        if raw.endswith((b"\n", b"\r")) and first == raw:
            return len(raw)
        data = first if text.size <= len(first) else text.read(0, LONGEST_HEAD)
        if self.form.header is None and not self.form.skiprows:
            return len(BOM) if data.startswith(BOM) else 0
        end = head_end(data, self.form)
        if end is None:
            what = "empty" if not data.strip() else "too short"
            raise FrameError(
                f"{text.file.path} is {what}: it has no header; leave the file out, or give names= and header=None"
            )
        if self.form.header is not None and self.form.names is None:
            names = header_names(data[:end], self.form, text.file.path)
            if names != self.head.names:
                raise FrameError(_other_header(text.file.path, names, self.files[0].path, self.head.names))
        return end

    def _arrays(
        self, text: Text, start: int, stop: int, block: int, mine: Block, exact: bool
    ) -> tuple[dict[Any, Any], int]:
        form = self.form
        arrow = form.by_arrow and len(self.head.names) > 1
        types = {c.name: c.arrow_type() for c in self.columns}
        arrow = arrow and None not in types.values()
        if self.limit is not None and mine.number == 0:
            stop = self._enough(text, start, stop)
        glance = text.glance(start, stop, form.syntax, any(c.kind in ("int", "other") for c in self.columns))
        alone = mine.whole or exact or form.uncut_because()
        if glance.inside and alone and stop >= text.size:
            raise faults.unclosed(
                text.read(start, stop), form, text.file.path, lambda: text.lines_before(start)
            )
        if glance.inside or (glance.plain and not alone and mine.number):
            raise faults.unexpected_quotes(text.file.path, start, stop)
        moved = not text.utf8
        if arrow and not glance.hexadecimal:
            found = self._by_arrow(text, start, stop, glance, moved)
            if found is not None:
                return found
        return self._by_pandas(text, start, stop, block, moved)

    def _enough(self, text: Text, start: int, stop: int) -> int:
        """Where to stop, so that there are at least `limit` records and not many more."""
        assert self.limit is not None
        size = max(512, 32 * self.limit)
        while start < stop:
            records = split_records(text.read(start, min(start + size, stop)), self.form.syntax)
            if len(records) > self.limit:
                return start + int(records.stops[self.limit - 1]) if self.limit else start
            if start + size >= stop:
                break
            size *= 4
        return stop

    def _by_arrow(
        self, text: Text, start: int, stop: int, glance: Glance, moved: bool
    ) -> tuple[dict[Any, Any], int] | None:
        """The arrays and the number of rows, or None where pandas has to decide."""
        table = None
        for piece in (PIECE, max(stop - start, 1)):
            try:
                if moved:
                    data = recoded(text.read(start, stop), self.form.encoding, text.file.path, start)
                    table = self._table(pa.BufferReader(data), piece, glance.quoted)
                else:
                    with text.stream(start, stop) as stream:
                        table = self._table(stream, piece, glance.quoted)
                break
            except pa.ArrowInvalid as error:
                if "straddling" not in str(error):
                    return None
            except UnicodeDecodeError:
                return None
        if table is None:
            return None
        arrays = {}
        for column in self.columns:
            array = column.from_arrow(
                table.column(self._text_name(column.name)), self.form.date_format, self.form.dayfirst
            )
            if array is None:
                return None
            arrays[column.name] = array
        return arrays, table.num_rows

    def _table(self, stream: Any, piece: int, quoted: bool) -> pa.Table:
        names = [str(i) for i in range(len(self.head.names))]
        wanted = {self._text_name(c.name): c.arrow_type() for c in self.columns} or {"0": pa.large_string()}
        quote = self.form.syntax.quote
        return csv.read_csv(
            stream,
            read_options=csv.ReadOptions(use_threads=False, block_size=piece, column_names=names),
            parse_options=csv.ParseOptions(
                delimiter=self.form.sep,
                quote_char=chr(quote) if quote else False,
                double_quote=self.form.syntax.doubled,
                newlines_in_values=quoted,
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=wanted,
                null_values=list(self.form.na_values),
                strings_can_be_null=True,
                true_values=["True", "TRUE", "true"],
                false_values=["False", "FALSE", "false"],
            ),
        )

    def _text_name(self, name: Any) -> str:
        """Arrow's name of a column: its number."""
        return str(self.head.names.index(name))

    def _by_pandas(
        self, text: Text, start: int, stop: int, block: int, moved: bool
    ) -> tuple[dict[Any, Any], int]:
        form, names = self.form, self.head.names
        data = text.read(start, stop)
        data = recoded(data, form.encoding if moved else "utf-8", text.file.path, start, form.errors)
        data = faults.check_fields(data, form, len(names), text.file.path, lambda: text.lines_before(start))
        try:
            arrays, wrong, nrows = parse_by_pandas(data, form, names, self.columns)
        except Malformed as error:
            raise FrameError(f"{text.file.path}, {self.place_of(block)}: {error}") from None
        if wrong:
            place = self.place_of(block)
            raise faults.schema_error(wrong, data, form, names, text, start, self.files[0].name, place)
        return arrays, nrows

    def _frame(self, arrays: dict[Any, Any], nrows: int, file: DataFile) -> pd.DataFrame:
        if self.path_column is not None:
            name, dtype = self.path_column
            code = dtype.categories.get_loc(file.path)
            arrays[name] = pd.Categorical.from_codes(np.full(nrows, code), dtype=dtype)
        frame = pd.DataFrame(arrays, index=pd.RangeIndex(nrows), copy=False)
        return frame if self.limit is None else frame.iloc[: self.limit]


def _other_header(path: str, names: Sequence[Any], first: str, expected: Sequence[Any]) -> str:
    missing = [str(n) for n in expected if n not in names]
    extra = [str(n) for n in names if n not in expected]
    parts = [f"lacks {', '.join(missing[:5])}"] if missing else []
    parts += [f"has {', '.join(extra[:5])} besides"] if extra else []
    what = " and ".join(parts) or "has the same columns in another order"
    return (
        f"{path} has another header than {first}: it {what}; "
        "read files with different columns apart, and join them after"
    )
