"""Who runs beside whom in one process: a task whose process has died before runs alone, so that no other is blamed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Company"]

ALONE_SECONDS = 2.0
"""How long anybody waits for the sake of that: tasks may wait for each other, too."""


class Company:
    """The threads of one process that run something now.

    >>> company = Company()
    >>> with company.beside(), company.beside():
    ...     company.running
    2
    >>> with company.beside(alone=True):
    ...     company.running
    1
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._alone: object | None = None
        self.running = 0
        """How many there are."""

    @contextmanager
    def beside(self, alone: bool = False) -> Iterator[None]:
        """Run something beside the others, or when nobody else does, and nobody else meanwhile."""
        me = object()
        with self._changed:
            if not self._changed.wait_for(lambda: self._may_run(alone), ALONE_SECONDS):
                self._alone = None  # who runs alone may wait for us: nobody else is to wait for it
            self.running += 1
            if alone:
                self._alone = me
        try:
            yield
        finally:
            with self._changed:
                self.running -= 1
                if self._alone is me:
                    self._alone = None
                self._changed.notify_all()

    def _may_run(self, alone: bool) -> bool:
        return self._alone is None and not (alone and self.running)
