"""`Callback`: a user's functions, called with what happens in runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

from chunkscope.diagnostics.callback_views import State, Tasks
from chunkscope.diagnostics.watcher import Watcher
from chunkscope.events import Rows
from chunkscope.observe import RunLog, RunState

__all__ = ["Callback"]


class Callback:
    """Calls functions for what happens in runs, between `register` and `unregister` or in a `with` block.

    The functions take Dask's arguments, or a subclass overrides `_start`, `_start_state`, `_pretask`, `_posttask`
    and `_finish`:

    - `start(graph)` and `start_state(graph, run)`: a run has begun;
    - `pretask(key, graph, run)` and `posttask(key, result, graph, run, worker)`: a task has run;
    - `finish(graph, run, errored)`: the run is over.

    They differ from Dask's in that they never hold a run up: they are called from the run log, in batches, a tenth
    of a second after the fact at most, on one thread of their own. So `pretask` comes right before `posttask`, and
    `result` is always None, as data never leaves a run through its log. `graph` and `run` have the attributes of
    chunkscope's `Graph` and `RunLog`, and can be read as Dask's dictionaries: `len(graph)`, `key in graph`,
    `run["finished"]`, with "waiting", "ready", "running" and "finished" as they were told so far. Leaving the `with`
    block waits for the calls of runs that are over. A function that raises is logged, and the callback is dropped.

    >>> from chunkscope import delayed
    >>> seen = []
    >>> with Callback(posttask=lambda key, result, graph, run, worker: seen.append(str(key))):
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> seen
    ['sum-0[0]']
    """

    active: ClassVar[set[Any]] = set()
    """The callbacks and profilers that are registered now."""

    def __init__(
        self,
        start: Callable[..., Any] | None = None,
        start_state: Callable[..., Any] | None = None,
        pretask: Callable[..., Any] | None = None,
        posttask: Callable[..., Any] | None = None,
        finish: Callable[..., Any] | None = None,
    ) -> None:
        given = {"_start": start, "_start_state": start_state, "_pretask": pretask, "_posttask": posttask}
        for name, function in {**given, "_finish": finish}.items():
            if function is not None:
                setattr(self, name, function)
        self._watcher = _Telling(self)

    def register(self) -> None:
        """Be called for every run that starts from now on."""
        self._watcher.open()
        Callback.active.add(self)

    def unregister(self) -> None:
        """Be called no more, after the calls of runs that are over."""
        self._watcher.close()
        Callback.active.discard(self)

    def __enter__(self) -> Self:
        self.register()
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()


class _Telling(Watcher):
    """Turns what a watcher sees into the calls of a callback."""

    def __init__(self, callback: Callback) -> None:
        super().__init__()
        self._callback = callback
        self._states: dict[int, State] = {}

    def _call(self, name: str, *args: Any) -> None:
        function = getattr(self._callback, name, None)
        if function is not None:
            function(*args)

    def began(self, run: RunLog) -> None:
        state = self._states[run.number] = State(run)
        graph = Tasks(run, run.graph)
        self._call("_start", graph)
        self._call("_start_state", graph, state)

    def rows(self, run: RunLog, rows: Rows) -> None:
        state = self._states[run.number]
        if not (hasattr(self._callback, "_pretask") or hasattr(self._callback, "_posttask")):
            state.end(*rows.task.tolist())
            return
        for task, lane in zip(rows.task.tolist(), rows.lane.tolist(), strict=True):
            at = run.graph_at(task)
            key, graph = at.key(task), Tasks(run, at)
            worker = run.lanes[lane] if lane < len(run.lanes) else str(lane)
            state.begin(task)
            self._call("_pretask", key, graph, state)
            state.end(task)
            self._call("_posttask", key, None, graph, state, worker)

    def ended(self, run: RunLog) -> None:
        state = self._states.pop(run.number)
        self._call("_finish", Tasks(run, run.graph), state, run.state is not RunState.FINISHED)

    def __repr__(self) -> str:
        return repr(self._callback)
