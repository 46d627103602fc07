"""What is on show beside the runs: the latest state of each topic, and who answers a page's questions about it.

The sender reads it from its thread, questions are answered on theirs; nothing here knows of pages or comms.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["LARGEST_STATE", "Board", "Handler", "Posted"]

Handler = Callable[[dict[str, Any]], dict[str, Any]]
"""Takes a page's question and returns the answer, both as JSON objects."""

LARGEST_STATE = 512 * 1024
"""Characters of a topic's state as JSON: every late page gets it again."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A topic's state; of two with the same name the higher version is the newer one."""

    name: str
    version: int
    state: dict[str, Any]


class Board:
    """Keeps the latest state of each topic, and the functions that answer questions.

    >>> board = Board()
    >>> board.post("lesson", {"done": 1})
    >>> board.post("lesson", {"done": 2})
    >>> board.fresh()
    [Posted(name='lesson', version=2, state={'done': 2})]
    >>> board.fresh(), [posted.version for posted in board.everything()]
    ([], [2])
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._posted: dict[str, Posted] = {}
        self._fresh: set[str] = set()
        self._handlers: dict[str, Handler] = {}
        self._version = 0

    def post(self, name: str, state: dict[str, Any]) -> None:
        """Keep a copy of `state` in place of the one before. Raises TypeError for what JSON cannot carry."""
        text = json.dumps(state, allow_nan=False)
        if len(text) > LARGEST_STATE:
            raise ValueError(
                f"cannot show {len(text):,} characters under the topic {name!r}: at most {LARGEST_STATE:,} are sent"
            )
        with self._lock:
            self._version += 1
            self._posted[name] = Posted(name, self._version, json.loads(text))
            self._fresh.add(name)

    def fresh(self) -> list[Posted]:
        """What was posted since the last call."""
        with self._lock:
            names = sorted(self._fresh)
            self._fresh.clear()
            return [self._posted[name] for name in names]

    def everything(self) -> list[Posted]:
        """The latest state of every topic, for a page that has seen nothing."""
        with self._lock:
            return [self._posted[name] for name in sorted(self._posted)]

    def latest(self, name: str) -> dict[str, Any] | None:
        """The latest state of a topic, or None."""
        posted = self._posted.get(name)
        return None if posted is None else posted.state

    def handle(self, ask: str, function: Handler) -> None:
        """Have `function` answer the questions named `ask`; a second one takes the place of the first."""
        with self._lock:
            self._handlers[ask] = function

    def handler(self, ask: object) -> Handler | None:
        """Who answers `ask`, or None."""
        return self._handlers.get(ask) if isinstance(ask, str) else None

    def asks(self) -> list[str]:
        """The questions that are answered, in order."""
        return sorted(self._handlers)
