"""Coroutine functions as tasks: each call runs in an event loop of its own, on the lane that performs it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from chunkscope.futures.staff import finished

__all__ = ["Awaiting", "plain"]


class Awaiting:
    """A coroutine function as one that gives what its coroutine gives.

    >>> async def double(x): return 2 * x
    >>> Awaiting(double)(3)
    6
    """

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return finished(self.func(*args, **kwargs))


def plain(func: Callable[..., Any]) -> Callable[..., Any]:
    """`func`, as something that a lane can call."""
    return Awaiting(func) if inspect.iscoroutinefunction(func) else func
