"""What a lane tells after a batch: what finished, when, how large, and what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chunkscope.executors.loss import Loss

__all__ = ["Report"]


class Report:
    """The outcome of one batch. The first `len(stops)` tasks of the batch finished; the rest was not started."""

    __slots__ = ("batch", "begun", "error", "failed", "followers", "loss", "sizes", "starts", "stops")

    def __init__(self, batch: list[int]) -> None:
        self.batch = batch
        self.starts: list[float] = []
        self.stops: list[float] = []
        self.sizes: list[int] = []
        self.failed: int | None = None
        self.error: BaseException | None = None
        self.loss: Loss | None = None
        """Where the worker died: then nothing of the batch is there."""
        self.followers: frozenset[int] = frozenset()
        """The tasks of the batch that count as started only if they were: see `following.py`."""
        self.begun = -1
        """One of them that has begun and goes on, where only the part of the batch before it is told."""

    @property
    def done(self) -> list[int]:
        """The tasks that finished, in order."""
        return self.batch if len(self.stops) == len(self.batch) else self.batch[: len(self.stops)]

    @property
    def left(self) -> list[int]:
        """The tasks that were not started and that nobody else has."""
        left = self.batch[len(self.stops) + (self.failed is not None) :]
        return [task for task in left if task not in self.followers] if self.followers else left

    def fail(self, task: int, error: BaseException) -> None:
        """Note that `task` raised."""
        self.failed, self.error = task, error
