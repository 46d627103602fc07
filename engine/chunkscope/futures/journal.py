"""What happened to a cluster, in lines with their times; and what was told under topics."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

__all__ = ["Journal"]

MOST_LINES = 1_000
MOST_EVENTS = 10_000
"""Of each topic; the oldest go first."""


class Journal:
    """Lines about a cluster, events by topic, and who wants to know of these. Thread-safe.

    >>> journal, heard = Journal(), []
    >>> journal.subscribe("x", lambda event: heard.append(event[1]))
    >>> journal.event("x", {"a": 1}); heard, journal.events("x")[0][1]
    ([{'a': 1}], {'a': 1})
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[tuple[float, str]] = deque(maxlen=MOST_LINES)
        self._events: dict[str, deque[tuple[float, Any]]] = defaultdict(lambda: deque(maxlen=MOST_EVENTS))
        self._handlers: dict[str, list[Callable[[tuple[float, Any]], Any]]] = {}
        self.on_event: list[Callable[[str, Any], Any]] = []
        """Called with the topic and what was told."""

    def tell(self, line: str) -> None:
        """Write a line."""
        with self._lock:
            self._lines.append((time.time(), line))

    def lines(self, n: int | None = None) -> list[tuple[float, str]]:
        """The last `n` lines, oldest first, each with seconds since 1970; None for all."""
        with self._lock:
            found = list(self._lines)
        return found if n is None else found[-n:] if n else []

    def event(self, topic: str, told: Any) -> None:
        """Keep something under a topic, and hand it to those who have subscribed, on this thread."""
        entry = (time.time(), told)
        with self._lock:
            self._events[topic].append(entry)
            handlers = list(self._handlers.get(topic, ()))
        for handler in handlers:
            handler(entry)
        for hear in list(self.on_event):
            hear(topic, told)

    def events(self, topic: str) -> tuple[tuple[float, Any], ...]:
        """What was told under a topic, oldest first, each with seconds since 1970."""
        with self._lock:
            return tuple(self._events.get(topic, ()))

    def all_events(self) -> dict[str, tuple[tuple[float, Any], ...]]:
        """What was told, by topic."""
        with self._lock:
            return {topic: tuple(entries) for topic, entries in self._events.items()}

    def subscribe(self, topic: str, handler: Callable[[tuple[float, Any]], Any]) -> None:
        """Have `handler((seconds, told))` called with each event of a topic from now on."""
        with self._lock:
            self._handlers.setdefault(topic, []).append(handler)

    def unsubscribe(self, topic: str) -> bool:
        """Forget who has subscribed to a topic; whether somebody had."""
        with self._lock:
            return self._handlers.pop(topic, None) is not None
