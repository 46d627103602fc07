"""In a worker: packages of ours that several of its threads come to need at once are imported whole, by one of them.

Unpickling imports the module that a function lies in. Python does not wait there for another thread that is just
importing its package: both would find modules that are half made.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

__all__ = ["import_packages"]

_NAMES = re.compile(rb"chunkscope\.(?:array|bag|dataframe|delayed|futures)")
FIRST_BYTES = 1 << 16
"""Of a pickle: names come where they are first needed."""
_imported: set[bytes] = set()


def import_packages(pickled: Any) -> None:
    """Import the packages that are named in this pickle, before it is read. Waits for a thread that is at it.

    >>> import pickle
    >>> from chunkscope.delayed.call import Call
    >>> import_packages(pickle.dumps(Call)); b"chunkscope.delayed" in _imported
    True
    """
    for name in _NAMES.findall(memoryview(pickled)[:FIRST_BYTES]):
        if name not in _imported:
            import_module(name.decode())
            _imported.add(bytes(name))
