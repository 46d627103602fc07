"""Things of the owner of a cluster, by their numbers, and what stands for them in a process that has joined."""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from chunkscope.blocks.afar import FarArenas, FarBerth, FarLease, Mirror
from chunkscope.blocks.allocator import Extent
from chunkscope.blocks.packing import Packed

__all__ = ["Things"]

MOST_EARLY = 10_000


class Things:
    """What stands here for things of one owner, each once while it lives."""

    def __init__(self, kinds: Mapping[str, Callable[..., Any]]) -> None:
        """`kinds`: what stands here for things of the owner: made with (line, number), it learns the facts."""
        self.arenas = FarArenas()
        self._kinds: dict[str, Callable[..., Any]] = {"block": Mirror, "packed": FarBerth, **kinds}
        self._lock = threading.RLock()
        self._here: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._early: OrderedDict[int, tuple[Any, ...]] = OrderedDict()

    def __call__(self, topic: str, payload: Any) -> Any:
        """What the owner answers; waits for it."""
        raise NotImplementedError

    def let_go(self, number: int, times: int = 1) -> None:
        """Nothing here stands for that number any more. Never waits."""
        raise NotImplementedError

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """The number of what stands here for a thing of the owner; None for what is ours."""
        if type(thing) is Packed:
            berth = thing.berth
            return berth.number if isinstance(berth, FarBerth) and berth.owner is self else None
        return thing.number if getattr(thing, "owner", None) is self else None

    def thing_of(self, number: int, kind: str, facts: tuple[Any, ...]) -> Any:
        """What stands here for the owner's thing of that number: always the same while it lives."""
        with self._lock:
            found: Any = self._here.get(number)
            if found is not None:
                found.times += 1
            else:
                found = self._here[number] = self._kinds[kind](self, number)
        if kind == "packed":
            shape, nbytes, offsets = facts
            return Packed.afar(shape, nbytes, offsets, found)
        early = self._early.pop(number, None) if kind == "block" else None
        found.learn(*(early or facts))
        return found

    def enter(self, number: int, thing: Any) -> Any:
        """Have `thing` stand here for the owner's thing of that number; what does so already, or None."""
        thing.number = number
        with self._lock:
            found = self._here.get(number)
            if found is None:
                self._here[number] = thing
            return found

    def early(self, number: int) -> tuple[Any, ...] | None:
        """What was told of a block before it was entered here."""
        return self._early.pop(number, None)

    def stand_in(self, number: int, kind: str, facts: tuple[Any, ...]) -> tuple[Any, bool]:
        """What stands here for a thing that a pickle for any reader names, and whether it is new and to be claimed."""
        with self._lock:
            found: Any = self._here.get(number)
            if found is not None:
                return found, False
            found = self._here[number] = self._kinds[kind](self, number)
            if kind not in ("block", "packed"):
                found.learn(*facts)
            return found, True

    def claim(self, numbers: list[int]) -> None:
        """Have these things kept for what stands for them here. Raises BlockLostError for one that is no more."""
        told = self("claim", numbers)
        for number, facts in zip(numbers, told, strict=True):
            mirror: Any = self._here.get(number)
            if facts is not None and mirror is not None:
                mirror.learn(*(self._early.pop(number, None) or facts))

    def lease_of(self, number: int) -> FarLease:
        """Where a packed block lies now."""
        lease, *extent = self("lease", number)
        return self._lease(lease, Extent(*extent))

    def _lease(self, number: int, extent: Extent) -> FarLease:
        return FarLease(self, self.arenas, number, extent)

    def block_of(self, number: int) -> Any:
        """What a stored block holds."""
        return self("block", number)

    def _learn_blocks(self, told: list[tuple[Any, ...]]) -> None:
        for number, nbytes, value, error in told:
            mirror: Any = self._here.get(number)
            if mirror is not None:
                mirror.learn(True, nbytes, value, error)
                continue
            self._early[number] = (True, nbytes, value, error)  # the answer that names it is still being read
            if len(self._early) > MOST_EARLY:
                self._early.popitem(last=False)
