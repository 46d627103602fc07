"""The place of a result that the owner of a cluster keeps, as it is seen from another process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chunkscope.futures.promise import FutureCancelled, Promise

if TYPE_CHECKING:
    from chunkscope.blocks import StoredBlock
    from chunkscope.executors.door.line import Line

__all__ = ["TOPIC", "AwayPromise"]

TOPIC = "client"
"""Under which clients in other processes ask the owner of the cluster."""


class AwayPromise(Promise):
    """A promise of the owner's, which lives as long as this does."""

    __slots__ = ("number", "owner", "times")

    def __init__(self, line: Line, number: int) -> None:
        super().__init__("", "")
        self.owner = line
        self.number = number
        self.times = 1
        """How often we were told of it."""

    def learn(self, key: str, title: str, block: StoredBlock, cancelled: bool) -> None:
        """What the owner tells of it; the block is another one where the result is made again."""
        self.key, self.title, self.block, self.cancelled = key, title, block, cancelled

    @property
    def status(self) -> str:
        """One of "pending", "finished", "error", "cancelled" and "lost"."""
        return "cancelled" if isinstance(self.block.error, FutureCancelled) else super().status

    def cancel(self, why: str = "") -> None:
        """Have the owner not start it any more, nor what needs it."""
        self.cancelled = True
        self.owner(TOPIC, ("cancel", (self,)))
        error = FutureCancelled(f"{self.key} was cancelled{why and f' ({why})'}; submit it again")
        if self.block.done:
            self.block.release(error)
        else:
            self.block.fail(error)

    def __del__(self) -> None:
        self.owner.let_go(self.number, self.times)
