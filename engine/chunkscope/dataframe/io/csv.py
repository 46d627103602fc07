"""CSV files as a frame: one partition for each block of lines."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions
from chunkscope.dataframe.io.csv_blocks import FindLines, cut_files
from chunkscope.dataframe.io.csv_choice import Asked
from chunkscope.dataframe.io.csv_columns import Column
from chunkscope.dataframe.io.csv_format import CSVFormat, csv_format
from chunkscope.dataframe.io.csv_kernel import PIECE, Block, ReadBlock
from chunkscope.dataframe.io.csv_sample import Sample, take_sample
from chunkscope.dataframe.io.csv_text import compression_of
from chunkscope.dataframe.io.files import DataFile, find_files
from chunkscope.dataframe.partitionwise import Source
from chunkscope.dataframe.program import Step
from chunkscope.errors import FrameError
from chunkscope.expr import Expr, Refusal
from chunkscope.units import parse_bytes

if TYPE_CHECKING:
    from chunkscope.dataframe.predicate import Predicate

__all__ = ["ReadCSV", "read_csv_expr"]

BLOCKSIZE = 32 << 20
"""Files are cut into blocks of about this size, where nothing else is asked."""


@dataclass(frozen=True, eq=False)
class ReadCSV(Source):
    """The files as a frame. `lines` tells where the records of each block are, where quotes have to be heeded."""

    files: tuple[DataFile, ...]
    blocks: tuple[Block, ...]
    compressions: tuple[str | None, ...]
    form: CSVFormat
    sample: Sample
    columns_read: tuple[Column, ...]
    path_column: tuple[Any, pd.CategoricalDtype] | None = None
    limit: int | None = None
    lines: FrameExpr | None = None
    op: ClassVar[str] = "read_csv"
    movable: ClassVar[bool] = False
    """Which bytes a block reads follows from its number: `taken` moves them."""

    @cached_property
    def geometry(self) -> Geometry:
        meta = pd.DataFrame(
            {c.name: pd.Series([], dtype=c.dtype) for c in self.columns_read}, index=pd.RangeIndex(0)
        )
        if self.path_column is not None:
            meta[self.path_column[0]] = pd.Series([], dtype=self.path_column[1], index=meta.index)
        sizes = np.array([block.stop - block.start for block in self.blocks], dtype=np.float64)
        rows = np.ceil(sizes * self.sample.growth / self.sample.record_bytes).astype(np.int64) + 1
        if self.limit is not None:
            rows = np.minimum(rows, self.limit)
        names = [self.files[block.file].name for block in self.blocks]
        widths = {name: width for name, width in self.sample.widths.items() if name in meta.columns}
        return Geometry(meta, unknown_divisions(len(self.blocks)), rows, False, widths, tuple(names))

    def step(self) -> Step:
        head = self.sample.head
        return ReadBlock(
            self.files,
            self.blocks,
            self.compressions,
            self.form,
            head,
            self.columns_read,
            self.path_column,
            self.limit,
        )

    def layer_read_bytes(self) -> int:
        return sum(block.stop - block.start for block in self.blocks)

    def scratch_bytes(self) -> int:
        largest = int(self.block_bytes().max(initial=0))  # Arrow's columns, before they are one array each
        whole = any(self.compressions) or not self.form.is_utf8 or not self.form.by_arrow
        text = max((block.stop - block.start for block in self.blocks), default=0) if whole else 0
        return largest + int(3 * text * self.sample.growth) + 4 * PIECE

    def projected(self, columns: list[Any]) -> FrameExpr | Refusal | None:
        kept = tuple(column for column in self.columns_read if column.name in columns)
        path = self.path_column if self.path_column is not None and self.path_column[0] in columns else None
        if not kept and any(not column.given for column in self.columns_read):
            return Refusal(
                "the dtypes were told by a sample: every column is read to hold it to its own; "
                "with dtype= for all columns only lines would be counted"
            )
        return replace(self, columns_read=kept, path_column=path)

    def filtered(self, predicate: Predicate) -> FrameExpr | Refusal | None:
        return None

    def taken(self, partitions: tuple[int, ...]) -> FrameExpr | None:
        blocks = tuple(self.blocks[i] for i in partitions)
        lines = None
        if isinstance(self.lines, FindLines) and not all(block.whole for block in blocks):
            lines = replace(self.lines, blocks=blocks)
        return replace(self, blocks=blocks, lines=lines)

    def head_of(self, nrows: int) -> FrameExpr | None:
        first = self.blocks[0]
        lines = None if first.number == 0 else self.lines
        return replace(self, blocks=(first,), limit=nrows, lines=lines)

    def replace_inputs(self, new: Sequence[Expr]) -> ReadCSV:
        return replace(self, lines=new[0]).stamped(self) if self.lines is not None else self  # type: ignore[arg-type]


def read_csv_expr(
    urlpath: Any,
    blocksize: Any,
    compression: str | None,
    sample: Any,
    include_path_column: bool | str,
    asked: Asked,
    options: dict[str, Any],
) -> ReadCSV:
    """The expression of `read_csv`: every argument checked, the sample taken."""
    form = csv_format(options)
    files = find_files(urlpath, "read_csv")
    for file in files:
        if not os.access(file.path, os.R_OK):
            raise PermissionError(
                f"{file.path} may not be read: its permissions do not allow it to this user"
            )
        if file.size == 0:
            raise FrameError(f"{file.path} is empty: no header and no columns; leave the file out")
    compressions = tuple(compression_of(file.path, compression) for file in files)
    size = _sample_size(sample)
    known = take_sample(files, compressions, form, size, asked)
    blocks = cut_files(files, _block_bytes(blocksize, form, files, compressions))
    path_column = None
    if include_path_column:
        name = include_path_column if isinstance(include_path_column, str) else "path"
        if name in known.head.names:
            raise FrameError(
                f"read_csv: include_path_column={include_path_column!r} would make a second column {name!r}; "
                "give another name"
            )
        path_column = (
            name,
            pd.CategoricalDtype(pd.Index(list(dict.fromkeys(f.path for f in files)), dtype="str")),
        )
    lines = None
    if known.quoted and form.syntax.quote and not all(block.whole for block in blocks):
        lines = FindLines(files, blocks, form.syntax)
    return ReadCSV(files, blocks, compressions, form, known, known.columns, path_column, None, lines)


def _sample_size(sample: Any) -> int:
    if sample is False or sample is None:
        raise FrameError(f"read_csv: sample={sample!r} is not a size; give a number of bytes such as 256000")
    size = parse_bytes(sample)
    if size < 1:
        raise FrameError("read_csv: sample=0 shows nothing; give a number of bytes such as 256000")
    return size


def _block_bytes(
    blocksize: Any, form: CSVFormat, files: Sequence[DataFile], compressions: Sequence[str | None]
) -> int | None:
    """How large blocks are; None where each file is one. Raises FrameError for a size that cannot be had."""
    if blocksize is None:
        return None
    uncut = form.uncut_because()
    packed = next(
        (f"{f.name} is compressed ({c})" for f, c in zip(files, compressions, strict=True) if c), ""
    )
    if blocksize == "default":
        return None if uncut or packed else BLOCKSIZE
    size = parse_bytes(blocksize)
    if size < 1:
        raise FrameError(
            f"read_csv: blocksize={blocksize!r} holds no line; give a size such as '32MiB', or None for whole files"
        )
    if uncut or packed:
        raise FrameError(
            f"read_csv: blocksize={blocksize!r} cannot be kept, {uncut or packed}: such files are read whole; "
            "say blocksize=None"
        )
    return size
