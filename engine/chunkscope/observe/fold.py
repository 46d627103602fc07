"""From the messages of a run to the state of every task at any time: what the page does, in Python.

The messages may be a recording, or what came live: windows of rows in any order and more than once, keyframes for pages
that joined late, headers that grow. `widgets/src/run.ts` has the same rules; both are held to the same streams.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.observe.wire import (
    Keyframe,
    Message,
    RowWindow,
    RunEnded,
    RunHeader,
    RunStatus,
    TaskEdges,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Fold", "Shown", "fold"]

_NEVER = np.inf
_COLUMNS = ("task", "start", "stop")


class Shown(IntEnum):
    """The states of a task as people see them."""

    PENDING = 0
    RUNNING = 1
    STORED = 2
    RELEASED = 3
    FAILED = 4


class Fold:
    """One run as its messages so far tell it."""

    def __init__(self, header: RunHeader) -> None:
        self.header = header
        self._rows: dict[str, NDArray[Any]] = {name: np.zeros(0) for name in _COLUMNS}
        self._present = np.zeros(0, dtype=bool)
        self._status: RunStatus | None = None
        self._keyframe: Keyframe | None = None
        self._ended: RunEnded | None = None
        self._edges: TaskEdges | None = None

    @property
    def complete(self) -> bool:
        """Whether no row is missing, as far as the messages tell."""
        known = 0 if self._keyframe is None else self._keyframe.nrows
        wanted = max(len(self._present), known) if self._ended is None else self._ended.nrows
        return bool(self._present.all()) and len(self._present) >= wanted

    @property
    def moments(self) -> NDArray[np.float64]:
        """Every start and stop, in order."""
        here = self._present
        return np.sort(np.concatenate([self._rows["start"][here], self._rows["stop"][here]]))

    def take(self, message: Message) -> None:
        """Take a message of this run in; other kinds than those of states change nothing."""
        if isinstance(message, RunHeader):
            if message.ntasks != self.header.ntasks:
                self._edges = None
            self.header = message
        elif isinstance(message, TaskEdges):
            if len(message.ptr) == self.header.ntasks + 1:
                self._edges = message
        elif isinstance(message, RowWindow):
            self._add(message)
        elif isinstance(message, RunStatus):
            self._status = message
        elif isinstance(message, Keyframe):
            self._keyframe = message
        elif isinstance(message, RunEnded):
            self._ended = message

    def states(self, time: float | None = None) -> NDArray[np.uint8]:
        """The state of every task, `Shown` as numbers, at `time` in seconds since the run began; None is now."""
        found = np.zeros(self.header.ntasks, dtype=np.uint8)
        at = np.finfo(np.float64).max if time is None else time
        here = self._present & (self._rows["start"] <= at)
        task = self._rows["task"][here].astype(np.int64)
        released = self._released()[task]
        found[task] = np.where(
            self._rows["stop"][here] > at,
            Shown.RUNNING,
            np.where(released <= at, Shown.RELEASED, Shown.STORED),
        )
        if time is None and self._ended is None:
            self._add_samples(found)
        ended = self._ended
        if ended is not None and ended.error is not None and at >= ended.seconds:
            failed = ended.error.task
            if 0 <= failed < len(found):
                found[failed] = Shown.FAILED
        return found

    def _add(self, rows: RowWindow) -> None:
        stop = rows.cursor + len(rows.task)
        if stop > len(self._present):
            more = stop - len(self._present)
            self._present = np.concatenate([self._present, np.zeros(more, dtype=bool)])
            self._rows = {
                name: np.concatenate([column, np.zeros(more)]) for name, column in self._rows.items()
            }
        fresh = ~self._present[rows.cursor : stop]
        for name, column in self._rows.items():
            column[rows.cursor : stop][fresh] = getattr(rows, name)[fresh]
        self._present[rows.cursor : stop] = True

    def _released(self) -> NDArray[np.float64]:
        """When the block of each task was freed: with its last user; never, where the caller asked for it."""
        ntasks = self.header.ntasks
        found = np.full(ntasks, _NEVER)
        if self._edges is None:
            return found
        ptr, producer = self._edges.ptr.astype(np.int64), self._edges.producer.astype(np.int64)
        stop = np.full(ntasks, np.nan)
        task = self._rows["task"][self._present].astype(np.int64)
        stop[task] = self._rows["stop"][self._present]
        user = np.repeat(np.arange(ntasks), np.diff(ptr))
        over = ~np.isnan(stop[user])
        uses = np.bincount(producer, minlength=ntasks)
        uses[self.header.kept] += 1  # the caller's own hold, never given up
        used = np.bincount(producer[over], minlength=ntasks)
        last = np.zeros(ntasks)
        np.maximum.at(last, producer[over], stop[user[over]])
        free = (used == uses) & ((uses > 0) | ~np.isnan(stop))
        found[free] = np.fmax(last, stop)[free]
        return found

    def _add_samples(self, found: NDArray[np.uint8]) -> None:
        """What a run that goes on is known to have done beside its rows."""
        if self._keyframe is not None and not self.complete:
            finished = np.unpackbits(self._keyframe.finished)[: len(found)].astype(bool)
            told = np.zeros(len(found), dtype=bool)
            told[: len(finished)] = finished
            found[(found == Shown.PENDING) & told] = Shown.STORED
        if self._status is not None:
            running = self._status.task.astype(np.int64)
            running = running[running < len(found)]
            found[running[found[running] == Shown.PENDING]] = Shown.RUNNING


def fold(messages: Iterable[Message]) -> dict[tuple[str, int], Fold]:
    """What a stream of messages tells of each run, by session and number. Messages of a run before its header are lost.

    >>> import chunkscope, chunkscope.array as ca
    >>> _ = ca.ones(4, chunks=2).sum().compute(scheduler="sync")
    >>> from chunkscope.observe.recording import record
    >>> (run,) = fold(record(chunkscope.last_run()).messages).values()
    >>> run.states().tolist(), run.states(-1.0).tolist()
    ([3, 3, 2], [0, 0, 0])
    """
    found: dict[tuple[str, int], Fold] = {}
    for message in messages:
        number = getattr(message, "run", None)
        if number is None:
            continue
        key = (message.session, number)
        if key not in found:
            if not isinstance(message, RunHeader):
                continue
            found[key] = Fold(message)
        found[key].take(message)
    return found
