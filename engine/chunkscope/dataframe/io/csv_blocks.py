"""How files are cut into blocks, and the layer that finds their lines where line ends may be within quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from chunkscope.dataframe.expr import FrameExpr, Geometry, unknown_divisions
from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_kernel import Block
from chunkscope.dataframe.io.csv_records import NEWLINE, State, Syntax, flips
from chunkscope.dataframe.io.csv_text import Text, open_text
from chunkscope.dataframe.io.files import DataFile
from chunkscope.expr import Slots
from chunkscope.graph import FrameShape, Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.graph import GraphBuilder

__all__ = ["FindLines", "cut_files", "record_starts"]


def cut_files(files: Sequence[DataFile], blocksize: int | None) -> tuple[Block, ...]:
    """Equal blocks of at least `blocksize` bytes, in the order of the files; every file is at least one."""
    blocks = []
    for number, file in enumerate(files):
        count = 1 if blocksize is None else max(1, file.size // blocksize)
        edges = [file.size * i // count for i in range(count + 1)]
        blocks += [Block(number, edges[i], edges[i + 1], i, count == 1) for i in range(count)]
    return tuple(blocks)


def record_starts(text: Text, places: Sequence[int], syntax: Syntax) -> NDArray[np.int64]:
    """For each place (ascending) the first start of a record at or behind it; reads the file up to the last."""
    found = np.full(len(places), text.size, dtype=np.int64)
    state, base, nth = State(), 0, 0
    while nth < len(places) and places[nth] <= 0:
        found[nth] = 0
        nth += 1
    for tile in text.tiles(0, text.size):
        if nth == len(places):
            break
        inside = state.inside
        toggles, state, _ = flips(tile, state, syntax)
        while nth < len(places) and places[nth] - 1 < base + len(tile):
            start = max(places[nth] - 1 - base, 0)
            ends = start + np.flatnonzero(tile[start:] == NEWLINE)
            outside = (np.searchsorted(toggles, ends) + inside) % 2 == 0
            if not outside.any():
                break  # in a later tile
            found[nth] = base + int(ends[np.argmax(outside)]) + 1
            nth += 1
        base += len(tile)
    return found


@dataclass(frozen=True, eq=False)
class FindLines(FrameExpr):
    """Where the records of each block begin, for files with quotes: one task for each file that is cut.

    It reads the files once more than the reader does, up to the last block that is wanted, and keeps only numbers.
    """

    files: tuple[DataFile, ...]
    blocks: tuple[Block, ...]
    syntax: Syntax
    op: ClassVar[str] = "find lines"

    @cached_property
    def geometry(self) -> Geometry:
        rows = np.ones(len(self.blocks), dtype=np.int64)
        return Geometry(pd.Series([], dtype="int64"), unknown_divisions(len(self.blocks)), rows)

    def frame_shape(self) -> FrameShape | None:
        return None

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        numbers = sorted({block.file for block in self.blocks})
        edges = tuple(self._edges(number) for number in numbers)
        kernel = _FindLines(tuple(self.files[n] for n in numbers), edges, self.syntax)
        sizes = np.array([8 * len(e) + 128 for e in edges], dtype=np.int64)
        (slots,) = self.add_layer(
            build,
            kernel,
            grid=(len(numbers),),
            strategy=Strategy.SOURCE,
            nbytes=sizes,
            read_bytes=sum(max(e) for e in edges),
            scratch_bytes=1 << 22,
            detail="quotes in the sample: line ends within quotes are no ends of records",
        )
        position = {number: i for i, number in enumerate(numbers)}
        return (slots[[position[block.file] for block in self.blocks]],)

    def _edges(self, number: int) -> tuple[int, ...]:
        """The edges of the blocks of one file, as far as a wanted block reaches."""
        mine = [block for block in self.blocks if block.file == number]
        last = max(mine, key=lambda block: block.number)
        edges = {block.number: block.start for block in mine} | {last.number + 1: last.stop}
        for block in mine:
            edges[block.number + 1] = block.stop
        return tuple(edges.get(i, 0) for i in range(last.number + 2))


@dataclass(frozen=True, slots=True)
class _FindLines:
    files: tuple[DataFile, ...]
    edges: tuple[tuple[int, ...], ...]
    syntax: Syntax

    def __call__(self, block: int, /, *inputs: Any) -> NDArray[np.int64]:
        edges = self.edges[block]
        with open_text(self.files[block], None, CSVFormat()) as text:
            order = np.argsort(edges, kind="stable")
            found = np.empty(len(edges), dtype=np.int64)
            found[order] = record_starts(text, [edges[i] for i in order], self.syntax)
        return found

    def place_of(self, block: int) -> str:
        return self.files[block].name

    def reads_of(self, block: int) -> tuple[tuple[str, int, int], ...]:
        return ((self.files[block].path, 0, max(self.edges[block])),)
