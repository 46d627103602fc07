"""The bytes that chunkscope holds in this process: one account for all runs and all persisted blocks."""

from __future__ import annotations

import threading

__all__ = ["LEDGER", "Ledger"]


class Ledger:
    """Counts bytes held. Runs book their sums batch by batch, persisted blocks one by one.

    >>> ledger = Ledger()
    >>> ledger.book(100); ledger.book(-40); ledger.held
    60
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.held = 0
        """Bytes held now."""

    def book(self, nbytes: int) -> None:
        """Add `nbytes` (negative to give back)."""
        with self._lock:
            self.held += nbytes

    def room(self, budget: int) -> int:
        """Bytes left under `budget`; negative when it is exceeded."""
        return budget - self.held


LEDGER = Ledger()
"""The account of this process."""
