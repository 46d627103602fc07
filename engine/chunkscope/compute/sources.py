"""Which files a lazy value reads or was read from, and whether they are still what they were."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import Protocol

from chunkscope.compute.shown import below
from chunkscope.expr import Expr, Stored

__all__ = ["FileFacts", "changed_files", "files_of", "remember_files"]

MOST_NODES = 5_000
MOST_FILES = 200
"""Files of one value that are looked at; a frame of more is judged by the first ones."""


class FileFacts(Protocol):
    """What a reader keeps of a file when a frame is made."""

    @property
    def path(self) -> str:
        """Where it lies."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def modified(self) -> int:
        """When it was written, in nanoseconds."""


_read: weakref.WeakKeyDictionary[Stored, tuple[FileFacts, ...]] = weakref.WeakKeyDictionary()
"""The files that stored blocks were made from: the blocks' own expression has forgotten them."""


def files_of(roots: Sequence[Expr]) -> tuple[FileFacts, ...]:
    """The files below these expressions, each once, `MOST_FILES` at most."""
    found: dict[str, FileFacts] = {}
    for node in below(roots, MOST_NODES):
        files = _read.get(node, ()) if isinstance(node, Stored) else getattr(node, "files", ())
        for file in files if isinstance(files, tuple) else ():
            if len(found) >= MOST_FILES:
                return tuple(found.values())
            if hasattr(file, "modified"):
                found.setdefault(file.path, file)
    return tuple(found.values())


def remember_files(leaf: Stored, source: Expr) -> None:
    """Keep the files of `source` with the blocks that are made from it, as long as these live."""
    files = files_of([source])
    if files:
        _read[leaf] = files


def changed_files(expr: Expr) -> list[str]:
    """The names of those files of `expr` that have changed, or are gone, since it was made."""
    return [os.path.basename(file.path) for file in files_of([expr]) if not _is_same(file)]


def _is_same(file: FileFacts) -> bool:
    try:
        now = os.stat(file.path)
    except OSError:
        return False
    return (now.st_size, now.st_mtime_ns) == (file.size, file.modified)
