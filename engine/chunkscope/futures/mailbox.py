"""Where an actor lives: its object, and the calls that wait for it, performed one after the other in one thread."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ATTRIBUTE", "Mailbox", "Told"]

_log = logging.getLogger("chunkscope.futures")

ATTRIBUTE = "__getattribute__"
"""The method that gives an attribute."""

Told = Callable[[Any, BaseException | None], None]
"""Told what came of a call: the value, or the exception."""


class Mailbox:
    """An object and its calls. The thread lives while there are some.

    >>> mailbox, found = Mailbox([3, 1, 2], "x"), threading.Event()
    >>> mailbox.put("sort", (), {}, lambda value, error: None)
    >>> mailbox.put("pop", (), {}, lambda value, error: (print(value), found.set()))
    >>> found.wait(10)
    3
    True
    """

    def __init__(self, instance: Any, name: str) -> None:
        self._instance = instance
        self._name = name
        self._lock = threading.Lock()
        self._calls: deque[tuple[str, tuple[Any, ...], Mapping[str, Any], Told]] = deque()
        self._thread: threading.Thread | None = None

    @property
    def inside(self) -> bool:
        """Whether this thread performs a call of the object: it would wait for itself."""
        return threading.current_thread() is self._thread

    def put(self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], tell: Told) -> None:
        """Have a method called after those that wait; at once where the object calls itself."""
        if self.inside:
            self._perform(method, args, kwargs, tell)
            return
        with self._lock:
            self._calls.append((method, args, kwargs, tell))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._live, name=f"chunkscope-actor-{self._name}", daemon=True
                )
                self._thread.start()

    def _live(self) -> None:
        while True:
            with self._lock:
                if not self._calls:
                    self._thread = None
                    return
                call = self._calls.popleft()
            try:
                self._perform(*call)
            except Exception:  # the calls behind it are to be performed all the same
                _log.exception("what came of a call of the actor %s could not be told", self._name)
            del call

    def _perform(self, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], tell: Told) -> None:
        try:
            value = getattr(self._instance, method)(*args, **kwargs)
            if inspect.iscoroutine(value):
                value = asyncio.run(value)
        except BaseException as error:
            tell(None, error)
        else:
            tell(value, None)
