"""Hands the outputs of a run to those who asked for them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

from chunkscope.blocks.packing import Packed
from chunkscope.executors.taker import Taker

__all__ = ["Delivery"]


class Delivery:
    """Output number `i` of a run belongs to one of its takers, which get `counts` outputs each, one after the other."""

    def __init__(self, takers: Sequence[Taker], counts: Sequence[int]) -> None:
        self._takers = list(takers)
        self._starts = [0, *accumulate(counts)]

    @property
    def keeps_packed(self) -> bool:
        """Whether blocks stay in shared memory when they are handed over."""
        return any(getattr(taker, "keeps_packed", False) for taker in self._takers)

    @property
    def complete(self) -> bool:
        """Whether others than the run's own caller wait for its outputs, and have all of them."""
        return all(getattr(taker, "complete", False) for taker in self._takers)

    def put(self, position: int, block: Any) -> None:
        """Hand over an output block."""
        root = bisect_right(self._starts, position) - 1
        self._takers[root].put(position - self._starts[root], block)

    def put_packed(self, position: int, block: Packed) -> None:
        """Hand over an output block that is in shared memory: as it is to takers that keep blocks, else as a value."""
        root = bisect_right(self._starts, position) - 1
        taker = self._takers[root]
        keeps = getattr(taker, "keeps_packed", False)
        taker.put(position - self._starts[root], block.compact() if keeps else block.load(own=True))

    def put_kept(self, position: int, block: Any) -> None:
        """Hand over an output block that another process keeps: as it is to takers that keep blocks."""
        root = bisect_right(self._starts, position) - 1
        taker = self._takers[root]
        if type(block) is Packed and not getattr(taker, "keeps_packed", False):
            block = block.load(own=True)
        taker.put(position - self._starts[root], block)

    def miss(self, missed: Iterable[tuple[int, BaseException]]) -> None:
        """Tell that these outputs will never be there. Others' code may be called."""
        for position, error in missed:
            root = bisect_right(self._starts, position) - 1
            self._takers[root].fail_at(position - self._starts[root], error)

    def fail(self, error: BaseException) -> None:
        """Tell all that there will be no more."""
        for taker in self._takers:
            taker.fail(error)
