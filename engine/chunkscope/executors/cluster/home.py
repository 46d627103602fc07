"""Calls home: a task in a worker process asks something of the process that started it, and waits for the answer.

Clients inside tasks, queues, locks and actors are made of it. While a task waits, its lane's place is free for another
lane, as it is for a task on a thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ClusterError
from chunkscope.executors.place import place, stand

if TYPE_CHECKING:
    from chunkscope.executors.cluster.askers import Asker

__all__ = [
    "answer",
    "asker",
    "call",
    "connect",
    "debtor",
    "given_up",
    "handle",
    "in_worker",
    "share",
    "unwanted",
]

Line = Callable[[str, Any], Any]

_PLACE = "place"
_here = threading.local()
_asker: ContextVar[Asker | None] = ContextVar("chunkscope_asker", default=None)
_debtor: ContextVar[Asker | None] = ContextVar("chunkscope_debtor", default=None)
_over: ContextVar[Callable[[], bool] | None] = ContextVar("chunkscope_over", default=None)
_worker = False
_shared: Line | None = None


def _step(asked: tuple[str, int]) -> int:
    """Leave the place of the task that asks, come back to it, or say whether it has left."""
    seat = place()
    step, left = asked
    if seat is None:
        return -1
    if step == "leave":
        return seat.leave()
    if step == "back":
        seat.back(left)
        return left
    return int(seat.is_away(left))


_handlers: dict[str, Callable[[Any], Any]] = {_PLACE: _step}


class _Kept:
    """The place of a worker's task. The process that owns the worker keeps it."""

    def __init__(self) -> None:
        self.depth = 1

    def leave(self) -> int:
        """Give it to another lane."""
        left: int = call(_PLACE, ("leave", 0))
        return left

    def back(self, left: int) -> None:
        """Have it again."""
        call(_PLACE, ("back", left))

    def is_away(self, left: int) -> bool:
        """Whether it has left, is not back, and is not over."""
        return bool(call(_PLACE, ("is away", left)))


def handle(topic: str, function: Callable[[Any], Any]) -> None:
    """In the process that owns the workers: answer calls about `topic` with `function(payload)`, on a thread each.

    What it raises is raised in the task. `executors.away()` works in it as in a task.
    """
    _handlers[topic] = function


def call(topic: str, payload: Any) -> Any:
    """The answer of the process that owns the workers; blocks. In that process itself the handler is called at once.

    Raises TransferError for what cannot be sent.
    """
    line: Line | None = getattr(_here, "line", None)
    if line is not None:
        return line(topic, payload)
    if _shared is not None:
        return _shared(topic, payload)
    return answer(topic, payload)


def in_worker() -> bool:
    """Whether this is a worker process."""
    return _worker


def connect(line: Line) -> None:
    """In a worker: calls of this thread go this way."""
    global _worker
    _worker = True
    _here.line = line
    stand(_Kept())


def share(line: Line) -> None:
    """In a worker: calls of threads that have no line of their own go this way."""
    global _shared
    _shared = line


def _forked(topic: str, payload: Any) -> Any:
    """In a process that a task has forked: the answers are the task's."""
    raise ClusterError(
        f"a forked process cannot ask about {topic!r} what the task that it comes from can; ask there, or join the "
        "cluster here: Client(address)"
    )


def _forget_in_child() -> None:
    """After a fork, in the child of a worker: the lines are the worker's."""
    global _here, _shared
    if _worker:
        _here, _shared = threading.local(), _forked


def asker() -> Asker | None:
    """In a handler: the process that asks; None for this process itself."""
    return _asker.get()


def debtor() -> Asker | None:
    """In a handler: who gives back what is taken, where the process that asks ends; None for this process itself."""
    return _debtor.get() or _asker.get()


def unwanted() -> bool:
    """In a handler: whether nobody waits for the answer any more."""
    who, over = debtor(), _over.get()
    return (who is not None and who.gone) or (over is not None and over())


def given_up(over: Callable[[], bool]) -> None:
    """What is asked from here on, in this context, is waited for until `over()`."""
    _over.set(over)


def answer(
    topic: str,
    payload: Any,
    who: Asker | None = None,
    debtor: Asker | None = None,
    over: Callable[[], bool] | None = None,
) -> Any:
    """What the handler of a topic says to `who`.

    debtor: stands for the process where `who` does not. over: whether nobody waits for the answer any more.
    """
    handler = _handlers.get(topic)
    if handler is None:
        known = ", ".join(map(repr, _handlers)) or "none"
        raise ClusterError(f"nobody answers calls about {topic!r}; topics: {known}")
    tokens = _asker.set(who), _debtor.set(debtor), _over.set(over)
    try:
        return handler(payload)
    finally:
        _asker.reset(tokens[0])
        _debtor.reset(tokens[1])
        _over.reset(tokens[2])


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
