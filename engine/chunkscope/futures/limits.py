"""Resources of a cluster: calls that need one wait until enough of it is free."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from chunkscope.errors import ConfigError

if TYPE_CHECKING:
    from chunkscope.blocks import StoredBlock
    from chunkscope.executors import Run
    from chunkscope.futures.promise import Promise

__all__ = ["Limits"]

Need = tuple[tuple[str, float], ...]


class Limits:
    """How much there is of each resource, who has some, and who waits. First come, first served, so nothing starves.

    A call gets its share before its inputs are there: what it waits for was submitted before it, and had its share
    before it.
    """

    def __init__(self, capacity: Mapping[str, float]) -> None:
        self.capacity = dict(capacity)
        self._free = dict(capacity)
        self._waiting: deque[tuple[Run, int, Need]] = deque()
        self._held: set[StoredBlock] = set()
        self._lock = threading.Lock()

    def check(self, resources: Mapping[str, float]) -> Need:
        """What a call needs. Raises ConfigError where there will never be enough."""
        for name, amount in resources.items():
            most = self.capacity.get(name, 0)
            if not 0 <= amount <= most:
                known = ", ".join(f"{key}={value:g}" for key, value in self.capacity.items()) or "none"
                raise ConfigError(
                    f"resources={{{name!r}: {amount:g}}} can never be given: this cluster has {known}; "
                    f"say resources={{{name!r}: ...}} where the cluster is made"
                )
        return tuple(sorted((name, float(amount)) for name, amount in resources.items()))

    def hold(self, run: Run, need: Need, tasks: Sequence[int], promises: Sequence[Promise]) -> None:
        """Have these tasks of a run that has not started wait for their share, and give it back when they are done."""
        run.hold(tasks)
        for promise in promises:
            block = promise.block
            # also where nobody has its future: it is done before its share is free again
            self._held.add(block)
            block.when_done(partial(self._give_back, need, block))
        with self._lock:
            self._waiting.extend((run, task, need) for task in tasks)
        self._serve()

    def _give_back(self, need: Need, block: StoredBlock) -> None:
        self._held.discard(block)
        with self._lock:
            for name, amount in need:
                self._free[name] += amount
        self._serve()

    def _serve(self) -> None:
        """Let go whoever is first, as long as there is enough."""
        while True:
            with self._lock:
                if not self._waiting:
                    return
                run, task, need = self._waiting[0]
                if any(self._free[name] < amount for name, amount in need):
                    return
                self._waiting.popleft()
                for name, amount in need:
                    self._free[name] -= amount
            run.let_go(task)
