"""What the two ends of a joined cluster say to each other, and how a value is named on the way."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from chunkscope.blocks.packing import Packed, Shape
from chunkscope.executors.cluster.wire import ARENA, CALL, GONE, GRANT

__all__ = [
    "ARENA",
    "BYE",
    "CALL",
    "FORGET",
    "GONE",
    "GRANT",
    "LET_GO",
    "NEWS",
    "RETURN",
    "Ends",
    "Name",
    "name_of",
]

# As a worker and its stand-in say it: ARENA, GONE, GRANT and CALL. A call is (number, name of (topic, payload)), its
# answer (number, whether it is one, name of the value or the error).
LET_GO = b"l"
"""[(number, times)] of things that nothing at this end stands for any more."""
BYE = b"x"
"""Who joined leaves; or the cluster closes."""
RETURN = b"u"
"""Numbers of grants that were not used: who asked was interrupted."""
FORGET = b"f"
"""The number of a call whose answer nobody waits for any more."""
NEWS = b"n"
"""Something that nobody asked for now: name of (topic, payload)."""


class Ends(Protocol):
    """One end of a connection: messages of a kind, with bytes and now and then descriptors. Raise ChannelClosed."""

    def send(self, kind: bytes, body: bytes = b"", descriptors: tuple[int, ...] = ()) -> None:
        """Send one message."""

    def receive(self) -> tuple[bytes, bytes | bytearray, list[int]]:
        """The next message; waits for it."""

    def close(self) -> None:
        """End the connection; who receives at either end learns of it."""


class Name(NamedTuple):
    """A value on the way: its buffers are in the message, or in an extent of the owner's memory."""

    kind: int
    header: bytes
    sizes: tuple[int, ...]
    inline: tuple[bytes, ...]
    lease: int
    """The number of the lease that is held for the reader; -1 for none."""
    arena: int
    start: int
    size: int
    starts: tuple[int, ...]

    @property
    def shape(self) -> Shape:
        """How the value is put together again."""
        return Shape(self.kind, self.header, self.sizes)


def name_of(block: Packed, lease: int, starts: tuple[int, ...], extent: Any = None) -> Name:
    """The name of a block; `lease` is the number that its memory is held under, `starts` where its buffers lie."""
    arena, start, size = (-1, -1, 0) if extent is None else extent
    return Name(*block.shape, block.inline, lease, arena, start, size, starts)
