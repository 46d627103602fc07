"""The functions that come in families, under NumPy's names: some of them hide builtins, so nothing else lives here."""

from typing import Any

from chunkscope.array import making, names

__all__ = [*names.ELEMENTWISE, *names.REDUCTIONS, *names.UFUNCS]

globals().update({name: making.make_ufunc(name) for name in names.UFUNCS})
globals().update({name: making.make_function(name) for name in names.ELEMENTWISE})
globals().update({name: making.make_reduction(name) for name in names.REDUCTIONS})


def __getattr__(name: str) -> Any:
    raise AttributeError(f"no function is named {name!r}")
