"""Whose the stored blocks are: every `persist` enters its blocks here, held weakly, for people who ask."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from chunkscope.blocks.stored import StoredBlock
from chunkscope.types import Origin

__all__ = ["Claim", "claim", "claims"]

_lock = threading.Lock()
_claims: list[Claim] = []


@dataclass(frozen=True)
class Claim:
    """The blocks of one persisted collection, as far as somebody still uses them."""

    label: str
    """The user's own name for the run or the collection, or an empty string."""
    origin: Origin | None
    """The line that persisted it."""
    operation: str
    refs: tuple[weakref.ref[StoredBlock], ...]

    @property
    def blocks(self) -> list[StoredBlock]:
        """The blocks that are still used."""
        return [block for block in (ref() for ref in self.refs) if block is not None]

    @property
    def nbytes(self) -> int:
        """Bytes of the blocks that are there."""
        return sum(block.nbytes for block in self.blocks if block.done and not block.failed)


def claim(
    blocks: Sequence[StoredBlock], label: str = "", origin: Origin | None = None, operation: str = ""
) -> None:
    """Enter blocks as one owner's; they leave by themselves when nobody uses them any more.

    >>> block = StoredBlock()
    >>> claim([block], "x")
    >>> [one.label for one in claims() if block in one.blocks]
    ['x']
    """
    with _lock:
        _claims[:] = [one for one in _claims if one.blocks]
        _claims.append(Claim(label, origin, operation, tuple(map(weakref.ref, blocks))))


def claims() -> list[Claim]:
    """Every owner that still has blocks, oldest first."""
    with _lock:
        return [one for one in _claims if one.blocks]
