"""What tasks and clients share by name, in the cluster owner's process: the objects behind Lock, Queue and so on.

Everybody who names the same kind and name meets at the same object. Waiting for one leaves the lane's place to another.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ClusterError, ConfigError
from chunkscope.executors import away
from chunkscope.executors.cluster import home
from chunkscope.futures.deposits import deposited, withdrawn

if TYPE_CHECKING:
    from chunkscope.executors.cluster.askers import Asker

__all__ = ["KINDS", "TOPIC", "Meeting", "forget", "forget_all", "forget_in_child", "meet", "perform"]

TOPIC = "meeting"
"""Under which tasks in worker processes ask for it."""

_NOTHING = object()


class Meeting:
    """A condition, and what waits for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.over = False
        """Whether the clusters of those who meet here are closed."""

    def until(self, ready: Callable[[], bool], timeout: float | None) -> bool:
        """Wait until `ready()`; False where `timeout` seconds ran out first. The condition is held."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            if home.unwanted():
                raise ClusterError("who waited for this is gone")
            if ready():
                return True
            if self.over:
                raise ClusterError("the cluster of this was closed")
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                return False
            self.changed.release()
            try:
                with away(), self.changed:
                    if not ready():
                        self.changed.wait(0.1 if left is None else min(left, 0.1))
            finally:
                self.changed.acquire()


class Leases(Meeting):
    """A number of leases: one for a lock, more for a semaphore."""

    def __init__(self, most: int = 1) -> None:
        super().__init__()
        self.most = most
        self.taken = 0

    def acquire(self, timeout: float | None = None) -> bool:
        """Take a lease; False where none came free in time."""
        with self.changed:
            if not self.until(lambda: self.taken < self.most, timeout):
                return False
            self.taken += 1
            return True

    def release(self) -> bool:
        """Give a lease back. Raises ConfigError where none is taken."""
        with self.changed:
            if not self.taken:
                raise ConfigError("release() without acquire(): nobody holds it")
            self.taken -= 1
            self.changed.notify_all()
            return True

    def value(self) -> int:
        """Leases that are taken."""
        return self.taken


class Locks(Meeting):
    """All names that multi-locks hold: several at once, as many as were asked for or none."""

    def __init__(self) -> None:
        super().__init__()
        self.held: set[str] = set()

    def acquire(self, names: Sequence[str], timeout: float | None, least: int) -> list[str] | None:
        """Take so many of `names` at once: those that were taken, None where they were not free in time."""

        def free() -> list[str]:
            return [name for name in dict.fromkeys(names) if name not in self.held]

        with self.changed:
            if not self.until(lambda: len(free()) >= min(least, len(set(names))), timeout):
                return None
            taken = free()[:least]
            self.held.update(taken)
            return taken

    def release(self, names: Sequence[str]) -> None:
        """Give all of them back."""
        with self.changed:
            self.held.difference_update(names)
            self.changed.notify_all()

    def count(self, names: Sequence[str]) -> int:
        """How many of them are held."""
        return len(self.held.intersection(names))

    def locked(self, names: Sequence[str]) -> bool:
        """Whether one of them is held."""
        return not self.held.isdisjoint(names)


class Flag(Meeting):
    """Something that has happened, or not."""

    def __init__(self) -> None:
        super().__init__()
        self.up = False

    def set(self, up: bool) -> None:
        """Say whether it has happened."""
        with self.changed:
            self.up = up
            self.changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it has happened; False where it has not in time."""
        with self.changed:
            return self.until(lambda: self.up, timeout)

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self.up


class Line(Meeting):
    """Values in the order in which they came."""

    def __init__(self, most: int = 0) -> None:
        super().__init__()
        self.most = most
        self.values: deque[Any] = deque()

    def put(self, value: Any, timeout: float | None = None) -> None:
        """Add a value at the end; waits while the line is full. Raises TimeoutError."""
        with self.changed:
            if not self.until(lambda: not self.most or len(self.values) < self.most, timeout):
                raise TimeoutError(f"the queue was full, {self.most} values, for {timeout} seconds")
            self.values.append(deposited(value))
            self.changed.notify_all()

    def get(self, timeout: float | None = None, batch: bool | int = False) -> Any:
        """The first value; with `batch` a list of all, or of so many. Raises TimeoutError."""
        with self.changed:
            least = batch if type(batch) is int else 0 if batch else 1
            if not self.until(lambda: len(self.values) >= least, timeout):
                raise TimeoutError(
                    f"the queue held {len(self.values)} values after {timeout} seconds, {least} were asked for"
                )
            count = least if type(batch) is int or not batch else len(self.values)
            taken = [withdrawn(self.values.popleft()) for _ in range(count)]
            self.changed.notify_all()
            return taken if batch else taken[0]

    def put_back(self, values: Sequence[Any]) -> None:
        """These were taken by somebody who is gone: the next has them."""
        with self.changed:
            self.values.extendleft(deposited(value) for value in reversed(values))
            self.changed.notify_all()

    def size(self) -> int:
        """How many values wait."""
        return len(self.values)


class Slot(Meeting):
    """One value, or none yet."""

    def __init__(self) -> None:
        super().__init__()
        self.value: Any = _NOTHING

    def set(self, value: Any) -> None:
        """Put a value in place of the one before."""
        with self.changed:
            self.value = deposited(value)
            self.changed.notify_all()

    def get(self, timeout: float | None = None) -> Any:
        """The value; waits for the first. Raises TimeoutError."""
        with self.changed:
            if not self.until(lambda: self.value is not _NOTHING, timeout):
                raise TimeoutError(f"the variable had no value after {timeout} seconds")
            return withdrawn(self.value)

    def delete(self) -> None:
        """Have no value."""
        with self.changed:
            self.value = _NOTHING


KINDS: dict[str, type[Meeting]] = {
    "leases": Leases,
    "locks": Locks,
    "flag": Flag,
    "line": Line,
    "slot": Slot,
}
_lock = threading.Lock()
_places: dict[tuple[str, str], Meeting] = {}


def meet(kind: str, name: str, *made_with: Any) -> Any:
    """The object of this kind and name, made with the arguments of whoever comes first."""
    with _lock:
        found = _places.get((kind, name))
        if found is None:
            found = _places[kind, name] = KINDS[kind](*made_with)
        return found


def forget(kind: str, name: str) -> None:
    """Let the object go: who comes next meets at a fresh one."""
    with _lock:
        _places.pop((kind, name), None)


def forget_all() -> None:
    """The last cluster is closed: the next one begins without what was shared here. Whoever waits is told."""
    with _lock:
        places = list(_places.values())
        _places.clear()
    for place in places:
        with place.changed:
            place.over = True
            place.changed.notify_all()


def forget_in_child() -> None:
    """After a fork, in the child: who meets here, meets at fresh objects."""
    global _lock
    _lock = threading.Lock()
    _places.clear()


def perform(asked: tuple[str, str, tuple[Any, ...], str, tuple[Any, ...]]) -> Any:
    """What a method of a shared object gives: (kind, name, made with, method, arguments)."""
    kind, name, made_with, method, arguments = asked
    if method == "forget":
        return forget(kind, name)
    place = meet(kind, name, *made_with)
    given = getattr(place, method)(*arguments)
    asker = home.debtor()
    if asker is not None and kind in ("leases", "locks"):
        _note(asker, (kind, name), place, method, arguments, given)
    return given


def _note(
    asker: Asker, what: tuple[str, str], place: Any, method: str, arguments: tuple[Any, ...], given: Any
) -> None:
    """What a process holds is given back where it ends without doing so itself."""
    names: tuple[Any, ...] = ()
    if what[0] == "locks" and method in ("acquire", "release"):
        names = (tuple((given or ()) if method == "acquire" else arguments[0]),)
    if method == "acquire" and given:
        asker.owe((*what, *names), lambda: place.release(*names))
    elif method == "release":
        asker.pay((*what, *names))
