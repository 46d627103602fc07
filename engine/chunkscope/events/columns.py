"""The columns of a run: one row for each finished task, appended in the order of finishing.

Written by the lane that holds the run's lock; read by anybody, at any time, by cursor. A reader never holds a
buffer of a column (that would forbid appending), it takes slices, which are copies.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Columns", "Rows"]


class Rows(NamedTuple):
    """A copy of some rows, as NumPy columns of equal length."""

    task: NDArray[np.int64]
    """Global task id."""
    lane: NDArray[np.int32]
    """Which lane (thread, worker) ran it: an index into the run's lane names."""
    ready: NDArray[np.float64]
    """When its last input was there, in seconds of the run's clock."""
    start: NDArray[np.float64]
    """When its kernel began."""
    stop: NDArray[np.float64]
    """When its kernel had returned."""
    bytes_out: NDArray[np.int64]
    """Bytes of its outputs, as measured."""
    stored: NDArray[np.int64]
    """Bytes of the run's blocks right after this row, its inputs still among them."""
    scratch: NDArray[np.int64]
    """Bytes of temporaries that the task used beside its blocks: as its kernel noted, else as declared."""


class Columns:
    """Append-only columns with a bound on the number of rows kept; what comes later is counted, not kept.

    >>> columns = Columns()
    >>> columns.append(0, 1, 0.0, 0.5, 1.0, 8, 8)
    >>> columns.append(1, 1, 1.0, 1.0, 2.0, 8, 16, scratch=64)
    >>> len(columns), columns.since(0).stop.tolist(), columns.since(0).scratch.tolist()
    (2, [1.0, 2.0], [0, 64])
    """

    __slots__ = (
        "_scratch",
        "_scratch_row",
        "bytes_out",
        "dropped",
        "lane",
        "limit",
        "ready",
        "start",
        "stop",
        "stored",
        "task",
    )

    def __init__(self, limit: int = 4_000_000) -> None:
        self.task = array("q")
        self.lane = array("i")
        self.ready = array("d")
        self.start = array("d")
        self.stop = array("d")
        self.bytes_out = array("q")
        self.stored = array("q")
        self._scratch_row = array("q")  # most tasks have no temporaries: only rows that do are kept here
        self._scratch = array("q")
        self.limit = limit
        self.dropped = 0

    def __len__(self) -> int:
        return len(self.stored)  # the column that is written last: rows up to here are whole

    @property
    def nbytes(self) -> int:
        """Bytes that the columns hold."""
        return len(self) * 52 + len(self._scratch) * 16

    def append(
        self,
        task: int,
        lane: int,
        ready: float,
        start: float,
        stop: float,
        bytes_out: int,
        stored: int,
        scratch: int = 0,
    ) -> None:
        """Add one row."""
        if len(self.stored) >= self.limit:
            self.dropped += 1
            return
        if scratch:
            self._scratch_row.append(len(self.stored))
            self._scratch.append(scratch)
        self.task.append(task)
        self.lane.append(lane)
        self.ready.append(ready)
        self.start.append(start)
        self.stop.append(stop)
        self.bytes_out.append(bytes_out)
        self.stored.append(stored)

    def extend(
        self,
        task: Sequence[int],
        lane: int,
        ready: Sequence[float],
        start: Sequence[float],
        stop: Sequence[float],
        bytes_out: Sequence[int],
        stored: Sequence[int],
        scratch: Sequence[int] | None = None,
    ) -> None:
        """Add the rows of one batch, all from one lane; `scratch` where any of its tasks had temporaries."""
        if len(self.stored) >= self.limit:
            self.dropped += len(task)
            return
        if scratch is not None:
            for row, nbytes in enumerate(scratch, start=len(self.stored)):
                if nbytes:
                    self._scratch_row.append(row)
                    self._scratch.append(nbytes)
        self.task.extend(task)
        self.lane.extend([lane] * len(task))
        self.ready.extend(ready)
        self.start.extend(start)
        self.stop.extend(stop)
        self.bytes_out.extend(bytes_out)
        self.stored.extend(stored)

    def since(self, cursor: int, until: int | None = None) -> Rows:
        """The rows from `cursor` on (up to `until`), as copies. The next cursor is `cursor + len(rows.task)`."""
        end = len(self) if until is None else min(until, len(self))
        part = slice(cursor, end)
        return Rows(
            np.frombuffer(self.task[part], dtype=np.int64),
            np.frombuffer(self.lane[part], dtype=np.int32),
            np.frombuffer(self.ready[part], dtype=np.float64),
            np.frombuffer(self.start[part], dtype=np.float64),
            np.frombuffer(self.stop[part], dtype=np.float64),
            np.frombuffer(self.bytes_out[part], dtype=np.int64),
            np.frombuffer(self.stored[part], dtype=np.int64),
            self._scratch_of(cursor, end),
        )

    def _scratch_of(self, cursor: int, end: int) -> NDArray[np.int64]:
        """The temporaries of the rows `cursor` to `end`, 0 where there were none."""
        scratch = np.zeros(max(end - cursor, 0), dtype=np.int64)
        part = slice(bisect_left(self._scratch_row, cursor), bisect_left(self._scratch_row, end))
        rows = np.frombuffer(self._scratch_row[part], dtype=np.int64)
        scratch[rows - cursor] = np.frombuffer(self._scratch[part], dtype=np.int64)[: len(rows)]
        return scratch
