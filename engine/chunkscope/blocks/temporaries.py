"""Bytes that a kernel uses beside its inputs and its output: told by the kernel, or taken as its layer declared.

A layer with `scratch_bytes` has its kernel run inside `Measured`; a layer without pays nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Measured", "note"]


class _Thread(threading.local):
    """The temporaries of the task that runs in this thread, as far as its kernel has told."""

    most = -1


_thread = _Thread()


def note(nbytes: int) -> None:
    """Tell that the running kernel holds `nbytes` of temporaries now; the largest number told counts.

    Outside a task it does nothing that anybody sees. A kernel that never tells is taken at its layer's word.

    >>> def kernel(block):
    ...     note(100); note(40)
    >>> noted = {}
    >>> Measured(kernel, 7, 4096, noted)(0)
    >>> noted
    {7: 100}
    """
    if nbytes > _thread.most:
        _thread.most = nbytes


class Measured:
    """A kernel whose temporaries are put down, by task, in `noted`: what it told, else what was declared."""

    __slots__ = ("declared", "first_task", "kernel", "noted")

    def __init__(
        self, kernel: Callable[..., Any], first_task: int, declared: int, noted: dict[int, int]
    ) -> None:
        self.kernel = kernel
        self.first_task = first_task
        self.declared = declared
        self.noted = noted

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        outer, _thread.most = _thread.most, -1  # a task may run a computation of its own, in this thread
        try:
            return self.kernel(block, *inputs)
        finally:
            most, _thread.most = _thread.most, outer
            self.noted[self.first_task + block] = self.declared if most < 0 else most
