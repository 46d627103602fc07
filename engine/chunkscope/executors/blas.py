"""One BLAS thread for each task: tasks run beside each other already, and results must not depend on the cores.

Our own kernels hold BLAS whatever the executor; a run on several lanes also holds it for the user's functions.
"""

from __future__ import annotations

import sys
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
        self._modules = 0
        self._limiter: Any = None

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                if self._modules != len(
                    sys.modules
                ):  # a module imported since may have brought a BLAS of its own
                    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

                    self._controller = ThreadpoolController()
                    self._modules = len(sys.modules)
                self._limiter = self._controller.limit(limits=1, user_api="blas")
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                # Limits may be changed by one thread at a time; ours was changed by whichever lane came first.
                self._pass_control()
                self._limiter.restore_original_limits()
                self._pass_control()

    def _pass_control(self) -> None:
        """Let any thread change the limits next."""
        for library in self._controller.lib_controllers:
            if hasattr(library, "clear_controlling_thread"):  # threadpoolctl 3.8 and later
                library.clear_controlling_thread(force=True)


single_threaded = _SingleThreaded()
"""`with single_threaded:` around every call of BLAS or LAPACK."""
