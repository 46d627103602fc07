"""Chunked arrays with NumPy's names: `import chunkscope.array as ca`.

>>> import chunkscope.array as ca
>>> x = ca.ones((4, 6), chunks=(2, 3))
>>> (x + x.T[:4, :4].sum()).sum(axis=0).compute()
array([68., 68., 68., 68., 68., 68.])
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from numpy import e, euler_gamma, inf, nan, newaxis, pi

from chunkscope.array.collection import Array
from chunkscope.array.families import *  # noqa: F403 - a table of a hundred names
from chunkscope.array.families import __all__ as _families
from chunkscope.array.functions import *  # noqa: F403
from chunkscope.array.functions import __all__ as _functions

if TYPE_CHECKING:
    from chunkscope.array import linalg, random

__all__ = [
    "Array",
    "e",
    "euler_gamma",
    "inf",
    "linalg",
    "nan",
    "newaxis",
    "pi",
    "random",
    *_families,
    *_functions,
]


def __getattr__(name: str) -> ModuleType:
    if name in ("random", "linalg"):
        return import_module(f"chunkscope.array.{name}")
    raise AttributeError(f"module 'chunkscope.array' has no attribute {name!r}")
