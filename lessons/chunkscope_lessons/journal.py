"""Which cells were run, with their source, their error, the computations they started and the files they opened.

Cells are followed through IPython's events, runs through `chunkscope.observe`, files through Python's audit events:
nothing of the learner's code is changed. A lesson's checks read from here what a solution *did*.
"""

import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chunkscope import observe
from chunkscope.executors.drive import inside_task
from chunkscope.observe import RunLog

EXERCISE_LINE = re.compile(r"^# Exercise (\w+)", re.MULTILINE)


@dataclass(slots=True)
class CellRun:
    """One execution of one cell."""

    source: str
    exercise: str | None
    runs: list[RunLog] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)
    opened_here: Counter[str] = field(default_factory=Counter)
    """Of these, the ones opened by the cell itself rather than by a task."""
    opened_in: list[Counter[str]] = field(default_factory=list)
    """Of these, the ones opened by tasks, for each of `runs`."""
    error: BaseException | None = None


class Journal:
    """The last execution of each exercise's cell, and the one that is going on."""

    def __init__(self) -> None:
        self._stack: list[CellRun] = []
        self._counting = threading.Lock()
        self.last: dict[str, CellRun] = {}
        self._shell: Any = None
        self._subscription: observe.Subscription | None = None
        self._after_exercise: Callable[[], None] | None = None
        self._cell: CellRun | None = None

    def follow(self, shell: Any, after_exercise: Callable[[], None] | None = None) -> None:
        """Starts to listen to an IPython shell; one that is followed already is not followed twice.

        `after_exercise` is called when the cell of an exercise has run.
        """
        if self._shell is not None:
            return
        self._shell = shell
        self._after_exercise = after_exercise
        shell.events.register("pre_run_cell", self._before)
        shell.events.register("post_run_cell", self._after)
        self._subscription = observe.subscribe(self._on_run)
        _listen(self)

    def stop(self) -> None:
        """Stops listening."""
        if self._shell is None:
            return
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        self._shell = None
        if self._subscription is not None:
            self._subscription.close()
        _listeners.remove(self)

    def begin(self, source: str) -> CellRun:
        """Opens a record; until it ends, what happens is written there and not to the one around it."""
        found = EXERCISE_LINE.search(source)
        self._stack.append(CellRun(source, found.group(1) if found else None))
        return self._stack[-1]

    def end(self, record: CellRun | None = None, error: BaseException | None = None) -> None:
        """Closes a record, without one the one opened last; the panel's checks and cells may overlap."""
        if not self._stack:
            return
        record = self._stack[-1] if record is None else record
        self._stack = [open for open in self._stack if open is not record]
        record.error = error
        if record.exercise is not None:
            self.last[record.exercise] = record

    @property
    def current(self) -> CellRun | None:
        """The record that is open."""
        return self._stack[-1] if self._stack else None

    def _before(self, info: Any) -> None:
        self._cell = self.begin(info.raw_cell or "")

    def _after(self, result: Any) -> None:
        if self._cell is None:
            return  # this cell began before the lesson was opened
        record, self._cell = self._cell, None
        self.end(record, result.error_before_exec or result.error_in_exec)
        if record.exercise is not None and self._after_exercise is not None:
            self._after_exercise()

    def _on_run(self, run: RunLog, moment: observe.Moment) -> None:
        if moment == "started" and self.current is not None and run.executor != "simulated":
            self.current.runs.append(run)
            self.current.opened_in.append(Counter())

    def _on_open(self, path: str) -> None:
        cell = self.current
        if cell is not None:
            with self._counting:
                cell.opened[path] += 1
                cell.opened_here[path] += not inside_task()
                if cell.opened_in:
                    cell.opened_in[-1][path] += inside_task()


_listeners: list[Journal] = []
_hooked = False


def _listen(journal: Journal) -> None:
    """Adds a journal to those told of opened data files; the audit hook, which stays, is set with the first."""
    global _hooked
    _listeners.append(journal)
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open" or not _listeners:
        return
    path = arguments[0]
    if isinstance(path, (str, os.PathLike)) and os.fspath(path).endswith(".csv"):
        for journal in _listeners:
            journal._on_open(os.path.abspath(os.fspath(path)))
