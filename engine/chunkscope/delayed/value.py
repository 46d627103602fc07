"""How the one block of a delayed value becomes what the user gets: their own, and writable."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chunkscope.blocks.writable import writable

__all__ = ["ValueAssembler"]


class ValueAssembler:
    """Takes the one block. Arrays, frames and plain containers are copied (large ones lazily), others handed over."""

    def __init__(self) -> None:
        self._value: Any = None

    def put(self, position: int, block: Any) -> None:
        """Take the value."""
        kind = type(block)
        if kind is np.ndarray:
            self._value = writable(block)
        elif kind in (list, dict, set):
            self._value = copy.copy(block)
        elif kind.__module__.partition(".")[0] == "pandas" and hasattr(block, "copy"):
            self._value = block.copy(deep=False)  # copy on write
        else:
            self._value = block

    def result(self) -> Any:
        """The value."""
        return self._value
