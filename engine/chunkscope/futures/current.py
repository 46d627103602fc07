"""The client that is meant where none is named: the newest one that is open in this process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from chunkscope.errors import ConfigError

if TYPE_CHECKING:
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster

__all__ = ["clients_of", "default_client", "enter", "leave", "newest"]

_lock = threading.Lock()
_open: list[Client] = []


def enter(client: Client) -> None:
    """Make `client` the newest."""
    with _lock:
        if client in _open:
            _open.remove(client)
        _open.append(client)


def leave(client: Client) -> None:
    """Forget `client`."""
    with _lock:
        if client in _open:
            _open.remove(client)


def newest() -> Client | None:
    """The newest open client, or None."""
    return _open[-1] if _open else None


def clients_of(cluster: LocalCluster) -> list[Client]:
    """The clients of a cluster that are open and were meant where none is named."""
    with _lock:
        return [client for client in _open if client.cluster is cluster]


def default_client(client: Client | None = None) -> Client:
    """`client`, or else the newest open one. Raises ConfigError where there is none."""
    if client is not None:
        return client
    with _lock:
        if not _open:
            raise ConfigError(
                "no client is open; make one: client = chunkscope.futures.Client(), or Client(processes=False)"
            )
        return _open[-1]
