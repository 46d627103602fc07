"""Locks, events, queues and variables that tasks and clients share by name: `Lock("disk")` is one everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from chunkscope.errors import ConfigError
from chunkscope.executors.cluster import home
from chunkscope.futures.asynchronous import Loops, in_thread, offloaded
from chunkscope.futures.current import line_of, newest
from chunkscope.futures.meeting import TOPIC, perform
from chunkscope.tokens import unique_token
from chunkscope.units import parse_seconds

__all__ = ["Event", "Lock", "MultiLock", "Queue", "Semaphore", "Variable"]


def _seconds(timeout: float | str | None) -> float | None:
    return None if timeout is None else parse_seconds(timeout)


class Shared(Loops):
    """Something with a name, of which there is one. Sending it to a task sends the name.

    Where its client is asynchronous, in an event loop, what would wait is to be awaited.
    """

    kind = ""
    _client: Any = None

    def __init__(self, name: str | None = None, client: Any = None, made_with: tuple[Any, ...] = ()) -> None:
        self.name = name or unique_token(type(self).__name__.lower())
        self._made_with = made_with
        self._client = client

    @property
    def asynchronous(self) -> bool:  # type: ignore[override]
        """Whether it is used inside an event loop: where its client, or the newest, is."""
        client = self.client
        return bool(client is not None and client.asynchronous)

    @property
    def client(self) -> Any:
        """The client that it was made with, where that is open, else the newest one; None where none is."""
        made_with = self._client
        return made_with if made_with is not None and made_with.status != "closed" else newest()

    def register(self) -> None:
        """Nothing: it is there as soon as somebody asks for it."""

    def _do(self, method: str, *args: Any) -> Any:
        asked = (self.kind, self.name, self._made_with, method, args)
        line = line_of(None if self._client is None else self.client)
        return perform(asked) if line is None else line(TOPIC, asked)

    @offloaded
    def close(self) -> Any:
        """Let it go: who names it next has a fresh one."""
        self._do("forget")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.name, self._made_with))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name}>"


def _again(kind: type[Shared], name: str, made_with: tuple[Any, ...]) -> Shared:
    found = kind.__new__(kind)
    found.name, found._made_with, found._client = name, made_with, None
    return found


class _Held(Shared):
    """What can be held for a `with` block, or an `async with` block."""

    def _hold(self) -> None:
        self._do("acquire", None)

    def _let_go(self) -> None:
        self._do("release")

    def _undo_acquire(self, held: bool, *asked: Any, **options: Any) -> None:
        if held:
            self._let_go()

    @offloaded
    def acquire(self, timeout: float | str | None = None) -> Any:
        """Hold it; waits until it is free, at most `timeout`; whether it is held now."""
        return bool(self._do("acquire", _seconds(timeout)))

    @offloaded
    def release(self) -> Any:
        """Hold it no longer; True. Raises ConfigError where nobody does."""
        return bool(self._do("release"))

    @offloaded
    def get_value(self) -> Any:
        """How many hold it."""
        return int(self._do("value"))

    def __enter__(self) -> Self:
        self._hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    async def __aenter__(self) -> Self:
        await in_thread(self._hold, lambda _: self._let_go())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await in_thread(self._let_go)


class Lock(_Held):
    """What one task at a time can hold.

    >>> with Lock("x") as x:
    ...     x.locked()
    True
    """

    kind = "leases"

    def __init__(
        self, name: str | None = None, client: Any = None, scheduler_rpc: Any = None, loop: Any = None
    ) -> None:
        """There is nothing to be said with `scheduler_rpc` and `loop`."""
        super().__init__(name, client)

    @offloaded
    def acquire(self, blocking: bool = True, timeout: float | str | None = None) -> Any:  # type: ignore[override]
        """Hold it; waits until it is free, at most `timeout`, or not at all; whether it is held now."""
        return bool(self._do("acquire", _seconds(timeout) if blocking else 0))

    @offloaded
    def locked(self) -> Any:
        """Whether somebody holds it."""
        return bool(self._do("value"))


class Semaphore(_Held):
    """What `max_leases` tasks at a time can hold.

    >>> with Semaphore(2, "y") as y:
    ...     y.get_value()
    1
    """

    kind = "leases"

    def __init__(
        self,
        max_leases: int = 1,
        name: str | None = None,
        client: Any = None,
        register: bool = True,
        scheduler_rpc: Any = None,
        loop: Any = None,
    ) -> None:
        """There is nothing to be said with `register`, `scheduler_rpc` and `loop`."""
        super().__init__(name, client, (max_leases,))
        self.max_leases = max_leases


class MultiLock(_Held):
    """Several locks that are held together, all or as many as were asked for, so that nobody waits with some in hand.

    >>> x, y = MultiLock(["x", "y"]), MultiLock(["y", "z"])
    >>> x.acquire(), y.acquire(timeout=0), y.acquire(num_locks=1)
    (True, False, True)
    >>> x.release(), y.release()
    (None, None)
    """

    kind = "locks"

    def __init__(self, names: Sequence[str] | None = None, client: Any = None) -> None:
        super().__init__("all", client)
        self.names = list(names or ())
        self._held: list[str] = []

    def _take(self, seconds: float | None, least: int) -> bool:
        found = self._do("acquire", self.names, seconds, least)
        self._held += found or ()
        return found is not None

    def _hold(self) -> None:
        self._take(None, len(self.names))

    def _let_go(self) -> None:
        held, self._held = self._held, []
        self._do("release", held)

    @offloaded
    def acquire(  # type: ignore[override]
        self, blocking: bool = True, timeout: float | str | None = None, num_locks: int | None = None
    ) -> Any:
        """Hold all, or `num_locks` of them, whichever are free; whether they are held now."""
        least = len(self.names) if num_locks is None else num_locks
        if not 0 <= least <= len(self.names):
            raise ConfigError(f"num_locks={num_locks}: there are {len(self.names)}, {self.names}")
        return self._take(_seconds(timeout) if blocking else 0, least)

    @offloaded
    def release(self) -> Any:
        """Hold them no longer. Raises ConfigError where this one holds none."""
        if not self._held and self.names:
            raise ConfigError(f"release() without acquire(): this lock holds none of {self.names}")
        self._let_go()

    @offloaded
    def locked(self) -> Any:
        """Whether somebody holds one of them."""
        return bool(self._do("locked", self.names))

    @offloaded
    def get_value(self) -> Any:
        """How many of them somebody holds."""
        return int(self._do("count", self.names))

    def __reduce__(self) -> tuple[Any, ...]:
        return (MultiLock, (self.names,))


class Event(Shared):
    """Something that tasks wait for until another one says that it has happened.

    >>> x = Event("x")
    >>> x.set(); x.is_set(), x.wait()
    (True, True)
    """

    kind = "flag"

    @offloaded
    def set(self) -> Any:
        """Say that it has happened."""
        self._do("set", True)

    @offloaded
    def clear(self) -> Any:
        """Say that it has not."""
        self._do("set", False)

    @offloaded
    def is_set(self) -> Any:
        """Whether it has happened."""
        return bool(self._do("is_set"))

    @offloaded
    def wait(self, timeout: float | str | None = None) -> Any:
        """Wait until it has happened; False where it has not after `timeout`."""
        return bool(self._do("wait", _seconds(timeout)))


class _Keeping(Shared):
    """What keeps values: while somebody has it, its cluster stays, as it does for a future."""

    def __init__(self, name: str | None = None, client: Any = None, made_with: tuple[Any, ...] = ()) -> None:
        super().__init__(name, client or (None if home.in_worker() else newest()), made_with)


class Queue(_Keeping):
    """Values, futures too, from some tasks to others, in order.

    A result lives as long as a future of it waits here. The queue is there for all who name it until `close`, or until
    the cluster ends, which it does not while somebody has the client or the queue.

    >>> x = Queue("x", maxsize=10)
    >>> x.put(1); x.put(2); x.qsize(), x.get(), x.get(batch=True)
    (2, 1, [2])
    """

    kind = "line"

    def __init__(self, name: str | None = None, client: Any = None, maxsize: int = 0) -> None:
        super().__init__(name, client, (maxsize,))

    @offloaded
    def put(self, value: Any, timeout: float | str | None = None) -> Any:
        """Add a value; waits while the queue is full. Raises TimeoutError after `timeout`."""
        self._do("put", value, _seconds(timeout))

    @offloaded
    def get(self, timeout: float | str | None = None, batch: bool | int = False) -> Any:
        """The first value; a list of so many with `batch=5`, of all that are there with True. Raises TimeoutError."""
        return self._do("get", _seconds(timeout), batch)

    def _undo_get(self, taken: Any, timeout: Any = None, batch: bool | int = False) -> None:
        self._do("put_back", taken if batch else [taken])

    @offloaded
    def qsize(self) -> Any:
        """How many values wait."""
        return int(self._do("size"))


class Variable(_Keeping):
    """One value, or future, that whoever knows the name can set and read; it keeps them as a `Queue` does.

    >>> x = Variable("x")
    >>> x.set(3); x.get()
    3
    """

    kind = "slot"

    @offloaded
    def set(self, value: Any, timeout: float | str | None = None) -> Any:
        """Put a value in place of the one before."""
        self._do("set", value)

    @offloaded
    def get(self, timeout: float | str | None = None) -> Any:
        """The value; waits for the first one. Raises TimeoutError after `timeout`."""
        return self._do("get", _seconds(timeout))

    @offloaded
    def delete(self) -> Any:
        """Have no value."""
        self._do("delete")
