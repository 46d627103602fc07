"""The place of a result that the owner of a cluster keeps, as it is seen from another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from chunkscope.blocks.afar import Mirror
from chunkscope.errors import TransferError
from chunkscope.futures.promise import FutureCancelled, Promise

if TYPE_CHECKING:
    from chunkscope.blocks import StoredBlock
    from chunkscope.executors.door.line import Line

__all__ = ["TOPIC", "AwayPromise"]

TOPIC = "client"
"""Under which clients in other processes ask the owner of the cluster."""
_UNSENT = -1


def _nothing() -> None:
    """There is nothing to be sent."""


class AwayPromise(Promise):
    """A promise of the owner's, which lives as long as this does."""

    __slots__ = ("_key", "_send", "_twin", "number", "owner", "times")

    def __init__(self, line: Line, number: int) -> None:
        self._send: Callable[[], None] = _nothing
        self._twin: AwayPromise | None = None
        self.owner = line
        self.number = number
        self.times = 1
        """How often we were told of it."""
        super().__init__("", "")

    @classmethod
    def unsent(cls, line: Line, title: str, send: Callable[[], None]) -> Self:
        """One that the owner does not know yet. `send` returns when it does, or when its block has failed."""
        found = cls(line, _UNSENT)
        found.title, found._send = title, send
        found.block = Mirror(line, _UNSENT)
        return found

    @property
    def key(self) -> str:
        """The name of the result, which the owner gives it."""
        self._have_sent()
        return self._key or f"{self.title}-unsent"

    @key.setter
    def key(self, key: str) -> None:
        self._key = key

    @property
    def waits(self) -> bool:
        """Whether it has not been sent yet."""
        return self.number == _UNSENT

    def _have_sent(self) -> None:
        if self.number == _UNSENT and not self.block.done:
            self._send()

    def learn(self, key: str, title: str, block: StoredBlock, cancelled: bool) -> None:
        """What the owner tells of it; the block is another one where the result is made again."""
        self.key, self.title, self.block, self.cancelled = key, title, block, cancelled

    def arrive(self, number: int, at: int, key: str, title: str, cancelled: bool, *facts: Any) -> None:
        """The owner knows it now by that number, and its block as number `at`, with the facts of that."""
        block, line = self.block, self.owner
        assert isinstance(block, Mirror)
        self.key, self.title, self.cancelled = key, title, cancelled
        twin, other = line.enter(at, block), line.enter(number, self)
        self._twin = other if isinstance(other, AwayPromise) else None
        if isinstance(twin, Mirror):  # an equal call was known here: what is told of it is told there
            twin.when_done(lambda: block.follow(twin))
        else:
            block.learn(*(line.early(at) or facts))
        if line.closed:  # whoever ended it may not have known of this one
            block.fail(line.error)

    def renew(self) -> None:
        """Take over what was told of the same promise by another name of it here."""
        if self._twin is not None:
            self.block, self.cancelled = self._twin.block, self._twin.cancelled

    @property
    def status(self) -> str:
        """One of "pending", "finished", "error", "cancelled" and "lost"."""
        return "cancelled" if isinstance(self.block.error, FutureCancelled) else super().status

    def cancel(self, why: str = "") -> None:
        """Have the owner not start it any more, nor what needs it."""
        self.cancelled = True
        self._have_sent()
        if self.number != _UNSENT:
            self.owner(TOPIC, ("cancel", (self,)))
        error = FutureCancelled(f"{self.key} was cancelled{why and f' ({why})'}; submit it again")
        if self.block.done:
            self.block.release(error)
        else:
            self.block.fail(error)

    def __reduce__(self) -> tuple[Any, ...]:
        self._have_sent()
        if self.number == _UNSENT:
            raise self.block.error or TransferError("a call that could not be sent is needed here")
        return super().__reduce__()

    def __del__(self) -> None:
        if self.number != _UNSENT:
            self.owner.let_go(self.number, self.times)
