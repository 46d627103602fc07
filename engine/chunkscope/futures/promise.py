"""The place of one result: what several futures with the same key share."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from chunkscope.blocks import StoredBlock
from chunkscope.blocks.passing import passed
from chunkscope.errors import RunCancelled
from chunkscope.executors.wanted import Wanted, all_there
from chunkscope.expr import Expr, Slots
from chunkscope.expr.stored import fetch
from chunkscope.graph import Layer, Strategy
from chunkscope.tokens import unique_token

if TYPE_CHECKING:
    from chunkscope.delayed.call import Call
    from chunkscope.executors import Run
    from chunkscope.graph import GraphBuilder

__all__ = ["FutureCancelled", "Keeper", "Kept", "Promise"]


_awaited: set[Promise] = set()
"""Those that somebody is told of."""


class FutureCancelled(RunCancelled, CancelledError):
    """The result that was asked for was cancelled; also a `concurrent.futures.CancelledError`."""


class Kept(Expr):
    """The result of a promise as an expression of one block. Those of one graph are one layer."""

    __slots__ = ("promise",)

    op: ClassVar[str] = "future"
    grouped: ClassVar[bool] = True

    def __init__(self, promise: Promise) -> None:
        self.promise = promise

    def fields(self) -> tuple[Any, ...]:
        return ()

    def make_token(self) -> str:
        return unique_token("future")  # never that of one that is gone

    def lower(self, build: GraphBuilder, inputs: Sequence[tuple[Slots, ...]]) -> tuple[Slots, ...]:
        return (self.lower_group([self], build, lambda expr: 0).reshape(()),)

    @classmethod
    def lower_group(cls, nodes: Sequence[Expr], build: GraphBuilder, slot_of: Callable[[Expr], int]) -> Slots:
        """One layer that hands out the results of all `nodes`; the slot of each."""
        kept: Sequence[Kept] = nodes  # type: ignore[assignment]
        blocks = tuple(node.promise.block for node in kept)
        nbytes = np.array([block.nbytes for block in blocks], dtype=np.int64)
        layer = Layer("", cls.op, fetch(blocks), (len(blocks),), Strategy.STORED)
        return build.add(layer, nbytes=nbytes)[0]


class Promise:
    """A result that is asked for: not begun (`call`), on its way (`run`, `task`), there or failed (`block`).

    It lives as long as a future, a lazy value or another call that needs it; then its block goes, too.
    """

    __slots__ = (
        "__weakref__", "_leaf", "_run", "below", "block", "call", "cancelled", "group", "key", "made_by", "place",
        "retries", "task", "title",
    )  # fmt: skip

    def __init__(self, key: str, title: str, group: tuple[Any, ...] = ()) -> None:
        self.key = key
        self.title = title
        self.group = group
        self.block = StoredBlock()
        self.call: Call | None = None
        """The call, until its batch has begun."""
        self.made_by: Call | None = None
        """The call, until there is a result: to make it again."""
        self.below: dict[Call, weakref.ref[Promise]] | None = None
        """The calls among its inputs that are other promises', until there is a result."""
        self.retries = 0
        self.cancelled = False
        self.task = -1
        self.place: tuple[int, int] | None = None
        """The number of the run that makes it, and of the task."""
        self._run: weakref.ref[Run] | None = None
        self._leaf: Kept | None = None

    @property
    def expr(self) -> Expr:
        """The result as an expression of one block."""
        self._leaf = self._leaf or Kept(self)
        return self._leaf

    @property
    def waits(self) -> bool:
        """Whether it has not begun: it waits for company."""
        return self.call is not None

    def begin(self, run: Run, task: int = -1) -> None:
        """It is being made now: by task number `task` of `run`, or by the whole run."""
        self.made_by, self.call = self.call, None
        self._run, self.task = weakref.ref(run), task
        self.place = (run.log.number, task)

    def forget(self) -> None:
        """Be as if it had never been asked for: the next try has a fresh place for its result."""
        self.call, self.made_by = self.made_by, None
        self.block = StoredBlock()
        self.cancelled = False

    def of(self, value: Any) -> Promise:
        """A promise of this name whose result is there."""
        found = Promise(self.key, self.title)
        found.block.fill(value)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        facts = (self.key, self.title, self.block, self.cancelled)
        return passed(self, "promise", *facts) or (_sent, facts)

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call `callback` once there is a result or an error. Until then the promise is kept, whoever forgets it."""
        _awaited.add(self)

        def call() -> None:
            _awaited.discard(self)
            callback()

        self.block.when_done(call)

    @property
    def status(self) -> str:
        """One of "pending", "finished", "error", "cancelled" and "lost"."""
        if self.cancelled:
            return "cancelled"
        standing = self.block.standing
        return {"stored": "finished", "spilled": "finished", "failed": "error"}.get(standing, standing)

    def cancel(self, why: str = "") -> None:
        """Do not start it any more, nor what needs it. What is there already is dropped."""
        error = FutureCancelled(f"{self.key} was cancelled{why and f' ({why})'}; submit it again")
        self.cancelled = True
        run = None if self._run is None else self._run()
        if run is not None and not self.block.done:
            if self.task < 0:
                run.cancel()
            else:
                run.refuse([self.task], error)
        if self.block.done:
            self.block.release(error)
        else:
            self.block.fail(error)


def _sent(key: str, title: str, block: StoredBlock, cancelled: bool) -> Promise:
    """A promise from another process, by value."""
    promise = Promise(key, title)
    promise.block, promise.cancelled = block, cancelled
    return promise


class Keeper:
    """Takes the results of one batch into their places; those that nobody wants any more are let go."""

    keeps_packed = True

    def __init__(self, promises: Sequence[Promise], tasks: Sequence[int], wanted: Wanted) -> None:
        """`tasks`: which of the run gives the result of each."""
        pairs = zip(promises, tasks, strict=True)
        self._places = [wanted.ref(promise.block, task) for promise, task in pairs]
        self._promises = [weakref.ref(promise) for promise in promises]

    @property
    def complete(self) -> bool:
        """Whether all results are there."""
        return all_there(self._places)

    def put(self, position: int, block: Any) -> None:
        """Take result number `position`."""
        place = self._places[position]()
        if place is not None and not place.done:
            place.fill(block)
            promise = self._promises[position]()
            if promise is not None:
                promise.made_by = promise.below = None

    def fail_at(self, position: int, error: BaseException) -> None:
        """Result number `position` will never be there."""
        place = self._places[position]()
        if place is None or place.done:  # a result that is there stays, also where its run ends badly
            return
        promise = self._promises[position]()
        if promise is not None and isinstance(error, RunCancelled) and not isinstance(error, FutureCancelled):
            promise.cancelled = True
            error = FutureCancelled(
                f"{promise.key} was cancelled: {error}; submit it again where a cluster is open"
            )
        place.fail(error)

    def fail(self, error: BaseException) -> None:
        """There will be no more results."""
        for position in range(len(self._places)):
            self.fail_at(position, error)
