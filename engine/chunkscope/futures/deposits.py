"""Futures in queues and variables: their results are kept, their clients are not."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from chunkscope.futures.current import clients_of
from chunkscope.futures.future import Future
from chunkscope.futures.parts import ClientParts

__all__ = ["Deposit", "deposited", "withdrawn"]


class Deposit:
    """A future that waits in a queue or a variable: its result lives as long as that does, its cluster need not."""

    __slots__ = ("_client", "_cluster", "_promise")

    def __init__(self, future: Future) -> None:
        self._promise = future.promise
        self._client = weakref.ref(future.client)
        self._cluster = weakref.ref(future.client.cluster)

    def future(self) -> Future:
        """The future again, of its own client, or of another one of its cluster where that is gone."""
        return Future(self._promise, self._reader())

    def _reader(self) -> ClientParts | None:
        from chunkscope.futures.client import Client

        client, cluster = self._client(), self._cluster()
        if (
            cluster is None
            or cluster.status == "closed"
            or (client is not None and client.status != "closed")
        ):
            return client
        known = clients_of(cluster)
        return known[-1] if known else Client(cluster, set_as_default=False)


def deposited(value: Any) -> Any:
    """`value` with a deposit in the place of each future in it, also in containers."""
    return _with(value, Future, Deposit)


def withdrawn(value: Any) -> Any:
    """`value` with its futures back."""
    return _with(value, Deposit, Deposit.future)


def _with(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, kind):
        return change(value)
    if type(value) is dict:
        return {key: _with(part, kind, change) for key, part in value.items()}
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_with(part, kind, change) for part in value)
    return value
