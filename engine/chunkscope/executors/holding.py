"""Tasks that have to wait for something outside their run: blocks that another run makes, or memory that others use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from chunkscope.errors import RunCancelled
from chunkscope.executors.following import Following
from chunkscope.executors.narrate import tell_pending
from chunkscope.expr.stored import fetch
from chunkscope.graph import Graph, Strategy

if TYPE_CHECKING:
    from chunkscope.executors.run import Run
    from chunkscope.observe import RunLog

__all__ = ["Holding"]


class Holding(Following):
    """Lanes whose tasks can be held, and let go."""

    stopping: bool
    error: BaseException | None

    def __init__(self, log: RunLog, max_lanes: int) -> None:
        super().__init__(log, max_lanes)
        self.wake = threading.Condition(self.lock)
        self.on_work: Callable[[Run], None] | None = None
        """Called, without the lock, when more lanes could find work."""
        self._blocked = False
        self.unwanted = False
        """Whether nobody has its results any more: the next lane that comes ends it. Set without the lock."""

    def _stop(self, why: str = "") -> None:
        """Start nothing more. The lock is held."""
        self.stopping = True
        self.error = RunCancelled(f"run {self.log.number} was cancelled{why and f': {why}'}")
        self.wake.notify_all()

    def _hold_pending(self, graph: Graph) -> None:
        """Tasks that hand out stored blocks wait until the run that makes those has come so far."""
        for number, layer in enumerate(graph.layers):
            if layer.strategy is not Strategy.STORED or not isinstance(layer.kernel, fetch):
                continue
            first = graph.first_task + int(graph.task_ptr[number])
            pending = [i for i, ref in enumerate(layer.kernel.refs) if not ref.done]
            if pending:
                self.machine.hold([first + i for i in pending])
                tell_pending(self.log, layer.op, len(pending))
            for i in pending:
                layer.kernel.refs[i].when_done(lambda task=first + i: self.let_go(task))  # type: ignore[attr-defined]

    def hold(self, tasks: Iterable[int]) -> None:
        """Keep these tasks from starting until they are let go. Asked before the run starts."""
        with self.lock:
            self.machine.hold(tasks)

    def let_go(self, task: int) -> None:
        """Drop one hold on a task; one that will never run is no error."""
        with self.lock:
            if self.stopping or task not in self.machine.holds:
                return
            self.machine.let_go(task, perf_counter())
            self._blocked = False
            self.wake.notify_all()
        self._call()

    def unblock(self) -> None:
        """What its tasks had to wait for may be there now."""
        with self.lock:
            self._blocked = False
        self._call()

    def _call(self) -> None:
        """Have lanes look for work. Called without the lock."""
        if self.on_work is not None:
            self.on_work(self)  # type: ignore[arg-type]  # a run is all that is made of this
