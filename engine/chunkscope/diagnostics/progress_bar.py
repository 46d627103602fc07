"""`ProgressBar`: a bar in the terminal or the notebook for every run of a block."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any, ClassVar, Self, TextIO

from chunkscope.diagnostics.callback import Callback
from chunkscope.diagnostics.notebook import NotebookOutput, in_notebook
from chunkscope.diagnostics.pace import Pace
from chunkscope.diagnostics.terminal import ProgressOutput
from chunkscope.diagnostics.watcher import Watcher
from chunkscope.display.progress import Progress
from chunkscope.events import Rows
from chunkscope.observe import Moment, RunLog, RunState

__all__ = ["ProgressBar"]


class ProgressBar:
    """Shows a bar for every run, in a `with` block or between `register` and `unregister`.

    `minimum`: seconds that a run must take before its bar is shown; `width`: cells of the bar; `dt`: seconds
    between two redraws; `out`: a text stream, standard output by default. On a terminal and in a notebook the bar
    is redrawn in place; in a pipe or a file there is one line for each run, and one every ten seconds. The line tells
    the pace, the operation that is being worked on and the bytes made, as far as there is room; the time that is left
    follows from what the tasks of each operation take.
    `last_duration` is the length of the last run in seconds. When runs overlap, the one that began last is shown.

    >>> from chunkscope import delayed
    >>> bar = ProgressBar(width=10)
    >>> with bar:
    ...     delayed(sum)([1, 2]).compute()
    [██████████] | 100% Completed | ... | 1 task | ... tasks/s | 28 B made
    3
    >>> bar.last_duration > 0
    True
    """

    active: ClassVar[set[Any]] = Callback.active
    """The bars, callbacks and profilers that are registered now."""

    def __init__(
        self, minimum: float = 0, width: int = 40, dt: float = 0.1, out: TextIO | None = None
    ) -> None:
        self.last_duration: float = 0
        self._minimum = minimum
        self._width = width
        self._out = out
        self._watcher = _Drawing(self, dt)

    def register(self) -> None:
        """Show bars from now on. Registering twice is allowed."""
        self._watcher.open()
        ProgressBar.active.add(self)

    def unregister(self) -> None:
        """Show no more bars."""
        self._watcher.close()
        ProgressBar.active.discard(self)

    def __enter__(self) -> Self:
        self.register()
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()

    def output(self) -> ProgressOutput | NotebookOutput:
        """Where the next bar is drawn; standard output is looked up for each run, as it may be exchanged."""
        if self._out is None and in_notebook():
            return NotebookOutput(self._width)
        return ProgressOutput(self._out if self._out is not None else sys.stdout, self._width)

    def shows(self, seconds: float) -> bool:
        """Whether a run that takes this long is shown."""
        return seconds >= self._minimum


def state_of(run: RunLog, pace: Pace | None = None) -> Progress:
    """How far a run is, for a progress line. The time of a run that goes on is by the clock."""
    live = run.stopped is None and run.executor != "simulated"
    seconds = time.perf_counter() - run.started if live else run.seconds
    return Progress(
        run.nfinished,
        run.ntasks,
        seconds,
        RunState(run.state).value,
        label=run.label,
        left=None if pace is None else pace.left(seconds),
        extras=() if pace is None else pace.words(seconds),
    )


class _Drawing(Watcher):
    """Draws the bars: between looks on the watcher's thread, the last state of a run right when it ends."""

    def __init__(self, bar: ProgressBar, interval: float) -> None:
        super().__init__(interval)
        self._bar = bar
        self._outputs: dict[int, ProgressOutput | NotebookOutput] = {}
        self._paces: dict[int, Pace] = {}
        self._lock = threading.Lock()

    def rows(self, run: RunLog, rows: Rows) -> None:
        with self._lock:
            pace = self._paces.setdefault(run.number, Pace())
            pace.take(run, rows)
            state = state_of(run, pace)
            if run.stopped is None and self._bar.shows(state.seconds) and max(self._outputs) == run.number:
                self._outputs[run.number].draw(state)

    def _told(self, run: RunLog, moment: Moment) -> None:
        with self._lock:
            if moment == "started":
                self._outputs[run.number] = self._bar.output()
            else:
                self._finish(run)
        super()._told(run, moment)

    def _finish(self, run: RunLog) -> None:
        output = self._outputs.pop(run.number, None)
        if output is not None:
            self._bar.last_duration = run.seconds
            if self._bar.shows(run.seconds):
                whole = Pace()
                whole.take(run, run.rows)
                output.finish(state_of(run, whole))

    def ended(self, run: RunLog) -> None:
        with self._lock:
            self._paces.pop(run.number, None)
