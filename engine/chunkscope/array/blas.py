"""One BLAS thread per task: tasks run beside each other already, and results must not depend on the number of cores."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any

__all__ = ["single_threaded"]


class _SingleThreaded:
    """While any task is inside, BLAS uses one thread in this process; the last one out puts the setting back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._controller: Any = None
        self._limiter: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                if self._controller is None:
                    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

                    self._controller = ThreadpoolController()
                self._limiter = self._controller.limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self._limiter.restore_original_limits()


single_threaded = _SingleThreaded()
"""`with single_threaded:` around every call of BLAS or LAPACK."""
