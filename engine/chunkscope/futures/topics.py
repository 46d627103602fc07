"""What clients and tasks tell a cluster, under topics, and values that it keeps for them by key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.workers import CLUSTERS

__all__ = ["TOPIC", "Topics", "hear"]

TOPIC = "event"
"""Under which worker processes tell events."""
_NOTHING: Any = object()


def hear(told: tuple[str, int, Any]) -> None:
    """An event from a worker: (topic, number of the pool that the worker is of, what)."""
    topic, group, msg = told
    cluster = CLUSTERS.get(group)
    if cluster is not None:
        cluster.journal.event(topic, msg)


class Topics(ClientParts):
    """The methods of a client about events and metadata."""

    @offloaded
    def log_event(self, topic: str | Collection[str], msg: Any) -> Any:
        """Tell something under a topic, or under several; tasks do so with `get_worker().log_event`."""
        for name in [topic] if isinstance(topic, str) else topic:
            self.cluster.journal.event(name, msg)

    @offloaded
    def get_events(self, topic: str | None = None) -> Any:
        """What was told under a topic, oldest first, as (seconds since 1970, what); without one, by topic."""
        journal = self.cluster.journal
        return journal.all_events() if topic is None else journal.events(topic)

    def subscribe_topic(self, topic: str, handler: Callable[[tuple[float, Any]], Any]) -> None:
        """Have `handler((seconds, what))` called with each event of a topic from now on."""
        self.check_open()
        self.cluster.journal.subscribe(topic, handler)

    def unsubscribe_topic(self, topic: str) -> None:
        """Have no handler of a topic called any more. Raises ConfigError where there is none."""
        if not self.cluster.journal.unsubscribe(topic):
            raise ConfigError(f"nobody has subscribed to {topic!r}")

    @offloaded
    def set_metadata(self, key: Any, value: Any) -> Any:
        """Keep a value for all clients of the cluster under a key; a list of keys is a path of dictionaries.

        >>> from chunkscope import Client
        >>> with Client(processes=False, n_workers=1) as client:
        ...     client.set_metadata(["x", "y"], 1)
        ...     client.get_metadata("x"), client.get_metadata(["x", "z"], default=0)
        ({'y': 1}, 0)
        """
        path = _path(key)
        place = self.cluster.metadata
        for part in path[:-1]:
            place = place.setdefault(part, {})
        place[path[-1]] = value

    @offloaded
    def get_metadata(self, keys: Any, default: Any = _NOTHING) -> Any:
        """What `set_metadata` keeps under a key or a path; `default` where there is nothing. Raises KeyError."""
        found: Any = self.cluster.metadata
        for part in _path(keys):
            if not isinstance(found, dict) or part not in found:
                if default is _NOTHING:
                    raise KeyError(f"nothing is kept under {keys!r}")
                return default
            found = found[part]
        return found


def _path(keys: Any) -> Sequence[Any]:
    return list(keys) if isinstance(keys, list | tuple) else [keys]
