"""The functions that come in families, under NumPy's names: some of them hide builtins, so nothing else lives here."""

from chunkscope.array import making
from chunkscope.array.ops.elementwise import FUNCTIONS, UFUNCS
from chunkscope.array.reductions import REDUCTIONS

__all__ = [*FUNCTIONS, *REDUCTIONS, *UFUNCS]

globals().update({name: making.make_ufunc(name) for name in UFUNCS})
globals().update({name: making.make_function(name) for name in FUNCTIONS})
globals().update({name: making.make_reduction(name) for name in REDUCTIONS})
