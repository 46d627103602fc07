"""Random NumPy arrays and the same as chunked arrays."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import chunkscope.array as ca
from chunkscope.array import Array
from chunkscope.array.rules import ARRAY_RULES
from tests.engine.chunks.strategies import cuts

DTYPES = [
    "bool",
    "int8",
    "uint8",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]

rules = st.sets(st.sampled_from(ARRAY_RULES)).map(
    lambda chosen: tuple(rule for rule in ARRAY_RULES if rule in chosen)
)

shapes = st.lists(st.integers(0, 6), max_size=3).map(tuple)


@st.composite
def values(draw: st.DrawFn, shape: Any = shapes, dtypes: Any = DTYPES, nan: bool = True) -> np.ndarray:
    """Small numbers, NaN among the floats."""
    if isinstance(shape, st.SearchStrategy):
        shape = draw(shape)
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    small = hnp.arrays(np.int8, shape, elements=st.integers(-4, 9))
    x = draw(small).astype(dtype)
    if dtype.kind in "fc" and nan and x.size and draw(st.booleans()):
        x.reshape(-1)[draw(st.integers(0, x.size - 1))] = np.nan
    return x


@st.composite
def chunked(draw: st.DrawFn, x: np.ndarray) -> Array:
    """`x` in random chunks."""
    return ca.from_array(x, chunks=tuple(draw(cuts(n)) for n in x.shape))


@st.composite
def pairs(draw: st.DrawFn, **options: Any) -> tuple[np.ndarray, Array]:
    """An array, and the same in chunks."""
    x = draw(values(**options))
    return x, draw(chunked(x))
