"""Who takes the outputs of a run: what `compute` puts together, what `persist` and futures keep."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Taker"]


class Taker(Protocol):
    """Who takes the blocks of one root: an assembler, or a list of stored blocks.

    One that has a true `keeps_packed` gets blocks in shared memory as `Packed`, without a copy. One whose blocks others
    wait for has `complete`: whether all of them are done.
    """

    def put(self, position: int, block: Any) -> None:
        """Take block number `position`, in C order of the root's grid."""

    def fail(self, error: BaseException) -> None:
        """There will be no more blocks."""

    def fail_at(self, position: int, error: BaseException) -> None:
        """Block number `position` will never be there. Asked only of runs that go on after a failure."""
