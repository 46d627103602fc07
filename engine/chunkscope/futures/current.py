"""The client that is meant where none is named: the newest one that is open in this process. Held weakly."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.executors.cluster import home

if TYPE_CHECKING:
    from chunkscope.futures.away import AwayCluster
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster

__all__ = ["clients_of", "default_client", "enter", "forget_in_child", "leave", "line_of", "newest", "opened"]

_lock = threading.RLock()
_open: list[weakref.ref[Client]] = []


def opened() -> list[Client]:
    """The clients that are open and were meant where none is named, the newest last."""
    return [client for found in list(_open) if (client := found()) is not None]


def enter(client: Client) -> None:
    """Make `client` the newest."""
    with _lock:
        _open[:] = [*_others(client), weakref.ref(client)]


def leave(client: Client) -> None:
    """Forget `client`."""
    with _lock:
        _open[:] = _others(client)


def forget_in_child() -> None:
    """After a fork, in the child: all are the parent's."""
    global _lock
    _lock = threading.RLock()
    _open.clear()


def _others(client: Client) -> list[weakref.ref[Client]]:
    return [found for found in _open if found() not in (client, None)]


def newest() -> Client | None:
    """The newest open client, or None."""
    return next(reversed(opened()), None)


def clients_of(cluster: LocalCluster | AwayCluster) -> list[Client]:
    """The clients of a cluster that are open and were meant where none is named."""
    return [client for client in opened() if client.cluster is cluster]


def default_client(c: Client | None = None) -> Client:
    """The client `c`, or else the newest open one. Raises ConfigError where there is none."""
    if c is not None:
        return c
    found = newest()
    if found is None:
        raise ConfigError(
            "no client is open; make one: client = chunkscope.futures.Client(), or Client(processes=False)"
        )
    return found


def line_of(client: Any = None) -> Callable[[str, Any], Any] | None:
    """How to ask the process that made the cluster of `client`, or of the newest one; None where it is this one."""
    if client is None and home.in_worker():
        return home.call
    found = newest() if client is None else client
    line: Callable[[str, Any], Any] | None = getattr(getattr(found, "cluster", None), "line", None)
    return line
