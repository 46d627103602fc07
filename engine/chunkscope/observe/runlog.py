"""The record of one run: what viewers, lessons and people read, while it runs and after.

Written by `executors`; nothing here can slow or stop a run. Figures are derived from the columns when asked for.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np

from chunkscope.errors import ConfigError
from chunkscope.events import (
    Columns,
    Failure,
    Notice,
    NoticeList,
)
from chunkscope.graph import Graph, Strategy
from chunkscope.observe.concerns import Concern
from chunkscope.observe.processor import Usage, usage_now
from chunkscope.observe.readings import Readings
from chunkscope.observe.spans import spans
from chunkscope.observe.stacks import Seen, Stacks, StackTree
from chunkscope.observe.steps import OperationFigures, RunState, Step
from chunkscope.observe.viewers import VIEWS, page, view
from chunkscope.observe.workload import Workload
from chunkscope.types import Key, Origin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.observe.account import Account
    from chunkscope.observe.memory import MemoryUse
    from chunkscope.observe.why import Why

__all__ = ["OperationFigures", "RunLog", "RunState", "Step"]


SETTLE_SECONDS = 0.5
_telling = threading.Lock()
"""Held while a record of workers is made: several lanes may tell of theirs at once."""

_last_failure: list[tuple[RunLog, tuple[Graph, ...]]] = []
"""The run that failed last, with its kernels; at most one."""


class RunLog(Readings):
    """One run: its graph, its lanes, its columns, how it ended. Times are seconds of one monotonic clock."""

    def __init__(
        self,
        number: int,
        graph: Graph,
        *,
        executor: str,
        label: str = "",
        lanes: list[str] | None = None,
        budget: int | None = None,
        origin: Origin | None = None,
        started: float | None = None,
    ) -> None:
        self.number = number
        self.label = label
        self.tags = spans()
        """The names of the spans that it was asked for in, outermost first."""
        self.executor = executor
        self.graphs: tuple[Graph, ...] = (graph,)
        self.lanes: list[str] = lanes if lanes is not None else []
        self.group = ""
        """What it is one of many of, such as "futures": lists of runs show them as one. Empty where it stands alone."""
        self.workers = 0
        """How many tasks may run at once; 0 where nobody said."""
        self.budget = budget
        self.origin = origin
        self.wall_started = time.time()
        self._usage_started = usage_now()
        self._usage_stopped: Usage | None = None
        self.started = time.perf_counter() if started is None else started
        self.stopped: float | None = None
        self.state = RunState.RUNNING
        self.error: Failure | None = None
        self.columns = Columns()
        self.notices = NoticeList()
        """Decisions with their reasons, in the order of time."""
        self.nsaid = 0
        """What its tasks in other processes have printed, warned or logged; the first few hundred are notices."""
        self.spilled_bytes = 0
        """Bytes of blocks that were written to disk to make room, during this run."""
        self.read_back_bytes = 0
        """Bytes of blocks that were read from disk again."""
        self.moved_blocks = 0
        """How many blocks were written to disk."""
        self.told_on_disk: set[int] = set()
        """The tasks whose blocks were told of one by one when they went to disk, and are not told to be back."""
        self.written = self.planned = 0
        """Operations of the expression before and after the rewrite; 0 where not known."""
        self.record: tuple[Step, ...] = ()
        """The steps of the rewrite that led to the graph, in words."""
        self.concerns: tuple[Concern, ...] = ()
        """Which lazy values the run makes, and by which tasks."""
        self.profile_interval: float | None = None
        """Seconds between two looks at what functions the lanes are in; None: never."""
        self.threads: dict[int, int] = {}
        """The thread of each lane that is one of this process."""
        self.stack_tree: StackTree | None = None
        self._workload: Workload | None = None
        self.ranks: NDArray[np.int64] | None = None
        """The static priority of each task."""
        self._running: Callable[[], list[tuple[int, int, float]]] = list
        self._complete: Callable[[], bool] = bool
        self._why: Callable[[int], str] | None = None
        self._forecast: Callable[[Graph, NDArray[np.int64]], Any] | None = None
        self._debug: Callable[[RunLog, Any, Any, bool], Any] | None = None

    # -- writing: the executor's side -------------------------------------------------------------------

    def attach(
        self,
        *,
        running: Callable[[], list[tuple[int, int, float]]] | None = None,
        complete: Callable[[], bool] | None = None,
        why: Callable[[int], str] | None = None,
        forecast: Callable[[Graph, NDArray[np.int64]], Any] | None = None,
        debug: Callable[[RunLog, Any, Any, bool], Any] | None = None,
    ) -> None:
        """Give the log its sources: what runs now, why a task is where it is, the forecast, how a task is debugged.

        `complete`: whether those who wait for its outputs have all of them.
        """
        self._running = running or self._running
        self._complete = complete or self._complete
        self._why = why or self._why
        self._forecast = forecast or self._forecast
        self._debug = debug or self._debug

    def tell(self, topic: str, text: str, task: int = -1, now: float | None = None) -> None:
        """Keep a decision and its reason, one sentence; `now` on the run's clock. Not for what every task meets."""
        self.notices.add(Notice(topic, text, time.perf_counter() if now is None else now, task))

    def close(self, state: RunState, stopped: float, error: Failure | None = None) -> None:
        """End the record. The kernels are let go, and with them whatever data they hold.

        Only the run that failed last keeps them, so that its task can be debugged: until another one fails.
        """
        if state is RunState.FAILED:
            _last_failure[:] = [(self, self.graphs)]
        self.graphs = tuple(graph.stripped() for graph in self.graphs)
        self._usage_stopped = usage_now()
        if state is RunState.FAILED and error is not None:
            self.tell(
                "failed", f"{error.key} raised {error.error.partition(chr(10))[0]}", error.task, stopped
            )
        elif state is RunState.CANCELLED and not self.refusal:
            self.tell("cancelled", "the run was told to stop: what had not begun was left out", now=stopped)
        self.stopped, self.error, self.state = stopped, error, state
        self._running, self._complete = list, bool

    # -- reading ------------------------------------------------------------------------------------------

    def running(self) -> list[tuple[int, int, float]]:
        """(lane, task, start) of what runs at this moment; empty once the run has ended."""
        return self._running()

    def settle(self) -> None:
        """Wait for the last rows of a run whose results are all there: a row comes a moment after its result."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while self.stopped is None and self._complete() and time.monotonic() < deadline:
            time.sleep(0.001)

    @cached_property
    def forecast(self) -> Any:
        """The memory forecast of the plan; None where none was made, or where sizes are guesses: of delayed calls."""
        if self._forecast is None or self.ranks is None:
            return None
        guessed = any(layer.strategy is Strategy.CALL and not layer.exact for layer in self.graph.layers)
        return None if guessed else self._forecast(self.graph, self.ranks)

    def why(self, task: SupportsIndex | str | Key) -> Why:
        """Why a task waits, or ran when and where it did; why it was not fused, and why it was computed again.

        `task`: its number, its key, or its key as text: `run.why("sum-1[0]")`; as the views write it, "sum [0]", where
        one operation is called so. The first sentence of the text is about the task's turn; `.parts` has all by topic.
        Raises KeyError for a task that this run does not have.
        """
        from chunkscope.observe.why import find_task, why

        return why(self, find_task(self, task), self._why)

    @property
    def kept(self) -> tuple[Graph, ...] | None:
        """The graphs with their kernels where this is the run that failed last, else None."""
        return next((graphs for log, graphs in list(_last_failure) if log is self), None)

    def debug(self, task: Any = None, *, of: Any = None, pdb: bool = False) -> Any:
        """One task of this run, to be run alone in this thread; without `task`, the one that failed.

        Returns an object with `inputs` (recomputed: only what this task needs), `run()`, `describe()`. `task`: its
        number or its name, like "sum-2[3]". `of`: the lazy value that the run computed, needed where the kernels are
        gone; the run that failed last still has them. `pdb`: run it at once, and stop in the debugger where it raises.

        Raises ConfigError where the kernels are gone or there is no such task.
        """
        if self._debug is None:
            raise ConfigError(f"run {self.number} was modelled, not computed: there is nothing to debug")
        return self._debug(self, task, of, pdb)

    @property
    def processor(self) -> Usage | None:
        """What this process and the workers of the run used of the processors meanwhile; None for modelled runs."""
        if self.executor == "simulated":
            return None
        here = (self._usage_stopped or usage_now()).since(self._usage_started)
        if self._workload is None:
            return here
        there = self._workload.processor
        return Usage(here.seconds + there.seconds, here.preempted + there.preempted)

    @property
    def workload(self) -> Workload:
        """What the worker processes of the run took over time: memory, processors. Empty where tasks ran here."""
        with _telling:
            if self._workload is None:
                self._workload = Workload(self.started)
            return self._workload

    def see(self, seen: Sequence[Seen]) -> None:
        """Count stacks that were seen in another process."""
        with _telling:
            if self.stack_tree is None:
                self.stack_tree = StackTree(self.profile_interval or 0.0)
        self.stack_tree.take(seen)

    def explain(self) -> Account:
        """What happened in this run, in words: what was asked and rewritten, where the time went, what to try next."""
        from chunkscope.observe.account import account

        return account(self)

    def memory(self) -> MemoryUse:
        """Who held how many bytes: by operation, over time and at the peak; as declared and as measured."""
        from chunkscope.observe.memory import MemoryUse

        return MemoryUse(self)

    def stacks(self) -> Stacks:
        """Where the kernels' time went by function, as seen every now and then (option `profile_interval`)."""
        operations = tuple(layer.op for graph in self.graphs for layer in graph.layers)
        return (self.stack_tree or StackTree(self.profile_interval or 0.0)).freeze(
            operations, self.wall_started
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the run so far to a file and return where.

        `x.chunkscope` is a recording, which `chunkscope.load` reads; `x.html` is a page of its own with all views, to
        be opened in any browser and sent to anybody. Raises ConfigError where no viewer that makes it is installed.
        """
        from chunkscope.observe.recording import save

        return save(self, os.fspath(path))

    def _repr_html_(self) -> str | None:
        return page(self)

    def __getattr__(self, name: str) -> Any:
        return view(self, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *VIEWS]
