"""Chunked arrays with NumPy's names: `import chunkscope.array as ca`.

Everything is imported when it is first used, NumPy included.

>>> import chunkscope.array as ca
>>> x = ca.ones((4, 6), chunks=(2, 3))
>>> (x + x.T[:4, :4].sum()).sum(axis=0).compute()
array([68., 68., 68., 68., 68., 68.])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chunkscope.array import names as _names

if TYPE_CHECKING:
    from chunkscope.array import linalg, random
    from chunkscope.array.collection import Array as Array
    from chunkscope.array.functions import *  # noqa: F403 - the names are listed in `names`

_HOME = {
    "Array": "chunkscope.array.collection",
    **dict.fromkeys(_names.WRITTEN, "chunkscope.array.functions"),
    **dict.fromkeys((*_names.UFUNCS, *_names.ELEMENTWISE, *_names.REDUCTIONS), "chunkscope.array.families"),
    **dict.fromkeys((*_names.CONSTANTS, *_names.DTYPES), "numpy"),
}

__all__ = ["linalg", "random", *_HOME]


def __getattr__(name: str) -> Any:
    if name in ("random", "linalg"):
        return import_module(f"chunkscope.array.{name}")
    if name not in _HOME:
        raise AttributeError(
            f"module 'chunkscope.array' has no attribute {name!r}; use NumPy's on x.compute(), or x.map_blocks"
        )
    value = globals()[name] = getattr(import_module(_HOME[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
