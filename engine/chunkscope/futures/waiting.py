"""Waiting for several futures: all, the first, or each as it comes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
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
    awaited: list[Any] = [*(future.promise for future in futures), *blocks]
    enough = 1 if return_when == FIRST_COMPLETED and awaited else len(awaited)
    ready = threading.Semaphore(0)
    for one in awaited:
        one.when_done(ready.release)
    until = None if timeout is None else time.monotonic() + parse_seconds(timeout)
    with away():
        for _ in range(enough):
            left = None if until is None else max(0.0, until - time.monotonic())
            if not ready.acquire(timeout=left):
                count = sum(not future.done() for future in futures) + sum(not block.done for block in blocks)
                what = "futures" if not blocks else "chunks" if not futures else "futures and chunks"
                raise TimeoutError(
                    f"{count} of {len(awaited)} {what} are not done after {timeout}; they go on"
                )
    done = {future for future in futures if future.done()}
    return DoneAndNotDone(done, set(futures) - done)


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
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._left = 0
        self._lock = threading.Lock()
        self.with_results = with_results
        self.raise_errors = raise_errors
        self._until = None if timeout is None else time.monotonic() + parse_seconds(timeout)
        self.update(futures or ())

    def add(self, future: Future) -> None:
        """Give this one too when it is done."""
        self.update([future])

    def update(self, futures: Iterable[Future]) -> None:
        """Give these too when they are done."""
        awaited = _awaited(list(futures))
        with self._lock:
            self._left += len(awaited)
        for future in awaited:
            future.promise.when_done(lambda future=future: self._done.put(future))  # type: ignore[misc]

    def count(self) -> int:
        """How many are still to be given."""
        return self._left

    def is_empty(self) -> bool:
        """Whether all have been given."""
        return self._left == 0

    def has_ready(self) -> bool:
        """Whether one is done and was not given."""
        return not self._done.empty()

    def clear(self) -> None:
        """Forget those that were not given."""
        with self._lock:
            self._left, self._done = 0, queue.SimpleQueue()

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

    def __aiter__(self) -> as_completed:
        return self

    async def __anext__(self) -> Any:
        if self.is_empty():
            raise StopAsyncIteration
        return await in_thread(self.__next__)

    def __next__(self) -> Any:
        with self._lock:
            if not self._left:
                raise StopIteration
        left = None if self._until is None else max(0.0, self._until - time.monotonic())
        try:
            with away():
                future = self._done.get(timeout=left)
        except queue.Empty:
            raise TimeoutError(f"{self._left} futures are not done in time; they go on") from None
        with self._lock:
            self._left -= 1
        return self._shown(future)

    def next(self) -> Any:
        """The next one that is done; waits for it. Raises StopIteration where all have been given."""
        return self.__next__()

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
