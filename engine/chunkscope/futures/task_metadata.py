"""`get_task_metadata`: what became of the tasks of a block of code."""

from __future__ import annotations

from typing import Any, Self

from chunkscope.futures.current import newest
from chunkscope.futures.history import rows_of
from chunkscope.observe import RunLog, subscribe
from chunkscope.observe.registry import Moment

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
        return self

    def __exit__(self, *_: object) -> None:
        self._subscription.close()
        client = newest()
        names = {} if client is None else client.keys_by_place()
        for run in self._runs:
            for row in rows_of(run, {**self._names, **names}):
                action = row["startstops"][-1]
                told = {name: row[name] for name in ("name", "worker", "nbytes", "run")}
                self.metadata[row["key"]] = {
                    **told,
                    "start_time": action["start"],
                    "stop_time": action["stop"],
                }
                self.state[row["key"]] = "memory"
            if run.error is not None:
                place = (run.number, run.error.task)
                self.state[names.get(place) or str(run.error.key)] = "erred"

    def _hear(self, run: RunLog, moment: Moment) -> None:
        if moment == "started":
            self._runs.append(run)
        client = newest()
        if moment == "finished" and run in self._runs and client is not None:
            self._names.update(client.keys_by_place())  # their futures may be gone when the block ends
