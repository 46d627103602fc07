"""Waiting for several futures: all, the first, or each as it comes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from chunkscope.errors import ConfigError
from chunkscope.executors import away
from chunkscope.futures.asynchronous import in_loop, in_thread
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import blocks_in, futures_in
from chunkscope.units import parse_seconds

__all__ = ["ALL_COMPLETED", "FIRST_COMPLETED", "DoneAndNotDone", "as_completed", "fire_and_forget", "wait"]

ALL_COMPLETED = "ALL_COMPLETED"
FIRST_COMPLETED = "FIRST_COMPLETED"


class DoneAndNotDone(NamedTuple):
    """What `wait` found."""

    done: set[Future]
    not_done: set[Future]


def wait(fs: Any, timeout: float | str | None = None, return_when: str = ALL_COMPLETED) -> DoneAndNotDone:
    """Wait until all futures and persisted chunks in `fs` are done, or the first with `return_when="FIRST_COMPLETED"`.

    Returns the futures among them; to be awaited where their client is asynchronous. Raises TimeoutError after
    `timeout` (seconds, or '5s').

    >>> from chunkscope.futures import Client, wait
    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     len(wait(client.map(abs, [-1, -2])).done)
    2
    """
    if in_loop() and any(future.client.asynchronous for future in futures_in(fs)):
        return in_thread(partial(wait, fs, timeout, return_when))  # type: ignore[return-value]
    if return_when not in (ALL_COMPLETED, FIRST_COMPLETED):
        raise ConfigError(
            f"return_when={return_when!r} is not known; use 'ALL_COMPLETED' or 'FIRST_COMPLETED'"
        )
    blocks = blocks_in(fs)
    futures = futures_in(fs) if blocks else _awaited(fs)
    _begin(futures)
    awaited: list[Any] = [*(future.promise.block for future in futures), *blocks]
    left = _time_left(timeout)
    with away():
        if return_when == FIRST_COMPLETED:
            in_time = not awaited or _first(awaited, left())
        else:  # one after the other leaves nothing behind at those that go on
            in_time = all(block.wait(left()) for block in awaited)
    if not in_time:
        count = sum(not block.done for block in awaited)
        what = "futures" if not blocks else "chunks" if not futures else "futures and chunks"
        raise TimeoutError(f"{count} of {len(awaited)} {what} are not done after {timeout}; they go on")
    done = {future for future in futures if future.done()}
    return DoneAndNotDone(done, set(futures) - done)


def _first(blocks: list[Any], seconds: float | None) -> bool:
    """Wait until one of the blocks is done; False where the time ran out first."""
    done = threading.Event()
    for block in blocks:
        block.when_done(done.set)
    return done.wait(seconds)


def _time_left(timeout: float | str | None) -> Callable[[], float | None]:
    """A function that says how many seconds are left from now on; None: for ever."""
    if timeout is None:
        return lambda: None
    until = time.monotonic() + parse_seconds(timeout)
    return lambda: max(0.0, until - time.monotonic())


class as_completed:
    """The futures one by one as they are done, those that are added meanwhile too.

    with_results: pairs of future and result; raise_errors: whether an error is raised then, or given as the result.
    In an event loop: `async for`.

    >>> from chunkscope.futures import Client, as_completed
    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     sorted(future.result() for future in as_completed(client.map(abs, [-1, -2])))
    [1, 2]
    """

    def __init__(
        self,
        futures: Iterable[Future] | None = None,
        loop: Any = None,
        with_results: bool = False,
        raise_errors: bool = True,
        *,
        timeout: float | str | None = None,
    ) -> None:
        self._changed = threading.Condition()
        self._done: deque[Future] = deque()
        self._left = 0
        self._round = 0
        self._waiting = 0
        self._loops: set[Callable[[], None]] = set()
        self.with_results = with_results
        self.raise_errors = raise_errors
        self._time_left = _time_left(timeout)
        self.update(futures or ())

    def add(self, future: Future) -> None:
        """Give this one too when it is done."""
        self.update([future])

    def update(self, futures: Iterable[Future]) -> None:
        """Give these too when they are done."""
        awaited = _awaited(list(futures))
        with self._changed:
            self._left += len(awaited)
            now = self._round
        for future in awaited:
            future.promise.when_done(partial(self._arrived, future, now))

    def _arrived(self, future: Future, asked: int) -> None:
        """It is done. Of what was asked for before `clear` nobody is told."""
        with self._changed:
            if asked == self._round:
                self._done.append(future)
                self._tell()

    def _tell(self) -> None:
        """Whoever waits looks again. The condition is held."""
        if self._waiting:
            self._changed.notify_all()
        for tell in self._loops:
            tell()

    def _take(self) -> Future:
        """One that is done, to be given now. There is one, and the condition is held."""
        self._left -= 1
        if not self._left:
            self._tell()  # who waits beside this one waits for nothing
        return self._done.popleft()

    def count(self) -> int:
        """How many are still to be given."""
        return self._left

    def is_empty(self) -> bool:
        """Whether all have been given."""
        return self._left == 0

    def has_ready(self) -> bool:
        """Whether one is done and was not given."""
        return bool(self._done)

    def clear(self) -> None:
        """Forget those that were not given."""
        with self._changed:
            self._left = 0
            self._round += 1
            self._done.clear()
            self._tell()

    def next_batch(self, block: bool = True) -> list[Any]:
        """Those that are done now; with `block`, at least one."""
        found = [next(self)] if block and not self.is_empty() else []
        while self.has_ready():
            found.append(next(self))
        return found

    def batches(self) -> Iterator[list[Any]]:
        """Lists of those that came together."""
        while not self.is_empty():
            yield self.next_batch()

    def __iter__(self) -> as_completed:
        return self

    def __next__(self) -> Any:
        with away(), self._changed:
            while not self._done:
                if not self._left:
                    raise StopIteration
                self._waiting += 1
                try:
                    in_time = self._changed.wait(self._time_left())
                finally:
                    self._waiting -= 1
                if not in_time and not self._done:
                    raise self._too_late()
            future = self._take()
        return self._shown(future)

    def next(self) -> Any:
        """The next one that is done; waits for it. Raises StopIteration where all have been given."""
        return self.__next__()

    def __aiter__(self) -> as_completed:
        return self

    async def __anext__(self) -> Any:
        import asyncio

        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(woken.set)

        with self._changed:
            self._loops.add(tell)
        try:
            while not (future := self._ready()):
                try:
                    await asyncio.wait_for(woken.wait(), self._time_left())
                except TimeoutError:
                    raise self._too_late() from None
                woken.clear()
        finally:
            with self._changed:
                self._loops.discard(tell)
        if not self.with_results:
            return future
        shown = in_thread(partial(self._shown, future))
        try:
            return await shown
        finally:
            if shown.cancelled():  # the next who asks has it
                with self._changed:
                    self._left += 1
                    self._done.appendleft(future)
                    self._tell()

    def _ready(self) -> Future | None:
        """One that is done, to be given now; None where none is. Raises StopAsyncIteration where none is to come."""
        with self._changed:
            if self._done:
                return self._take()
            if not self._left:
                raise StopAsyncIteration
            return None

    def _too_late(self) -> TimeoutError:
        return TimeoutError(f"{self._left} futures are not done in time; they go on")

    def _shown(self, future: Future) -> Any:
        if not self.with_results:
            return future
        error = future.exception()
        if error is not None and self.raise_errors:
            raise error
        return future, future.result() if error is None else error


def fire_and_forget(obj: Any) -> None:
    """Have these futures run to their end although nobody keeps them."""
    for future in _awaited(obj):
        future.promise.when_done(_nothing)


def _awaited(fs: Any) -> list[Future]:
    """The futures in `fs`, begun. Raises ConfigError for what holds none."""
    found = futures_in(fs)
    if not found and not isinstance(fs, list | tuple | set | frozenset | dict):
        raise ConfigError(
            f"there is nothing to wait for in {type(fs).__name__}: give a future, a persisted collection, or a list"
        )
    _begin(found)
    return found


def _begin(futures: list[Future]) -> None:
    """Have those that wait for company start."""
    for client in {future.client for future in futures}:
        client.begin()


def _nothing() -> None:
    """What is to be done once a forgotten call has ended."""
