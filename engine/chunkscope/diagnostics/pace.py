"""How fast a run goes, by operation, kept up to date from new rows alone: what is left, and what to say of it."""

from __future__ import annotations

import numpy as np

from chunkscope.events import Rows
from chunkscope.observe import RunLog
from chunkscope.units import format_bytes

__all__ = ["Pace"]


class Pace:
    """The tasks, seconds and bytes of each operation of one run so far."""

    def __init__(self) -> None:
        self._counts = np.zeros(0, dtype=np.int64)
        self._seconds = np.zeros(0)
        self._bytes = 0
        self._last = -1
        self._totals = np.zeros(0, dtype=np.int64)
        self._names: list[str] = []
        self._segments = 0

    def take(self, run: RunLog, rows: Rows) -> None:
        """Count rows that were not counted before. Costs a few operations on arrays, whatever their number."""
        if self._segments != len(run.graphs):
            self._enter(run)
        if not len(rows.task):
            return
        first = 0
        for graph in run.graphs:
            mine = (rows.task >= graph.first_task) & (rows.task < graph.first_task + graph.ntasks)
            numbers = graph.layer_of[rows.task[mine] - graph.first_task] + first
            size = len(self._totals)
            self._counts += np.bincount(numbers, minlength=size)
            self._seconds += np.bincount(numbers, weights=(rows.stop - rows.start)[mine], minlength=size)
            if mine[-1]:
                self._last = int(numbers[-1])
            first += len(graph.layers)
        self._bytes += int(rows.bytes_out.sum())

    def left(self, seconds: float) -> float | None:
        """Seconds that the rest takes: the tasks left of each operation at its own pace, lanes as busy as so far.

        An operation that has not begun is thought to cost what the others do on average.
        """
        done = int(self._counts.sum())
        busy = float(self._seconds.sum())
        if not done or not busy or not seconds:
            return None
        each = np.where(self._counts > 0, self._seconds / np.maximum(self._counts, 1), busy / done)
        return float(((self._totals - self._counts) * each).sum() / busy * seconds)

    def words(self, seconds: float) -> tuple[str, ...]:
        """The pace, the operation that was seen last, and the bytes that were made."""
        done = int(self._counts.sum())
        if not done or not seconds:
            return ()
        pace = done / seconds
        said = [f"{pace:,.0f} tasks/s" if pace >= 10 else f"{pace:.2g} tasks/s"]
        if self._last >= 0 and len(self._names) > 1 and done < self._totals.sum():
            same = [i for i, name in enumerate(self._names) if name == self._names[self._last]]
            count, total = int(self._counts[same].sum()), int(self._totals[same].sum())
            said.append(f"{self._names[self._last]} {count:,}/{total:,}")
        said.append(f"{format_bytes(self._bytes)} made")
        return tuple(said)

    def _enter(self, run: RunLog) -> None:
        """Make room for the operations of new segments."""
        layers = [layer for graph in run.graphs for layer in graph.layers]
        more = len(layers) - len(self._totals)
        self._counts = np.concatenate([self._counts, np.zeros(more, dtype=np.int64)])
        self._seconds = np.concatenate([self._seconds, np.zeros(more)])
        self._totals = np.array([layer.ntasks for layer in layers], dtype=np.int64)
        self._names = [layer.label or layer.op for layer in layers]
        self._segments = len(run.graphs)
