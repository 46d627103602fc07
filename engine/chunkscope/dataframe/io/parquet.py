"""Parquet files as a frame: one partition for each file, or for some row groups of it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions
from chunkscope.dataframe.io.files import DataFile, find_files
from chunkscope.dataframe.io.parquet_footer import (
    Schema,
    chunk_of,
    common_schema,
    footer,
    may_hold,
    may_miss,
)
from chunkscope.dataframe.io.parquet_kernel import Piece, ReadGroups, filters_of
from chunkscope.dataframe.partitionwise import Source
from chunkscope.dataframe.predicate import Predicate
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError
from chunkscope.expr import Refusal
from chunkscope.units import parse_bytes

if TYPE_CHECKING:
    from chunkscope.dataframe.io.parquet_kernel import Filters

__all__ = ["SUFFIXES", "ReadParquet", "read_parquet_expr"]

SUFFIXES = (".parq", ".parquet", ".pq")
PARTITION = 16 << 20
"""Files whose data is larger than this are read in several partitions, row groups together up to about this size."""


class Promise(NamedTuple):
    """A column as it will be: its field in the files, its name in pandas, and whether whole numbers may be missing."""

    field: str
    missing: bool


@dataclass(frozen=True, eq=False)
class ReadParquet(Source):
    """Row groups of the files as a frame."""

    files: tuple[DataFile, ...]
    pieces: tuple[Piece, ...]
    schema: Schema
    promises: tuple[Promise, ...]
    """The columns, those of the index aside."""
    index: tuple[Promise, ...]
    filters: Filters
    """The user's own: rows that fail them are dropped."""
    skipped: bool = False
    """Whether row groups are left out by a filter that stays above: the index tells which rows are here."""
    edges: tuple[Any, ...] = ()
    limit: int | None = None
    coded: frozenset[str] = frozenset()
    """Fields of text that come as categories, because they only serve as keys."""
    op: ClassVar[str] = "read_parquet"

    @cached_property
    def geometry(self) -> Geometry:
        meta = replace(self.kernel(), coded=frozenset()).empty()
        rows = np.array(
            [sum(footer(self.files[p.file]).row_group(g).num_rows for g in p.groups) for p in self.pieces],
            dtype=np.int64,
        )
        if self.limit is not None:
            rows = np.minimum(rows, self.limit)
        widths: dict[Any, float] = {}
        dtypes: list[tuple[Any, Any, Promise]] = [*zip(meta.columns, meta.dtypes, self.promises, strict=True)]
        if self.index and meta.index.nlevels == 1:
            dtypes.append((meta.index.name, meta.index.dtype, self.index[0]))
        for label, dtype, promise in dtypes:
            if not isinstance(dtype, np.dtype) or dtype.kind == "O":
                widths[label] = self._value_bytes(promise.field, dtype)
        names = tuple(self.files[p.file].name for p in self.pieces)
        divisions = self.edges or unknown_divisions(len(self.pieces))
        return Geometry(meta, divisions, rows, not self.filters, widths, names)

    def _value_bytes(self, field: str, dtype: Any) -> float:
        """Bytes of one value in memory: of pages where values stand one by one, a guess for dictionaries."""
        most = 0.0
        for piece in self.pieces[:32]:
            for group in piece.groups[:4]:
                nrows = footer(self.files[piece.file]).row_group(group).num_rows
                most = max(most, chunk_of(self.files[piece.file], group, field).unpacked / max(nrows, 1))
        return max(24.0, 9.0 + most) + (56.0 if isinstance(dtype, np.dtype) else 0.0)  # a Python object

    def kernel(self) -> ReadGroups:
        """What one task does."""
        return ReadGroups(
            self.files,
            self.pieces,
            self.schema,
            tuple(p.field for p in self.promises),
            tuple(p.field for p in self.index),
            frozenset(p.field for p in (*self.promises, *self.index) if p.missing),
            self.filters,
            self.skipped,
            self.limit,
            self.coded,
        )

    def step(self) -> Step:
        return self.kernel()

    def layer_read_bytes(self) -> int:
        kernel = self.kernel()
        return sum(stop - start for i in range(len(self.pieces)) for _, start, stop in kernel.reads_of(i))

    def scratch_bytes(self) -> int:
        most = int(self.block_bytes().max(initial=0))
        packed = 0
        kernel = self.kernel()
        for i in range(min(len(self.pieces), 32)):
            packed = max(packed, sum(stop - start for _, start, stop in kernel.reads_of(i)))
        return most + 2 * packed + (1 << 20)

    def projected(self, columns: list[Any]) -> FrameExpr | Refusal | None:
        labels = self.meta.columns
        kept = tuple(p for label, p in zip(labels, self.promises, strict=True) if label in columns)
        return replace(self, promises=kept)

    def filtered(self, predicate: Predicate) -> FrameExpr | Refusal | None:
        fields = {label: p.field for label, p in zip(self.meta.columns, self.promises, strict=True)}
        asked = Predicate(
            tuple(replace(c, column=fields[c.column]) for c in predicate.conditions if c.column in fields)
        )
        if not asked.conditions:
            return None
        pieces = tuple(
            piece._replace(
                groups=tuple(g for g in piece.groups if may_hold(self.files[piece.file], g, asked))
            )
            for piece in self.pieces
        )
        if pieces == self.pieces:
            return Refusal(f"every row group may hold rows with {asked}, as far as its statistics tell")
        return replace(self, pieces=pieces, skipped=True)

    def encoded(self, columns: frozenset[Hashable]) -> FrameExpr | None:
        found = frozenset(p.field for p in self.promises if p.field in columns and self._is_text(p.field))
        return replace(self, coded=found) if found else None

    def _is_text(self, field: str) -> bool:
        kind = self.schema.arrow.field(field).type
        return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr | None:
        divisions = self.geometry.taken(partitions).divisions
        edges = divisions if divisions[0] is not None else ()
        return replace(self, pieces=tuple(self.pieces[i] for i in partitions), edges=edges)

    def head_of(self, nrows: int) -> FrameExpr | None:
        first = self.pieces[0]
        kept: list[int] = []
        rows = 0
        for group in first.groups:
            if kept and rows >= nrows and not self.filters:
                break
            kept.append(group)
            rows += footer(self.files[first.file]).row_group(group).num_rows
        return replace(self, pieces=(first._replace(groups=tuple(kept)),), limit=nrows, edges=self.edges[:2])


def read_parquet_expr(
    path: Any,
    columns: Any,
    filters: Any,
    index: Any,
    split_row_groups: Any,
    blocksize: Any,
    calculate_divisions: bool,
    suffixes: tuple[str, ...],
) -> ReadParquet:
    """The expression of `read_parquet`: every argument checked, every footer read."""
    files = find_files(path, "read_parquet", folder_suffixes=suffixes)
    schema = common_schema(files)
    fields = schema.arrow.names
    index_fields = _index_fields(index, schema)
    wanted = _columns(
        columns, [f for f in fields if f not in index_fields and schema.labels.get(f, f) is not None], fields
    )
    pieces = _pieces(files, split_row_groups, blocksize)
    plain = _plain(schema)
    promises = tuple(Promise(f, f in plain and may_miss(files, f)) for f in wanted if f not in index_fields)
    levels = tuple(Promise(f, f in plain and may_miss(files, f)) for f in index_fields)
    chosen = filters_of(filters, schema.arrow)
    before = pieces
    if chosen:
        pieces = tuple(_those_that_may(files[p.file], p, chosen) for p in pieces)
    expr = ReadParquet(files, pieces, schema, promises, levels, chosen, skipped=pieces != before)
    if calculate_divisions and len(levels) == 1:
        expr = replace(expr, edges=_divisions(expr, levels[0].field))
    return expr


def _those_that_may(file: DataFile, piece: Piece, chosen: Filters) -> Piece:
    """The piece without row groups in which no row passes."""
    return piece._replace(
        groups=tuple(g for g in piece.groups if any(may_hold(file, g, part) for part in chosen))
    )


def _plain(schema: Schema) -> frozenset[str]:
    """The fields of types for which pandas has no missing value: whole numbers become floats then, booleans objects.

    What pandas wrote from a nullable dtype, such as Int64 or boolean, has one.
    """
    fields = [f for f in schema.arrow if pa.types.is_integer(f.type) or pa.types.is_boolean(f.type)]
    asked = pa.schema(fields, metadata=schema.arrow.metadata)
    dtypes = asked.empty_table().to_pandas().dtypes
    return frozenset(f.name for f, dtype in zip(fields, dtypes, strict=True) if isinstance(dtype, np.dtype))


def _index_fields(index: Any, schema: Schema) -> list[str]:
    if index is False:
        return []
    if index is None:
        return list(schema.index)
    asked = [index] if isinstance(index, str) else list(index)
    by_label = {label: field for field, label in schema.labels.items() if label is not None}
    found = [by_label.get(name, name) for name in asked]
    missing = [name for name in found if name not in schema.arrow.names]
    if missing:
        raise FrameError(
            f"read_parquet: index= names {missing}, which the files do not have; they have {_some(schema.arrow.names)}"
        )
    return found


def _columns(columns: Any, default: Sequence[str], known: Sequence[str]) -> list[str]:
    if columns is None:
        return list(default)
    asked = [columns] if isinstance(columns, str) else list(columns)
    by_text = {name: name for name in known}
    missing = [name for name in asked if str(name) not in by_text]
    if missing:
        raise FrameError(
            f"read_parquet: columns= names {missing}, which the files do not have; they have {_some(known)}"
        )
    return [str(name) for name in asked]


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, list(names)[:12])) + (
        f" and {len(names) - 12} more" if len(names) > 12 else ""
    )


def _pieces(files: Sequence[DataFile], split: Any, blocksize: Any) -> tuple[Piece, ...]:
    counted = isinstance(split, int) and (isinstance(split, bool) or split > 0)
    if not counted and split not in ("infer", "adaptive", None):
        raise FrameError(
            f"read_parquet: split_row_groups={split!r} is not known; use 'infer', True (one partition for each row "
            "group), False (one for each file) or a number of row groups"
        )
    limit = PARTITION if blocksize in ("default", None) else parse_bytes(blocksize)
    pieces: list[Piece] = []
    for number, file in enumerate(files):
        meta = footer(file)
        count = meta.num_row_groups
        if split is False or split is None or count <= 1:
            pieces.append(Piece(number, tuple(range(count)), True))
        elif isinstance(split, int):  # True is 1
            pieces += [
                Piece(number, tuple(range(i, min(i + split, count))), split >= count, i)
                for i in range(0, count, split)
            ]
        else:
            pieces += _by_size(number, [meta.row_group(i).total_byte_size for i in range(count)], limit)
    return tuple(pieces)


def _by_size(number: int, sizes: Sequence[int], limit: int) -> list[Piece]:
    """Neighbouring row groups together, as long as they stay below the limit."""
    bundles: list[list[int]] = [[]]
    held = 0
    for group, size in enumerate(sizes):
        if bundles[-1] and held + size > limit:
            bundles.append([])
            held = 0
        bundles[-1].append(group)
        held += size
    return [Piece(number, tuple(bundle), len(bundles) == 1, bundle[0]) for bundle in bundles]


def _divisions(expr: ReadParquet, field: str) -> tuple[Any, ...]:
    """The index values between partitions, where the statistics show that it is sorted; empty where they do not."""
    edges: list[tuple[Any, Any]] = []
    for piece in expr.pieces:
        for group in piece.groups:
            row_group = footer(expr.files[piece.file]).row_group(group)
            places = [i for i in range(row_group.num_columns) if row_group.column(i).path_in_schema == field]
            statistics = row_group.column(places[0]).statistics if places else None
            if statistics is None or not statistics.has_min_max or statistics.null_count:
                return ()
            if edges and (edges[-1][1] > statistics.min):
                return ()
            edges.append((statistics.min, statistics.max))
    starts, at = [], 0
    for piece in expr.pieces:
        if not piece.groups or (at and edges[at - 1][1] == edges[at][0]):
            return ()  # equal values on both sides of a border
        starts.append(edges[at][0])
        at += len(piece.groups)
    return (*starts, edges[-1][1])
