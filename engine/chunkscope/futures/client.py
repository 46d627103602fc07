"""`Client`: submits calls, gathers results, runs collections on a cluster while it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import repeat
from types import TracebackType
from typing import Any, Self

from chunkscope.errors import ConfigError
from chunkscope.executors import Run
from chunkscope.executors.cluster import home
from chunkscope.executors.opened import OPENED
from chunkscope.futures import current
from chunkscope.futures.batching import Batches, Wish
from chunkscope.futures.cluster import LocalCluster
from chunkscope.futures.collections import Collections
from chunkscope.futures.data import Data
from chunkscope.futures.datasets import Datasets
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import futures_in
from chunkscope.futures.inspection import Inspection
from chunkscope.futures.limits import Limits
from chunkscope.futures.meeting import TOPIC, perform
from chunkscope.futures.promise import Promise
from chunkscope.futures.submission import Desk
from chunkscope.futures.unoffered import refuse
from chunkscope.types import Origin

__all__ = ["Client"]


class Client(Data, Collections, Datasets, Inspection):
    """A door to a cluster: while it is open, collections that are computed run there, and calls can be submitted.

    Client() makes a LocalCluster of its own with the keywords that are left (`n_workers`, `threads_per_worker`,
    `memory_limit`, `processes`, `resources`), and closes it with itself; Client(cluster) uses one that is there.
    Works as a context manager.

    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     squares = client.map(lambda x: x**2, range(4))
    ...     client.gather(squares), client.submit(sum, squares).result()
    ([0, 1, 4, 9], 14)
    """

    def __init__(
        self,
        address: Any = None,
        timeout: float | str | None = None,
        set_as_default: bool = True,
        name: str | None = None,
        asynchronous: bool = False,
        **options: Any,
    ) -> None:
        if address is not None and not isinstance(address, LocalCluster):
            raise ConfigError(
                f"cannot connect to {address!r}: give a LocalCluster, or nothing for a cluster of its own"
            )
        if address is not None and options:
            raise ConfigError(
                f"Client(cluster) takes no {', '.join(options)}: say so where the cluster is made, LocalCluster(...)"
            )
        self._own = address is None
        self.asynchronous = asynchronous
        """Whether it is used inside an event loop: `await` its futures then."""
        self.cluster: LocalCluster = LocalCluster(**options) if address is None else address
        self.name = name or f"client-{id(self):x}"
        self.timeout = timeout
        self.status = "running"
        home.handle(TOPIC, perform)
        self._limits = Limits(self.cluster.resources)
        self._batches = Batches(self.cluster.executor, self._hold)
        self.desk = Desk(self._batches)
        if set_as_default:
            self.set_as_default()

    # -- open and closed ---------------------------------------------------------------------------------------

    def set_as_default(self) -> None:
        """Be the client that is meant where none is named."""
        current.enter(self)
        OPENED.enter(self.cluster.executor)

    @contextmanager
    def as_current(self) -> Iterator[Self]:
        """This client as the one that is meant where none is named, for a `with` block that leaves it open."""
        before = current.newest()
        self.set_as_default()
        try:
            yield self
        finally:
            if before is None:
                current.leave(self)
                OPENED.leave(self.cluster.executor)
            elif before is not self:
                before.set_as_default()

    def close(self, timeout: float | str | None = None) -> None:
        """Cancel what has not begun, and close the cluster if it is this client's own. Twice is like once."""
        if self.status == "closed":
            return
        self.status = "closed"
        self._batches.close()
        current.leave(self)
        if self._own:
            self.cluster.close()
        OPENED.leave(self.cluster.executor)

    shutdown = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- calls ------------------------------------------------------------------------------------------------

    def submit(
        self,
        func: Callable[..., Any],
        *args: Any,
        key: str | None = None,
        workers: Any = None,
        resources: Mapping[str, float] | None = None,
        retries: int = 0,
        priority: float = 0,
        fifo_timeout: Any = "100ms",
        allow_other_workers: bool = False,
        actor: bool = False,
        actors: bool = False,
        pure: bool = True,
        **kwargs: Any,
    ) -> Future:
        """Have `func(*args, **kwargs)` run on the cluster; returns its future at once.

        Arguments may be futures and lazy values, also inside containers. Equal `pure` calls share one result; `key`
        names it. `retries`: how often to try again after an exception. `priority`: higher goes first.
        `resources`: what the call needs of the cluster's, such as {"licence": 1}. Cost: some ten microseconds.
        """
        self.check_open()
        refuse("submit", workers=workers, actor=actor, actors=actors)
        wish = Wish(float(priority), self._limits.check(resources) if resources else ())
        promise = self.desk.take(
            func, args, kwargs, key=key, pure=pure, wish=wish, retries=retries, origin=Origin.here()
        )
        return Future(promise, self)

    def map(
        self,
        func: Callable[..., Any],
        *iterables: Iterable[Any],
        key: str | list[str] | None = None,
        workers: Any = None,
        retries: int = 0,
        resources: Mapping[str, float] | None = None,
        priority: float = 0,
        allow_other_workers: bool = False,
        fifo_timeout: Any = "100ms",
        actor: bool = False,
        actors: bool = False,
        pure: bool = True,
        batch_size: int | None = None,
        **kwargs: Any,
    ) -> list[Future]:
        """The futures of `func(*items, **kwargs)` for the items of the iterables side by side, as the builtin `map`.

        key: a list of names, or the beginning of all of them. Other options as in `submit`. Calls begin in batches
        whatever `batch_size` says.
        """
        self.check_open()
        refuse("map", workers=workers, actor=actor, actors=actors)
        if not iterables:
            raise ConfigError("map needs something to map over: client.map(f, [1, 2, 3])")
        wish = Wish(float(priority), self._limits.check(resources) if resources else ())
        keys: Iterator[str | None]
        if isinstance(key, list):
            keys = iter(key)
        else:
            keys = repeat(None) if key is None else (f"{key}-{i}" for i in range(2**62))
        origin = Origin.here()
        take = self.desk.take
        return [
            Future(
                take(func, items, kwargs, key=name, pure=pure, wish=wish, retries=retries, origin=origin),
                self,
            )
            for items, name in zip(zip(*iterables, strict=False), keys, strict=False)
        ]

    def begin(self) -> None:
        """Start what was submitted and waits for company. Whoever waits for a result calls it."""
        self._batches.flush()

    def retry(self, futures: Future | Iterable[Future], asynchronous: Any = None) -> None:
        """Make the results of futures again that have failed, with whatever failed below them."""
        self.check_open()
        self.desk.again([future.promise for future in futures_in(futures)])

    def cancel(
        self,
        futures: Future | Iterable[Future],
        asynchronous: Any = None,
        force: bool = False,
        reason: str | None = None,
        msg: str | None = None,
    ) -> None:
        """Start these no more, nor what needs them."""
        for future in [futures] if isinstance(futures, Future) else futures:
            future.cancel()

    # -- its parts ---------------------------------------------------------------------------------------------

    def check_open(self) -> None:
        """Raise ConfigError if this client is closed."""
        if self.status != "running":
            raise ConfigError("this client is closed; make another one: client = Client()")

    def _hold(self, run: Run, wish: Wish, tasks: Sequence[int], promises: Sequence[Promise]) -> None:
        self._limits.hold(run, wish.resources, tasks, promises)

    def describe(self) -> str:
        """The client and its cluster in lines of text."""
        return f"client {self.name}: {self.status}\n{self.cluster.describe()}"

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import client_html

        return client_html(self)

    def __repr__(self) -> str:
        return f"<Client: {self.status}, {self.cluster.summary}>"
