"""`get_task_metadata`: what became of the tasks of a block of code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from chunkscope.futures.current import newest
from chunkscope.futures.history import rows_of
from chunkscope.observe import RunLog, subscribe
from chunkscope.observe.registry import Moment

if TYPE_CHECKING:
    from chunkscope.futures.promise import Promise

__all__ = ["get_task_metadata"]


class get_task_metadata:
    """Collects, by key, what is known of the tasks whose runs begin in a `with` block and what state they are in.

    >>> from chunkscope import Client
    >>> from chunkscope.futures.task_metadata import get_task_metadata
    >>> with Client(processes=False, n_workers=1) as client, get_task_metadata() as tasks:
    ...     x = client.submit(abs, -1, key="x").result()
    >>> tasks.state, sorted(tasks.metadata["x"])
    ({'x': 'memory'}, ['name', 'nbytes', 'run', 'start_time', 'stop_time', 'worker'])
    """

    def __init__(self) -> None:
        self.metadata: dict[str, dict[str, Any]] = {}
        """Operation, worker, times in seconds since 1970, bytes of the result, number of the run."""
        self.state: dict[str, str] = {}
        """"memory" or "erred"."""
        self._runs: list[RunLog] = []
        self._names: dict[tuple[int, int], str] = {}

    def __enter__(self) -> Self:
        self._subscription = subscribe(self._hear)
        client = newest()
        self._batches = None if client is None else getattr(client.cluster, "batches", None)
        if self._batches is not None:
            self._batches.on_begin.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._subscription.close()
        if self._batches is not None:
            self._batches.on_begin.remove(self._note)
        for run in self._runs:
            for row in rows_of(run, self._names):
                action = row["startstops"][-1]
                told = {name: row[name] for name in ("name", "worker", "nbytes", "run")}
                self.metadata[row["key"]] = {
                    **told,
                    "start_time": action["start"],
                    "stop_time": action["stop"],
                }
                self.state[row["key"]] = "memory"
            if run.error is not None:
                self.state[self._names.get((run.number, run.error.task)) or str(run.error.key)] = "erred"

    def _hear(self, run: RunLog, moment: Moment) -> None:
        if moment == "started":
            self._runs.append(run)

    def _note(self, promises: Sequence[Promise]) -> None:
        """Names of futures: they may be gone when the block ends."""
        self._names.update({promise.place: promise.key for promise in promises if promise.place is not None})
