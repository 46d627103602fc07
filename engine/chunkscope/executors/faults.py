"""What goes wrong with single tasks of a run that goes on: second tries, tasks that nobody wants any more, who is told.

Futures need it: of a thousand calls one may fail, and only what needs its result fails with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from chunkscope.errors import RunCancelled

if TYPE_CHECKING:
    from chunkscope.executors.table import TaskTable

__all__ = ["Faults", "Reschedule"]


class Reschedule(Exception):
    """Raised by a call that was submitted: it wants to run again, later and maybe elsewhere, as often as it says so."""


class Faults:
    """The faults of one run.

    >>> faults = Faults({7: 1})
    >>> faults.try_again(7), faults.try_again(7), faults.try_again(8), faults.try_again(8, Reschedule())
    (True, False, False, True)
    """

    def __init__(self, retries: Mapping[int, int] | None = None, gone: set[int] | None = None) -> None:
        """`gone`: the tasks whose results nobody has a place for, now or later."""
        self.gone: set[int] = set() if gone is None else gone
        self._tries = dict(retries or {})
        self.refused: dict[int, BaseException] = {}
        """Tasks that are not to start any more, and why."""
        self._missed: list[tuple[int, BaseException]] = []
        self._lock = threading.Lock()

    def refuse_gone(self, batch: Iterable[int], dependents_of: Callable[[int], Collection[int]]) -> None:
        """Do not start those of a batch whose results nobody wants, neither a caller nor another task."""
        for task in self.gone.intersection(batch):
            if not dependents_of(task):
                self.refused.setdefault(task, RunCancelled("nobody has a future of this any more"))

    def try_again(self, task: int, error: BaseException | None = None) -> bool:
        """Whether a task that failed has a try left, which is taken, or asks for one itself."""
        if isinstance(error, Reschedule):
            return True
        left = self._tries.get(task, 0)
        if left:
            self._tries[task] = left - 1
        return left > 0

    def miss(self, table: TaskTable, tasks: Iterable[int], error: BaseException) -> None:
        """Note that the outputs of `tasks` will never be there."""
        found: list[tuple[int, BaseException]] = []
        for task in tasks:
            _, first_task, first_slot, noutputs, *_ = table.layers[table.layer_of[task]]
            first = first_slot + (task - first_task) * noutputs
            for slot in range(first, first + noutputs):
                if table.output_at[slot]:
                    found.append((table.output_at[slot] - 1, error))
                    found += [(position, error) for position in table.shared_outputs.get(slot, ())]
        with self._lock:
            self._missed += found

    def missed(self) -> list[tuple[int, BaseException]]:
        """The positions of outputs that will never be there and that nobody was told of yet, each with the reason."""
        if not self._missed:
            return self._missed
        with self._lock:
            found, self._missed = self._missed, []
            return found
