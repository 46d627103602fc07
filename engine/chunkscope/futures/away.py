"""A cluster of another process: what a client needs of it, asked over a line.

A `Client` is the same everywhere. Here are the desk that takes its calls and the cluster that it looks at, where those
are in the process that made the cluster, and the client in a second one that has joined, or in a task.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

from chunkscope import config
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.executors.door.abroad import Abroad
from chunkscope.executors.door.line import join
from chunkscope.futures.actors import AwayResidence
from chunkscope.futures.away_promise import TOPIC, AwayPromise
from chunkscope.futures.gathering import futures_in
from chunkscope.futures.outbox import Outbox, Sent
from chunkscope.futures.promise import Promise
from chunkscope.futures.submission import check_callable
from chunkscope.observe.viewers import attach_live

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chunkscope.executors.door.line import Line
    from chunkscope.futures.batching import Wish
    from chunkscope.types import Origin

__all__ = ["KINDS", "AwayCluster", "AwayDesk"]

KINDS: Mapping[str, Callable[..., Any]] = {"promise": AwayPromise, "actor": AwayResidence}
"""What stands for things of the owner, for a `Line`."""


class AwayDesk:
    """Hands the calls of one client to the owner: equal pure calls of all clients share one result there."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._outbox = Outbox(line)
        self._ours: weakref.WeakValueDictionary[str, Promise] = weakref.WeakValueDictionary()

    @property
    def known(self) -> dict[str, Promise]:
        """The promises that somebody wants, by key, those of other clients too."""
        found: dict[str, Promise] = {promise.key: promise for promise in self._ask("known")}
        return {**self._ours, **found}

    def find(self, key: str) -> Promise | None:
        """The promise of this key, or None."""
        found: Promise | None = self._ours.get(key) or self._ask("find", key)
        return found

    def keep(self, promise: Promise) -> Promise:
        """Enter a promise whose value comes from here; gives the one to use."""
        if promise.block.done and not promise.block.failed:
            found: Promise = self._ask("keep", promise)
            return found
        self._ours[promise.key] = promise
        return promise

    def take(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        *,
        key: str | None,
        pure: bool,
        wish: Wish,
        retries: int,
        origin: Origin | None,
    ) -> Promise:
        """The promise of `function(*args, **kwargs)`, which is on its way to the owner.

        Where it cannot be sent, or not be read there, the promise says so.
        """
        check_callable(function)
        if any(future.promise.waits for future in futures_in([args, kwargs])):
            self.flush()
        return self._outbox.add(Sent(function, args, dict(kwargs), key, (pure, wish, retries, origin)))

    def take_rows(
        self,
        function: Callable[..., Any],
        rows: Iterable[tuple[Any, ...]],
        kwargs: Mapping[str, Any],
        *,
        keys: Iterable[str | None],
        pure: bool,
        wish: Wish,
        retries: int,
        origin: Origin | None,
    ) -> list[Promise]:
        """The promises of `function(*row, **kwargs)` for all rows, in one message."""
        check_callable(function)
        called = list(zip(rows, keys, strict=False))
        options = (pure, wish, retries, origin)
        found: list[Promise] = self._ask("take", function, called, dict(kwargs), options)
        return found

    def again(self, promises: Sequence[Promise]) -> None:
        """Make these results again where they have failed, with the failed ones that they need."""
        self._ask("again", list(promises))  # the answer tells the promises of their new blocks
        for promise in promises:
            if isinstance(promise, AwayPromise):
                promise.renew()

    def flush(self) -> None:
        """Have the owner know all calls, who begins them."""
        self._outbox.flush()

    def _ask(self, method: str, *args: Any) -> Any:
        self._outbox.flush()
        return self._line(TOPIC, (method, args))


class AwayCluster:
    """The cluster of another process. What is not here is asked there, by its name.

    What needs waiting, such as `restart`, waits for the owner. What tasks print appears where the cluster was made, and
    is in the logs of runs that were sent from here.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.desk = AwayDesk(line)
        self._kinds: dict[str, str] = {}
        self.executor = Abroad(line, self._lanes).executor
        """Where collections are computed: in the owner's cluster."""

    @classmethod
    def at(cls, address: str) -> AwayCluster:
        """Join the cluster at an address. Raises ClusterError that says why it cannot be joined."""
        found = cls(join(address, KINDS))
        if config.get("viewers"):
            attach_live()
        found.line.on_end.append(lambda error: CLUSTERS.tell())
        CLUSTERS.join(found)
        return found

    @property
    def scheduler_address(self) -> str:
        """By which it was joined."""
        return self.line.address

    @property
    def status(self) -> str:
        """Whether it can be used: "running" or "closed"."""
        return "closed" if self.line.closed else "running"

    def keep(self, value: Any) -> Any:
        """`value`: the owner stores it when the desk hands it over."""
        return value

    def close(self, timeout: Any = None) -> None:
        """Leave it. The cluster goes on; what only this process wanted of it goes."""
        self.line.close()

    def _lanes(self) -> int:
        return int(self.line(TOPIC, ("look", ("lanes",)))[1])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return looked_up(self.line, name, self._kinds)

    @property
    def summary(self) -> str:
        """Workers, threads and memory in words."""
        return self.status if self.line.closed else str(looked_up(self.line, "summary", self._kinds))

    def describe(self) -> str:
        """The cluster in lines of text."""
        from chunkscope.futures.display import describe_cluster

        return describe_cluster(self)

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import cluster_html

        return cluster_html(self)

    def __repr__(self) -> str:
        return f"AwayCluster({self.summary})"


def looked_up(line: Line, path: str, kinds: dict[str, str]) -> Any:
    """What the owner's cluster has under this name: data, a method to be called there, a dictionary, a part of it.

    Raises ClusterError where the line has ended.
    """
    line.check()
    kind, value = (kinds[path], None) if path in kinds else line(TOPIC, ("look", (path,)))
    if kind == "data":
        return value
    kinds[path] = kind
    if kind == "method":
        return lambda *args, **kwargs: line(TOPIC, ("do", (path, args, kwargs)))
    return _Dictionary(line, path) if kind == "dictionary" else _Part(line, path, kinds)


class _Part:
    """Something that the owner's cluster is made of."""

    def __init__(self, line: Line, path: str, kinds: dict[str, str]) -> None:
        self._line, self._path, self._kinds = line, path, kinds

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return looked_up(self._line, f"{self._path}.{name}", self._kinds)

    def __repr__(self) -> str:
        return f"<{self._path} of the cluster at {self._line.address}>"


class _Dictionary(MutableMapping[str, Any]):
    """A dictionary of the owner's cluster: what is put in is there for all."""

    def __init__(self, line: Line, path: str) -> None:
        self._line, self._path = line, path

    def _do(self, method: str, *args: Any) -> Any:
        return self._line(TOPIC, ("do", (f"{self._path}.{method}", args, {})))

    def __getitem__(self, name: str) -> Any:
        return self._do("__getitem__", name)

    def __setitem__(self, name: str, value: Any) -> None:
        self._do("__setitem__", name, value)

    def __delitem__(self, name: str) -> None:
        self._do("__delitem__", name)

    def __contains__(self, name: object) -> bool:
        return bool(self._do("__contains__", name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._line(TOPIC, ("names", (self._path,))))

    def __len__(self) -> int:
        return int(self._do("__len__"))

    def __repr__(self) -> str:
        return repr(dict(self))
