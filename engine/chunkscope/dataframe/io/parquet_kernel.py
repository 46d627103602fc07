"""What one task of `read_parquet` does: read the wanted columns of some row groups, drop rows, make pandas' arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from chunkscope.dataframe.io.files import DataFile
from chunkscope.dataframe.io.parquet_footer import Schema, chunk_of, footer
from chunkscope.dataframe.predicate import Condition, Predicate
from chunkscope.errors import FrameError

__all__ = ["Filters", "Piece", "ReadGroups", "filters_of"]

Filters = tuple[Predicate, ...]
"""Rows are kept that fulfil one of these; none: all rows."""

_OPS = ("==", "=", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")


class Piece(NamedTuple):
    """One partition: row groups of one file."""

    file: int
    groups: tuple[int, ...]
    whole: bool = True
    """Whether it is all of its file."""
    first: int = 0
    """The row group that its rows are numbered from."""


@dataclass(frozen=True, slots=True)
class ReadGroups:
    """The step of `ReadParquet`: the frame of piece number `block`."""

    files: tuple[DataFile, ...]
    pieces: tuple[Piece, ...]
    schema: Schema
    fields: tuple[str, ...]
    index: tuple[str, ...]
    missing: frozenset[str]
    """Fields of whole numbers or booleans that may be missing somewhere: floats or objects everywhere."""
    filters: Filters = ()
    skipped: bool = False
    limit: int | None = None
    coded: frozenset[str] = frozenset()
    """Fields of text that come as categories."""

    def __call__(self, block: int, /, *inputs: Any) -> pd.DataFrame:
        piece = self.pieces[block]
        file = self.files[piece.file]
        asked = sorted({c.column for part in self.filters for c in part.conditions})
        wanted = list(dict.fromkeys((*self.fields, *self.index, *asked)))
        if wanted and piece.groups:
            table = self._read(file, piece, wanted)
        else:
            nrows = sum(footer(file).row_group(g).num_rows for g in piece.groups)
            table = self._selected(wanted).empty_table()
            if not wanted:
                return pd.DataFrame(index=self._rows(file, piece, nrows))
        rows = self._rows(file, piece, table.num_rows) if not self.index else None
        if self.filters:
            mask = pc.fill_null(_mask(table, self.filters), False)
            table = table.filter(mask)
            rows = None if rows is None else rows[mask.to_numpy(zero_copy_only=False)]
        if self.limit is not None:
            table = table.slice(0, self.limit)
            rows = None if rows is None else rows[: self.limit]
        return self._frame(table, rows)

    def place_of(self, block: int) -> str:
        """Where the partition comes from: "x.parquet", "x.parquet, row groups 0–3"."""
        piece = self.pieces[block]
        name = self.files[piece.file].name
        if piece.whole or not piece.groups:
            return name
        first, last = piece.groups[0], piece.groups[-1]
        return f"{name}, row group {first}" if first == last else f"{name}, row groups {first}–{last}"

    def stripped(self) -> ReadGroups:
        """Itself: paths and places in files, no data; so that logs can tell what was read."""
        return self

    def reads_of(self, block: int) -> tuple[tuple[str, int, int], ...]:
        """The files and bytes that the task reads."""
        piece = self.pieces[block]
        file = self.files[piece.file]
        wanted = {*self.fields, *self.index, *(c.column for part in self.filters for c in part.conditions)}
        found = []
        for group in piece.groups:
            for name in sorted(wanted):
                chunk = chunk_of(file, group, name)
                found.append((file.path, chunk.start, chunk.start + chunk.nbytes))
        return tuple(found)

    def empty(self) -> pd.DataFrame:
        """The frame without rows: the right columns, dtypes and index."""
        table = self._selected([*self.fields, *self.index]).empty_table()
        return self._frame(table, pd.RangeIndex(0, name=self.schema.range_name) if not self.index else None)

    def _selected(self, names: list[str]) -> pa.Schema:
        arrow = self.schema.arrow
        fields = [arrow.field(name) for name in names]
        fields = [
            f.with_type(pa.dictionary(pa.int32(), pa.string())) if f.name in self.coded else f for f in fields
        ]
        return pa.schema(fields, metadata=arrow.metadata)

    def _read(self, file: DataFile, piece: Piece, wanted: list[str]) -> pa.Table:
        try:
            with pq.ParquetFile(
                file.path, metadata=footer(file), pre_buffer=False, read_dictionary=sorted(self.coded)
            ) as source:
                table = source.read_row_groups(list(piece.groups), columns=wanted, use_threads=False)
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{file.path} is gone: it was there when the frame was made; call read_parquet again"
            ) from None
        except PermissionError:
            raise PermissionError(
                f"{file.path} may not be read: its permissions do not allow it to this user"
            ) from None
        except (pa.ArrowInvalid, OSError) as error:
            raise FrameError(
                f"{file.path} cannot be read as its footer says: {error}; it may have changed since the frame was made"
            ) from None
        return table.select(wanted).cast(self._selected(wanted))

    def _rows(self, file: DataFile, piece: Piece, nrows: int) -> pd.Index[Any]:
        """The numbers of the rows within their partition, or as the file's own range has them; row groups may lack."""
        if not self.skipped and not self.schema.ranges:
            return pd.RangeIndex(nrows)
        meta = footer(file)
        starts = np.cumsum([0, *(meta.row_group(g).num_rows for g in range(meta.num_row_groups))])
        start, step, name = -int(starts[piece.first]), 1, None
        if self.schema.ranges:
            (start, step), name = self.schema.ranges[piece.file], self.schema.range_name
        groups = piece.groups
        if groups == tuple(range(groups[0], groups[-1] + 1)) if groups else False:
            a, b = int(starts[groups[0]]), int(starts[groups[-1] + 1])
            whole = pd.RangeIndex(start + a * step, start + b * step, step, name=name)
            return whole if not self.skipped else pd.Index(whole.to_numpy(), name=name)
        parts = [np.arange(starts[g], starts[g + 1]) * step + start for g in groups]
        return pd.Index(
            np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64), dtype="int64", name=name
        )

    def _frame(self, table: pa.Table, rows: pd.Index[Any] | None) -> pd.DataFrame:
        for name in self.missing:
            if name in table.column_names and not pa.types.is_boolean(table.schema.field(name).type):
                place = table.schema.get_field_index(name)
                table = table.set_column(
                    place, pa.field(name, pa.float64()), table.column(name).cast(pa.float64(), safe=False)
                )
        plain = [name for name in self.fields if name not in self.coded]
        frame: pd.DataFrame = table.select(plain).to_pandas(use_threads=False, split_blocks=True)
        for place, name in enumerate(self.fields):
            if name in self.coded:  # apart, because pandas' notes in the file would make strings of them
                frame.insert(place, name, table.column(name).to_pandas().array)
        for place, name in enumerate(self.fields):
            if (
                name in self.missing
                and pa.types.is_boolean(table.schema.field(name).type)
                and frame.dtypes.iloc[place] == np.dtype(bool)  # pandas' nullable booleans stay
            ):
                frame[frame.columns[place]] = frame.iloc[:, place].astype(object)
        if rows is not None:
            frame.index = rows
            return frame
        levels = table.select(list(self.index)).to_pandas(use_threads=False)
        names = [self.schema.labels.get(name, name) for name in self.index]
        if len(names) == 1:
            frame.index = pd.Index(levels.iloc[:, 0].array, name=names[0])
        else:
            frame.index = pd.MultiIndex.from_frame(levels, names=names)
        return frame


def filters_of(given: Any, schema: pa.Schema) -> Filters:
    """The user's `filters=` as predicates: a list of (column, op, value) that all hold, or a list of such lists."""
    if given is None or (isinstance(given, list) and not given):
        return ()
    parts = given if isinstance(given, list) and isinstance(given[0], list) else [given]
    return tuple(Predicate(tuple(_condition(one, schema) for one in part)) for part in parts)


def _condition(given: Any, schema: pa.Schema) -> Condition:
    if not isinstance(given, (tuple, list)) or len(given) != 3:
        raise FrameError(
            f"read_parquet: filters= has {given!r}; a condition is (column, op, value), such as ('x', '>', 0)"
        )
    column, op, value = given
    if column not in schema.names:
        raise FrameError(
            f"read_parquet: filters= names {column!r}, which the files do not have; "
            f"they have {', '.join(schema.names[:12])}"
        )
    if op not in _OPS:
        raise FrameError(f"read_parquet: filters= has the operator {op!r}; use one of {', '.join(_OPS)}")
    if op in ("is", "is not"):
        return Condition(column, "isnull" if op == "is" else "notnull")
    if op in ("in", "not in"):
        return Condition(column, op, tuple(value))
    return Condition(column, "==" if op == "=" else op, value)


def _mask(table: pa.Table, filters: Filters) -> Any:
    masks = []
    for part in filters:
        mask: Any = pa.scalar(True)
        for condition in part.conditions:
            mask = pc.and_(mask, _holds(table.column(condition.column), condition))
        masks.append(mask)
    found = masks[0]
    for mask in masks[1:]:
        found = pc.or_(found, mask)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _holds(values: pa.ChunkedArray, condition: Condition) -> Any:
    """Which rows fulfil a condition, as pandas has it: a missing value fails all but != and isnull."""
    op, value = condition.op, condition.value
    if op in ("isnull", "notnull"):
        gone = pc.is_null(values, nan_is_null=True)
        return gone if op == "isnull" else pc.invert(gone)
    if op in ("in", "not in"):
        found = pc.is_in(values, value_set=pa.array(value).cast(values.type))
        return found if op == "in" else pc.invert(found)
    compare = {
        "==": pc.equal, "!=": pc.not_equal, "<": pc.less, "<=": pc.less_equal, ">": pc.greater, ">=": pc.greater_equal,
    }[op]  # fmt: skip
    if isinstance(values.type, pa.DictionaryType):
        values = values.cast(values.type.value_type)
    return pc.fill_null(compare(values, _scalar(value, values.type)), op == "!=")


def _scalar(value: Any, kind: pa.DataType) -> pa.Scalar:
    found = pa.scalar(value.to_pydatetime() if isinstance(value, pd.Timestamp) else value)
    if pa.types.is_temporal(kind) and pa.types.is_string(found.type):
        return pa.scalar(pd.Timestamp(value).to_pydatetime()).cast(kind)
    return found
