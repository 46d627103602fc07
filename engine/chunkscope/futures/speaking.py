"""`print` and `warn` for tasks: whoever runs them, it is said where the client is."""

from __future__ import annotations

import builtins
import warnings
from typing import Any

__all__ = ["print", "warn"]


def print(
    *args: Any, sep: str | None = " ", end: str | None = "\n", file: Any = None, flush: bool = False
) -> None:
    """Print in the client's process, from a task, too; the builtin `print` does the same here."""
    builtins.print(*args, sep=sep, end=end, file=file, flush=flush)


def warn(
    message: Any, category: type[Warning] | None = UserWarning, stacklevel: int = 1, source: Any = None
) -> None:
    """Warn in the client's process, from a task, too; `warnings.warn` does the same here."""
    warnings.warn(message, category, stacklevel + 1, source)
