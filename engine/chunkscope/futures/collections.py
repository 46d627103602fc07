"""Collections on a cluster: what a client can do with arrays, tables and delayed values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import isawaitable
from typing import Any

from chunkscope.compute import is_collection, persist, start
from chunkscope.executors.drive import outside_task
from chunkscope.futures.asynchronous import first, offloaded
from chunkscope.futures.future import Future
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.promise import Promise
from chunkscope.futures.unoffered import refuse
from chunkscope.tokens import unique_token

__all__ = ["Collections"]


class Collections(ClientParts):
    """The methods of a client that run collections."""

    def compute(
        self,
        collections: Any,
        sync: bool = False,
        optimize_graph: bool = True,
        workers: Any = None,
        allow_other_workers: bool = False,
        resources: Any = None,
        retries: int = 0,
        priority: float = 0,
        fifo_timeout: Any = "60s",
        actors: Any = None,
        traverse: bool = True,
        **options: Any,
    ) -> Any:
        """The futures of collections, computed together, at once; with `sync`, their values.

        Gives one future for one collection, and a list for a list; other values come back as they are.
        """
        self.check_open()
        refuse("compute", workers=workers, resources=resources, retries=retries, actors=actors, **options)
        single = not isinstance(collections, list | tuple | set | frozenset)
        values = [collections] if single else list(collections)
        lazy = [value for value in values if is_collection(value) and not isinstance(value, Future)]
        promises = [Promise(unique_token(type(value).__name__), type(value).__name__) for value in lazy]
        if lazy:
            with outside_task():  # a task that asks for it does not do it itself
                started = start(
                    lazy,
                    [promise.block for promise in promises],
                    executor=self.cluster.executor,
                    optimize_graph=optimize_graph,
                    priority=float(priority),
                )
            for promise in promises:
                promise.begin(started)
                self.desk.keep(promise)
        made = iter(promises)
        futures = [
            Future(next(made), self) if is_collection(value) and not isinstance(value, Future) else value
            for value in values
        ]
        if not sync:
            return futures[0] if single else futures
        found = self.gather(futures)
        if isawaitable(found):
            return first(found) if single else found
        return found[0] if single else found

    def persist(
        self,
        collections: Any,
        optimize_graph: bool = True,
        workers: Any = None,
        allow_other_workers: bool = False,
        resources: Any = None,
        retries: int = 0,
        priority: float = 0,
        fifo_timeout: Any = "60s",
        actors: Any = None,
        **options: Any,
    ) -> Any:
        """The same collections over blocks that are being made on this cluster; returns at once."""
        self.check_open()
        refuse("persist", workers=workers, resources=resources, retries=retries, actors=actors, **options)
        single = not isinstance(collections, list | tuple | set | frozenset)
        values = [collections] if single else list(collections)
        with outside_task(), self.as_current():
            kept = list(persist(*values, optimize_graph=optimize_graph))
        return kept[0] if single else kept

    def normalize_collection(self, collection: Any) -> Any:
        """The collection itself: what is stored already is found by its own expression."""
        return collection

    @offloaded
    def get(
        self,
        dsk: dict[Any, Any],
        keys: Any,
        workers: Any = None,
        allow_other_workers: bool = False,
        resources: Mapping[str, float] | None = None,
        sync: bool = True,
        asynchronous: bool | None = None,
        direct: bool | None = None,
        retries: int | None = None,
        priority: float = 0,
        fifo_timeout: Any = "60s",
        actors: Any = None,
        **options: Any,
    ) -> Any:
        """The values of `keys` of a graph that is written as a dictionary; with `sync=False` their futures.

        A value is a key, a tuple `(function, *arguments)` whose arguments may be keys, or data. Other options as in
        `submit`, for each of its tasks.

        >>> from chunkscope.futures import Client
        >>> with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
        ...     client.get({"x": 1, "y": (abs, "x"), "z": (sum, ["x", "y"])}, ["z", "y"])
        [2, 1]
        """
        self.check_open()
        refuse("get", workers=None if allow_other_workers else workers, actors=actors, **options)
        terms = {"resources": resources, "retries": retries or 0, "priority": priority, "pure": False}
        made: dict[Any, Any] = {}

        def value(key: Any) -> Any:
            if key not in made:
                made[key] = task(dsk[key])
            return made[key]

        def known(item: Any) -> bool:
            try:
                return item in dsk
            except TypeError:
                return False

        def task(item: Any) -> Any:
            if isinstance(item, tuple) and item and callable(item[0]):
                function: Callable[..., Any] = item[0]
                return self.submit(function, *map(task, item[1:]), **terms)
            if known(item):
                return value(item)
            if isinstance(item, list):
                return [task(part) for part in item]
            return item

        def asked(wanted: Any) -> Any:
            return [asked(key) for key in wanted] if isinstance(wanted, list) else value(wanted)

        found = asked(keys)
        return self.gather(found, asynchronous=False) if sync else found
