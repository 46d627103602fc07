"""`Client.get_executor`: a cluster as an executor of `concurrent.futures`."""

from __future__ import annotations

import concurrent.futures
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError

if TYPE_CHECKING:
    from chunkscope.futures.client import Client
    from chunkscope.futures.future import Future

__all__ = ["ClientExecutor"]

OPTIONS = ("workers", "resources", "retries", "priority", "fifo_timeout", "allow_other_workers", "pure")


class ClientExecutor(concurrent.futures.Executor):
    """Calls run on the cluster of a client; its options are those of `Client.submit`. Calls are not taken for pure.

    >>> from chunkscope import Client
    >>> with Client(processes=False, n_workers=1) as client, client.get_executor() as executor:
    ...     executor.submit(abs, -1).result(), list(executor.map(abs, [-2, -3]))
    (1, [2, 3])
    """

    def __init__(self, client: Client, **options: Any) -> None:
        if unknown := set(options) - set(OPTIONS):
            raise ConfigError(
                f"get_executor takes no {', '.join(sorted(unknown))}; it takes {', '.join(OPTIONS)}"
            )
        self._client = client
        self._options = {"pure": False, **options}
        self._lock = threading.Lock()
        self._shut = False
        self._going: weakref.WeakSet[Future] = weakref.WeakSet()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        """Have `fn(*args, **kwargs)` run on the cluster."""
        with self._lock:
            if self._shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
        future = self._client.submit(fn, *args, **{**kwargs, **self._options})
        self._going.add(future)
        return _Proxy(future)

    def map(
        self,
        fn: Callable[..., Any],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        **options: Any,
    ) -> Iterator[Any]:
        """The results for the items of the iterables side by side, in order. Raises TimeoutError after `timeout`."""
        futures = self._client.map(fn, *iterables, **{**self._options, **options})
        self._going.update(futures)
        until = None if timeout is None else time.monotonic() + timeout

        def results() -> Iterator[Any]:
            try:
                for future in futures:
                    yield future.result(None if until is None else max(0.0, until - time.monotonic()))
            finally:
                for future in futures:
                    if not future.done():
                        future.cancel()

        return results()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls; `wait` for those that there are. The client stays open."""
        with self._lock:
            self._shut = True
        for future in list(self._going):
            if cancel_futures and not future.done():
                future.cancel()
            elif wait:
                future.wait()


class _Proxy(concurrent.futures.Future[Any]):
    """The state of a future of ours, as the standard library has it."""

    def __init__(self, future: Future) -> None:
        super().__init__()
        self._future: Future | None = future
        self.set_running_or_notify_cancel()
        future.add_done_callback(self._settle)
        future.client.begin()

    def _settle(self, future: Future) -> None:
        if self.done():
            return
        error = future.exception()
        if error is None:
            self.set_result(future.result())
        else:
            self.set_exception(error)

    def cancel(self) -> bool:
        """Start it no more. True if it had not ended."""
        future = self._future
        if future is None or self.done():
            return False
        future.cancel()
        return True

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self._future is not None and self._future.cancelled()
