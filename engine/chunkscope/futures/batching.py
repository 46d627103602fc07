"""Calls that are submitted one after the other begin together: one graph for all of a moment, not one for each.

The first call of a batch wakes a thread that waits a millisecond and then starts what has come together; whoever waits
for a result starts it at once. A call that needs the result of another one in the same batch is simply below it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chunkscope import config
from chunkscope.executors import Faults, Order, Run, enter, launch
from chunkscope.executors.drive import outside_task
from chunkscope.executors.wanted import Wanted
from chunkscope.expr import lower
from chunkscope.futures.promise import Keeper, Promise
from chunkscope.observe.spans import within
from chunkscope.scheduler import order

if TYPE_CHECKING:
    from chunkscope.executors.opened import Opened
    from chunkscope.types import Origin

__all__ = ["Batches", "Wish"]

MOMENT_S = 1e-3
"""How long calls are collected."""
IDLE_S = 0.2
MOST_CALLS = 4_096
"""A batch with as many calls begins at once."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a call is to run: calls with equal wishes begin together."""

    priority: float = 0.0
    resources: tuple[tuple[str, float], ...] = ()
    depth: int = 0
    """How many tasks wait for it: the deepest go first, so that those above them end soon."""
    tags: tuple[str, ...] = ()
    """The spans that it was asked for in."""


@dataclass(slots=True)
class Batch:
    """What has come together under one wish."""

    promises: list[Promise] = field(default_factory=list)
    retries: dict[int, int] = field(default_factory=dict)
    """By place in `promises`."""
    origin: Origin | None = None


class Batches:
    """The calls of one client that have not begun."""

    def __init__(
        self, executor: Opened, hold: Callable[[Run, Wish, Sequence[int], Sequence[Promise]], None]
    ) -> None:
        """`hold` is told of runs whose tasks need resources, before they start."""
        self._executor = executor
        self._hold = hold
        self.on_begin: list[Callable[[Sequence[Promise]], None]] = []
        """Called with the promises of each batch that begins, which know their places then."""
        self._changed = threading.Condition(threading.RLock())
        self._waiting: dict[Wish, Batch] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def lock(self) -> threading.Condition:
        """Held while a call is made out of promises that may begin meanwhile."""
        return self._changed

    def add(self, promise: Promise, wish: Wish, retries: int) -> None:
        """Enter a promise whose `call` is set. The lock is held."""
        batch = self._waiting.setdefault(wish, Batch())
        assert promise.call is not None
        batch.origin = batch.origin or promise.call.origin
        if retries:
            batch.retries[len(batch.promises)] = retries
        batch.promises.append(promise)
        if len(batch.promises) >= MOST_CALLS:
            self.flush()
        elif self._thread is None:
            self._thread = threading.Thread(target=self._live, name="chunkscope-submit", daemon=True)
            self._thread.start()
        elif len(batch.promises) == 1:
            self._changed.notify()

    def flush(self) -> None:
        """Begin all that waits."""
        with self._changed:
            waiting, self._waiting = self._waiting, {}
            for wish, batch in waiting.items():
                try:
                    self._begin(wish, batch)
                except Exception as error:  # nobody else would ever tell those who wait for these
                    for promise in batch.promises:
                        promise.block.fail(error)

    def close(self) -> None:
        """Forget what has not begun: its promises fail as cancelled. The thread ends."""
        with self._changed:
            self._closed = True
            waiting, self._waiting = self._waiting, {}
            self._changed.notify_all()
        for batch in waiting.values():
            for promise in batch.promises:
                promise.cancel("its cluster was closed")

    def _begin(self, wish: Wish, batch: Batch) -> None:
        promises = [promise for promise in batch.promises if not promise.cancelled]
        calls = [promise.call for promise in promises if promise.call is not None]
        if not calls:
            return
        graph, places = lower(tuple(calls))
        tasks = graph.slot_task[[int(place.reshape(-1)[0]) for place in places]].tolist()
        task_of = dict(zip(map(id, promises), tasks, strict=True))
        tries = {
            task_of[id(batch.promises[place])]: retries
            for place, retries in batch.retries.items()
            if id(batch.promises[place]) in task_of
        }
        executor = self._executor
        wanted = Wanted()
        todo = Order(
            graph,
            order(graph),
            [Keeper(promises, tasks, wanted)],
            [len(promises)],
            executor.name,
            executor.lanes(),
            label="submit" if len(calls) > 1 else promises[0].title,
            origin=batch.origin,
            faults=Faults(tries, wanted.gone),
            priority=wish.priority,
            depth=wish.depth,
            group="futures",
            start=executor.start,
            profile=config.get("profile_interval"),
        )
        with within(wish.tags):
            run = enter(todo)
        wanted.of(run)
        for promise, task in zip(promises, tasks, strict=True):
            promise.begin(run, task)
        for tell in list(self.on_begin):
            tell(promises)
        if wish.resources:
            self._hold(run, wish, tasks, promises)
        with outside_task():  # whoever began it: it runs where there is room
            launch(run, todo)

    def _live(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._closed:
                    self._changed.wait(IDLE_S)
                if not self._waiting or self._closed:
                    self._thread = None
                    return
            threading.Event().wait(MOMENT_S)
            self.flush()
