"""`Client`: submits calls, gathers results, runs collections on a cluster while it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from types import TracebackType
from typing import Any, Self

from chunkscope.compute.making import runs_of
from chunkscope.errors import ConfigError
from chunkscope.executors.cluster import home
from chunkscope.executors.opened import OPENED
from chunkscope.executors.place import depth
from chunkscope.futures.actors import Making
from chunkscope.futures.asynchronous import Loops, offloaded
from chunkscope.futures.awaiting import plain
from chunkscope.futures.away import AwayCluster
from chunkscope.futures.batching import Wish
from chunkscope.futures.closing import Closing
from chunkscope.futures.cluster import LocalCluster
from chunkscope.futures.collections import Collections
from chunkscope.futures.current import default_client, enter, leave, newest
from chunkscope.futures.data import Data
from chunkscope.futures.datasets import Datasets
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import blocks_in, futures_in
from chunkscope.futures.history import History
from chunkscope.futures.inspection import Inspection
from chunkscope.futures.joining import address_in, joined
from chunkscope.futures.meeting import TOPIC, perform
from chunkscope.futures.on_workers import OnWorkers
from chunkscope.futures.pool_executor import ClientExecutor
from chunkscope.futures.recreating import Recreating
from chunkscope.futures.snapshot import as_now, named_as_now
from chunkscope.futures.topics import TOPIC as EVENTS
from chunkscope.futures.topics import Topics, hear
from chunkscope.futures.unoffered import refuse, refuse_client_options
from chunkscope.futures.workforce import Workforce
from chunkscope.observe.spans import spans
from chunkscope.types import Origin

__all__ = ["Client"]


class Client(
    Data, Collections, Datasets, Inspection, History, OnWorkers, Workforce, Topics, Recreating, Loops
):
    """A door to a cluster: while it is open, collections that are computed run there, and calls can be submitted.

    Client() makes a LocalCluster of its own with the keywords that are left (`n_workers`, `threads_per_worker`,
    `memory_limit`, `processes`, `resources`), and closes it with itself; Client(cluster) uses one that is there.
    It ends with `close`, the end of a `with` block, or when nobody has it any more, nor a future of it.

    asynchronous: used inside an event loop, where what would wait gives something to `await`.

    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     squares = client.map(lambda x: x**2, range(4))
    ...     client.gather(squares), client.submit(sum, squares).result()
    ([0, 1, 4, 9], 14)
    """

    def __init__(
        self,
        address: Any = None,
        loop: Any = None,
        timeout: float | str | None = None,
        set_as_default: bool = True,
        scheduler_file: Any = None,
        asynchronous: bool = False,
        name: str | None = None,
        **options: Any,
    ) -> None:
        given = address
        if scheduler_file is not None and address is None:
            address = address_in(scheduler_file)
        options = refuse_client_options(options)
        if address is not None and options:
            raise ConfigError(
                f"Client(cluster) takes no {', '.join(options)}: say so where the cluster is made, LocalCluster(...)"
            )
        if isinstance(address, str):
            address = joined(address)
        if address is not None and not isinstance(address, LocalCluster | AwayCluster):
            raise ConfigError(
                f"cannot connect to {address!r}: give a LocalCluster, its address, or nothing for a cluster of its own"
            )
        self.asynchronous = asynchronous
        """Whether it is used inside an event loop: `await` what takes time then."""
        self.cluster: LocalCluster | AwayCluster = (
            LocalCluster(**options, asynchronous=asynchronous) if address is None else address
        )
        here = isinstance(self.cluster, LocalCluster)
        self._own = address is None or (given is not address and not here)
        self.name = name or f"client-{id(self):x}"
        self.timeout = timeout
        self._status = "running"
        home.handle(TOPIC, perform)
        home.handle(EVENTS, hear)
        self.desk = self.cluster.desk
        if isinstance(self.cluster, LocalCluster):
            self._closing = Closing(self, partial(self.cluster.plugins.client, self.name, False))
            self.cluster.plugins.client(self.name, True)
        else:
            self.cluster.line.client = self
            if self._own:
                self._closing = Closing(self, self.cluster.line.close)
        if set_as_default:
            self.set_as_default()

    # -- open and closed ---------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Its name."""
        return self.name

    @property
    def status(self) -> str:
        """Either "running" or "closed", as it is when its cluster is."""
        return "closed" if self.cluster.status == "closed" else self._status

    @property
    def scheduler_address(self) -> str:
        """How the scheduler is reached."""
        return self.cluster.scheduler_address

    @classmethod
    def current(cls, allow_global: bool = True) -> Client:
        """The client that is meant where none is named. Raises ConfigError where there is none."""
        return default_client()

    def set_as_default(self) -> None:
        """Be the client that is meant where none is named."""
        enter(self)
        OPENED.enter(self.cluster.executor, self)

    @contextmanager
    def as_current(self) -> Iterator[Self]:
        """This client as the one that is meant where none is named, for a `with` block that leaves it open."""
        before = newest()
        self.set_as_default()
        try:
            yield self
        finally:
            if before is None:
                leave(self)
                OPENED.leave(self.cluster.executor, self)
            elif before is not self:
                before.set_as_default()

    @offloaded
    def close(self, timeout: float | str | None = None) -> Any:
        """Cancel what has not begun, and close the cluster if it is this client's own. Twice is like once."""
        self._close()

    @offloaded
    def shutdown(self) -> Any:
        """Close the client, and its cluster, whoever made it."""
        self._close(whole=True)

    def _close(self, whole: bool = False) -> None:
        cluster = self.cluster
        if self._status != "closed":
            self._status = "closed"
            leave(self)
            if isinstance(cluster, LocalCluster):
                self._closing.close()
            OPENED.leave(cluster.executor, self)
        if self._own or whole:
            cluster.close(asynchronous=False) if isinstance(cluster, LocalCluster) else cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

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
        """Have `func(*args, **kwargs)` run on the cluster; returns its future at once. A coroutine function is awaited.

        Arguments may be futures and lazy values, also inside containers. Equal `pure` calls share one result; `key`
        names it. `retries`: how often to try again after an exception. `priority`: higher goes first.
        `resources`: what the call needs of the cluster's, such as {"licence": 1}. Cost: some ten microseconds.

        Lists, dicts, sets and arrays of up to 64 KiB are taken as they are now, and may be filled anew for the next
        call. What is larger, frames and objects of other classes must stay as they are until the call is done.
        """
        self.check_open()
        refuse("submit", workers=None if allow_other_workers else workers)
        func = plain(func)
        if actor or actors:
            func, pure = Making(func), False
        wish = Wish(
            float(priority), self.cluster.limits.check(resources) if resources else (), depth(), spans()
        )
        promise = self.desk.take(
            func,
            as_now(args),
            named_as_now(kwargs),
            key=key,
            pure=pure,
            wish=wish,
            retries=retries,
            origin=Origin.here(),
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
        refuse("map", workers=None if allow_other_workers else workers)
        func = plain(func)
        if actor or actors:
            func, pure = Making(func), False
        if not iterables:
            raise ConfigError("map needs something to map over: client.map(f, [1, 2, 3])")
        wish = Wish(
            float(priority), self.cluster.limits.check(resources) if resources else (), depth(), spans()
        )
        keys: Iterator[str | None]
        if isinstance(key, list):
            keys = iter(key)
        else:
            keys = repeat(None) if key is None else (f"{key}-{i}" for i in range(2**62))
        origin = Origin.here()
        rows = map(as_now, zip(*iterables, strict=False))
        promises = self.desk.take_rows(
            func, rows, named_as_now(kwargs), keys=keys, pure=pure, wish=wish, retries=retries, origin=origin
        )
        return [Future(promise, self) for promise in promises]

    def begin(self) -> None:
        """Start what was submitted and waits for company. Whoever waits for a result calls it."""
        self.desk.flush()

    @offloaded
    def retry(self, futures: Future | Iterable[Future], asynchronous: Any = None) -> Any:
        """Make the results of futures again that have failed, with whatever failed below them."""
        self.check_open()
        self.desk.again([future.promise for future in futures_in(futures)])

    @offloaded
    def cancel(
        self,
        futures: Any,
        asynchronous: Any = None,
        force: bool = False,
        reason: str | None = None,
        msg: str | None = None,
    ) -> Any:
        """Start these no more, nor what needs them; results that are there are let go.

        Of a persisted collection what is not there yet is not made, with all that was persisted in the same call.
        """
        for future in futures_in(futures):
            future.cancel(reason, msg, force)
        for run in runs_of(blocks_in(futures)):
            run.cancel()

    def get_executor(self, **options: Any) -> ClientExecutor:
        """The cluster as an executor of `concurrent.futures`; options as in `submit`."""
        self.check_open()
        return ClientExecutor(self, **options)

    # -- its parts ---------------------------------------------------------------------------------------------

    def check_open(self) -> None:
        """Raise ConfigError if this client is closed, or its cluster."""
        if self._status != "running":
            raise ConfigError("this client is closed; make another one: client = Client()")
        if self.cluster.status == "closed":
            why = getattr(self.cluster, "whose", "is closed")
            raise ConfigError(f"the cluster of this client {why}; make another one: client = Client()")

    def describe(self) -> str:
        """The client and its cluster in lines of text."""
        return f"client {self.name}: {self.status}\n{self.cluster.describe()}"

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import client_html

        return client_html(self)

    def __repr__(self) -> str:
        return "<Client: closed>" if self.status == "closed" else f"<Client: running, {self.cluster.summary}>"
