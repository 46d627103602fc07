"""The address of a cluster: how a second process of the same user joins it."""

from __future__ import annotations

import json
import os
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ClusterError, ConfigError
from chunkscope.executors.door.host import Door
from chunkscope.futures.away import AwayCluster
from chunkscope.futures.serving import serve

if TYPE_CHECKING:
    from chunkscope.executors.door.guest import Guest
    from chunkscope.futures.cluster import LocalCluster

__all__ = ["Doorway", "Joinable", "address_in", "joined"]


class Doorway:
    """The door of one cluster: opened when somebody asks for its address, closed with the cluster."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._door: Door | None = None
        self._closed = False

    @property
    def door(self) -> Door | None:
        """The door, where it is open."""
        return self._door

    def open(self, cluster: LocalCluster) -> Door:
        """The open door. Raises ClusterError where it cannot be opened, or the cluster is closed."""
        with self._lock:
            if self._closed:
                raise ClusterError("this cluster is closed; nobody can join it")
            if self._door is None:
                serve()
                self._door = Door(cluster.name, weakref.ref(cluster), _welcome)
            return self._door

    def close(self) -> None:
        """Close it: who has joined is told, and nothing is left in the file system."""
        with self._lock:
            self._closed = True
            if self._door is not None:
                self._door.close()


def _welcome(guest: Guest) -> None:
    from chunkscope.futures.client import Client

    guest.client = Client(guest.serves, set_as_default=False, name=guest.name)
    guest.owe("client", guest.client.close)


class Joinable:
    """What a cluster says of how it is joined."""

    name: str
    _doorway: Doorway

    @property
    def scheduler_address(self) -> str:
        """The address for a second process of yours, a script or another notebook: `Client("unix:///…/socket")` there.

        Reading it opens a Unix socket for as long as the cluster is open, in a directory that only you can read. There
        is no port, and nobody else can join: who does has to be your user, and to know the key beside the socket.

        >>> from chunkscope.futures import Client
        >>> with Client(processes=False, n_workers=1, threads_per_worker=1) as client:
        ...     client.cluster.scheduler_address.startswith("unix:///")
        True
        """
        return self._doorway.open(self).address  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """How it is reached now: from inside this process only, `inproc://…`, until `scheduler_address` was read."""
        door = self._doorway.door
        return f"inproc://{os.getpid()}/{self.name}" if door is None else door.address

    @property
    def guests(self) -> list[str]:
        """The processes that have joined, by a name of ours."""
        door = self._doorway.door
        return [] if door is None else [guest.name for guest in door.guests]

    def write_scheduler_file(self, path: str | os.PathLike[str]) -> None:
        """Write the address to a file: `Client(scheduler_file=path)` joins there. The key is not in it."""
        told = {"type": "Scheduler", "id": self.name, "address": self.scheduler_address}
        Path(path).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def address_in(path: str | os.PathLike[str]) -> str:
    """The address that a scheduler file holds. Raises ConfigError for a file that holds none."""
    try:
        address = json.loads(Path(path).read_text(encoding="utf-8"))["address"]
    except FileNotFoundError:
        raise ConfigError(
            f"there is no scheduler file {os.fspath(path)!r}; client.write_scheduler_file(path) writes one where the "
            "cluster is"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f"{os.fspath(path)!r} is no scheduler file: it has no JSON with an address in it"
        ) from None
    return str(address)


def joined(address: str) -> Any:
    """The cluster at an address: one of this process itself, or another's that is joined now.

    Raises ConfigError for an address of another kind, ClusterError for one that cannot be joined.
    """
    if address.startswith("unix://"):
        from chunkscope.futures.cluster import clusters

        for cluster in clusters():
            if cluster.address == address:
                return cluster
        return AwayCluster.at(address)
    if "://" in address or ":" in address:
        raise ConfigError(
            f"Client({address!r}): nothing is reached over a network here; join a cluster of this machine by its "
            "address, Client('unix:///…/socket'): print(client.cluster.scheduler_address) where it was made; or make "
            "one of your own, Client()"
        )
    raise ConfigError(
        f"Client({address!r}): that is no address; one looks like unix:///…/socket, as "
        "client.cluster.scheduler_address says where the cluster was made; a scheduler file is named with "
        "Client(scheduler_file=...)"
    )
