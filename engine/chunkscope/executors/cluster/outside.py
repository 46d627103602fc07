"""In a worker process: the line to its owner that any thread can use, and what tasks here hold of the owner's things.

The line is opened by the first task that needs it. What is pickled here for the owner or for other workers names the
owner's things by number; what is read here, and names such a number, claims the thing before its batch is over: until
then whoever sent it keeps it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.packing import Packed
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, pair

if TYPE_CHECKING:
    from chunkscope.executors.door.line import Line

__all__ = ["OUTSIDE", "Ends", "Outside"]

MAKERS = {
    "promise": ("chunkscope.futures.away_promise", "AwayPromise"),
    "actor": ("chunkscope.futures.actors", "AwayResidence"),
}
"""What makes the stand-ins of things that this package does not know; imported when the first one arrives."""


class Ends(Channel):
    """A channel whose end wakes a thread that receives."""

    __slots__ = ()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        super().close()


class Outside:
    """The owner, as this worker process sees it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: Line | None = None
        self.client: Any = None
        """The client of the tasks here, once one was asked for: whose the futures are that come."""
        self._here = threading.local()

    def stand(self, hand_over: Callable[[Channel], None]) -> None:
        """This thread runs tasks: it can hand one end of a line to the owner."""
        self._here.hand_over = hand_over

    def line(self) -> Line:
        """The line, opened where there is none. Raises ClusterError in a thread that can open none."""
        found = self._line
        if found is not None and not found.closed:
            return found
        hand_over = getattr(self._here, "hand_over", None)
        if hand_over is None:
            raise ClusterError(
                "this thread runs no task, and no task has spoken with the cluster here yet: call get_client() in the "
                "task before it starts threads that use it"
            )
        with self._lock:
            if self._line is None or self._line.closed:  # a message on it was broken off
                self._line = _open(hand_over)
            return self._line

    def call(self, topic: str, payload: Any) -> Any:
        """A call home of a thread that runs no task."""
        return self.line()(topic, payload)

    # -- things of the owner ---------------------------------------------------------------------------------

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """The owner's number of a thing; None: the thing goes by value."""
        number = None if self._line is None else self._line.number_of(thing, pending)
        if number is not None:
            named = getattr(self._here, "named", None)
            if named is not None:
                named.append(number)
        return number

    def thing_of(self, number: int, kind: str, facts: tuple[Any, ...]) -> Any:
        """What stands here for a thing; one that is new is claimed."""
        line = self.line()
        found, is_new = line.stand_in(number, kind, facts)
        if is_new:
            unclaimed = getattr(self._here, "unclaimed", None)
            if unclaimed is None:
                line.claim([number])
            else:
                unclaimed.append(number)
        if kind == "packed":
            shape, nbytes, offsets = facts
            return Packed.afar(shape, nbytes, offsets, found)
        return found

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read in a `with` block is claimed in one call."""
        unclaimed: list[int] = []
        self._here.unclaimed = unclaimed
        try:
            yield
        finally:
            self._here.unclaimed = None
            if unclaimed:
                self.line().claim(unclaimed)

    @contextmanager
    def naming(self) -> Iterator[list[int]]:
        """The numbers that are named by what is pickled in a `with` block."""
        named: list[int] = []
        self._here.named = named
        try:
            yield named
        finally:
            self._here.named = None

    def hand_on(self, numbers: list[int]) -> None:
        """Have these kept until the owner has taken in the result that names them."""
        self.line()("hold", numbers)


def _open(hand_over: Callable[[Channel], None]) -> Line:
    from chunkscope.executors.door.line import Line

    here, there = pair()
    ours = Ends.of_descriptor(here.detach())
    try:
        hand_over(there)
        return Line(ours, "its owner", {kind: _maker(*names) for kind, names in MAKERS.items()})
    except BaseException as error:
        ours.close()
        if isinstance(error, ChannelClosed):
            raise ClusterError("the process that this worker belongs to has ended") from error
        raise
    finally:
        there.close()


def _maker(module: str, name: str) -> Callable[..., Any]:
    def make(*facts: Any) -> Any:
        return getattr(import_module(module), name)(*facts)

    return make


OUTSIDE = Outside()
"""That of this process."""
