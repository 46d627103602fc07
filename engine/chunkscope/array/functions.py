"""The functions of `chunkscope.array`: NumPy's names over chunked arrays, in their order in the array API."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from chunkscope.array import families
from chunkscope.array.collection import Array
from chunkscope.array.ops import creation, custom, linalg, manipulation
from chunkscope.array.ops.elementwise import Ufunc, elementwise
from chunkscope.array.ops.elementwise import astype as cast
from chunkscope.array.program import Scalar
from chunkscope.array.wrapping import argument, as_expr, from_values, wrap
from chunkscope.chunks import broadcast_shapes
from chunkscope.errors import DTypeError, ShapeError

__all__ = [
    "arange", "array", "asanyarray", "asarray", "astype", "atleast_1d", "atleast_2d", "broadcast_arrays",
    "broadcast_to", "concatenate", "divmod", "dot", "dstack", "empty", "empty_like", "expand_dims", "eye", "flip",
    "fliplr", "flipud", "from_array", "full", "full_like", "hstack", "linspace", "map_blocks", "matmul",
    "moveaxis", "ndim", "ones",
    "ones_like", "outer", "ravel", "rechunk", "reshape", "result_type", "roll", "shape", "squeeze", "stack", "swapaxes",
    "tensordot", "transpose", "vdot", "vstack", "zeros", "zeros_like",
]  # fmt: skip

# creation


def full(
    shape: Any, fill_value: Any, dtype: Any = None, chunks: Any = "auto", name: str | None = None
) -> Array:
    """An array that holds `fill_value` everywhere.

    >>> import chunkscope.array as ca
    >>> ca.full((2, 2), 7, chunks=1).numblocks
    (2, 2)
    """
    if np.ndim(fill_value) != 0:
        raise ShapeError(
            f"fill_value is one number, got an array of shape {np.shape(fill_value)}: use broadcast_to"
        )
    kind = np.asarray(fill_value).dtype if dtype is None else dtype
    return wrap(creation.full(shape, fill_value, kind, chunks), name)


def ones(shape: Any, dtype: Any = float, chunks: Any = "auto", name: str | None = None) -> Array:
    """An array of ones."""
    return full(shape, 1, dtype or float, chunks, name)


def zeros(shape: Any, dtype: Any = float, chunks: Any = "auto", name: str | None = None) -> Array:
    """An array of zeros."""
    return full(shape, 0, dtype or float, chunks, name)


def empty(shape: Any, dtype: Any = float, chunks: Any = "auto", name: str | None = None) -> Array:
    """An array whose values do not matter: zeros, so that every run gives the same."""
    return zeros(shape, dtype, chunks, name)


def full_like(x: Any, fill_value: Any, dtype: Any = None, chunks: Any = None, shape: Any = None) -> Array:
    """`fill_value` everywhere, with the shape, dtype and chunks of `x` where they are not given."""
    like = as_expr(x)
    target = like.shape if shape is None else creation.checked_shape(shape)
    if chunks is None:
        chunks = like.grid if target == like.shape else "auto"
    return full(target, fill_value, like.dtype if dtype is None else dtype, chunks)


def ones_like(x: Any, dtype: Any = None, chunks: Any = None, shape: Any = None) -> Array:
    """Ones, with the shape, dtype and chunks of `x`."""
    return full_like(x, 1, dtype, chunks, shape)


def zeros_like(x: Any, dtype: Any = None, chunks: Any = None, shape: Any = None) -> Array:
    """Zeros, with the shape, dtype and chunks of `x`."""
    return full_like(x, 0, dtype, chunks, shape)


def empty_like(x: Any, dtype: Any = None, chunks: Any = None, shape: Any = None) -> Array:
    """Values that do not matter, with the shape, dtype and chunks of `x`."""
    return full_like(x, 0, dtype, chunks, shape)


def arange(
    start: Any,
    stop: Any = None,
    step: Any = 1,
    dtype: Any = None,
    chunks: Any = "auto",
    name: str | None = None,
) -> Array:
    """Evenly spaced numbers below `stop`: as `numpy.arange`.

    >>> import chunkscope.array as ca
    >>> ca.arange(1, 50, 3, chunks=5).chunks
    ((5, 5, 5, 2),)
    """
    return wrap(creation.arange(start, stop, step, dtype, chunks), name)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, chunks: Any = "auto"
) -> Array:
    """`num` evenly spaced numbers from `start` to `stop`."""
    return wrap(creation.linspace(start, stop, int(num), endpoint, dtype, chunks))


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = float, chunks: Any = "auto") -> Array:
    """Ones on diagonal `k`, zeros elsewhere."""
    return wrap(creation.eye(N, M, k, dtype, chunks))


def from_array(x: Any, chunks: Any = "auto", name: str | None = None) -> Array:
    """An array whose chunks are slices of `x`: a NumPy array, or anything with shape, dtype and slicing.

    >>> import numpy as np, chunkscope.array as ca
    >>> ca.from_array(np.arange(6).reshape(2, 3), chunks=(1, 3)).sum(axis=0).compute()
    array([3, 5, 7])
    """
    if isinstance(x, Array):
        raise DTypeError(
            "from_array takes values, and this is a chunked array already: use x.rechunk(chunks)"
        )
    return wrap(from_values(x, chunks), name)


def asarray(x: Any, dtype: Any = None, chunks: Any = "auto") -> Array:
    """`x` as a chunked array; itself where it is one."""
    found = x if isinstance(x, Array) else wrap(from_values(x, chunks))
    return found if dtype is None else found.astype(dtype)


array = asanyarray = asarray

# manipulation


def broadcast_to(x: Any, shape: Any, chunks: Any = None) -> Array:
    """`x` stretched to `shape`."""
    return wrap(manipulation.broadcast_to(as_expr(x), shape, chunks))


def broadcast_arrays(*arrays: Any) -> list[Array]:
    """All arrays stretched to their common shape."""
    found = [as_expr(x) for x in arrays]
    shape = broadcast_shapes([x.shape for x in found])
    return [wrap(manipulation.broadcast_to(x, shape)) for x in found]


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Array:
    """Arrays joined along an existing axis."""
    return wrap(manipulation.concatenate([as_expr(x) for x in arrays], axis))


def stack(arrays: Sequence[Any], axis: int = 0) -> Array:
    """Arrays of one shape joined along a new axis."""
    return wrap(manipulation.stack([as_expr(x) for x in arrays], axis))


def atleast_1d(x: Any) -> Array:
    """`x` with at least one axis."""
    found = asarray(x)
    return found if found.ndim else found.reshape((1,))


def atleast_2d(x: Any) -> Array:
    """`x` with at least two axes, new ones first."""
    found = atleast_1d(x)
    return found if found.ndim > 1 else found[None, :]


def vstack(arrays: Sequence[Any]) -> Array:
    """Arrays joined along the first axis, vectors as rows."""
    return concatenate([atleast_2d(x) for x in arrays], 0)


def hstack(arrays: Sequence[Any]) -> Array:
    """Arrays joined along the second axis, vectors along their only one."""
    found = [atleast_1d(x) for x in arrays]
    return concatenate(found, 0 if found and found[0].ndim == 1 else 1)


def dstack(arrays: Sequence[Any]) -> Array:
    """Arrays joined along the third axis."""
    found = [atleast_2d(x) for x in arrays]
    return concatenate([x if x.ndim > 2 else x[:, :, None] for x in found], 2)


def expand_dims(x: Any, axis: Any) -> Array:
    """`x` with new axes of length 1."""
    return wrap(manipulation.expand_dims(as_expr(x), axis))


def squeeze(x: Any, axis: Any = None) -> Array:
    """`x` without axes of length 1."""
    return wrap(manipulation.squeeze(as_expr(x), axis))


def flip(x: Any, axis: Any = None) -> Array:
    """`x` in reverse order along the axes."""
    return wrap(manipulation.flip(as_expr(x), axis))


def flipud(x: Any) -> Array:
    """`x` upside down."""
    return flip(x, 0)


def fliplr(x: Any) -> Array:
    """`x` left to right."""
    return flip(x, 1)


def moveaxis(x: Any, source: Any, destination: Any) -> Array:
    """Axes moved to new places."""
    return wrap(manipulation.moveaxis(as_expr(x), source, destination))


def swapaxes(x: Any, axis1: int, axis2: int) -> Array:
    """Two axes exchanged."""
    return asarray(x).swapaxes(axis1, axis2)


def transpose(x: Any, axes: Any = None) -> Array:
    """The axes in another order, reversed by default."""
    return wrap(manipulation.transpose(as_expr(x), axes))


def reshape(x: Any, shape: Any) -> Array:
    """The elements in C order in another shape."""
    return wrap(manipulation.reshape(as_expr(x), shape))


def ravel(x: Any) -> Array:
    """The elements along one axis."""
    return wrap(manipulation.reshape(as_expr(x), (-1,)))


def roll(x: Any, shift: Any, axis: Any = None) -> Array:
    """The elements moved along an axis, round its end."""
    return wrap(manipulation.roll(as_expr(x), shift, axis))


def rechunk(x: Any, chunks: Any = "auto", block_size_limit: int | str | None = None) -> Array:
    """The same array in other chunks."""
    return asarray(x).rechunk(chunks, block_size_limit)


def astype(x: Any, dtype: Any) -> Array:
    """The elements cast to `dtype`."""
    return wrap(cast(as_expr(x), dtype))


# products


def matmul(x: Any, y: Any) -> Array:
    """The matrix product."""
    return wrap(linalg.matmul(as_expr(x), as_expr(y)))


def dot(x: Any, y: Any) -> Array:
    """NumPy's dot product."""
    return wrap(linalg.dot(as_expr(x), as_expr(y)))


def tensordot(x: Any, y: Any, axes: Any = 2) -> Array:
    """The sum of products over `axes`."""
    return wrap(linalg.tensordot(as_expr(x), as_expr(y), axes))


def vdot(x: Any, y: Any) -> Array:
    """The dot product of the flattened arrays, the first conjugated."""
    first = ravel(x)
    return tensordot(first.conj() if first.dtype.kind == "c" else first, ravel(y), 1)


def outer(x: Any, y: Any) -> Array:
    """Every product of an element of each."""
    return ravel(x)[:, None] * ravel(y)[None, :]


# the rest


def map_blocks(
    function: Callable[..., Any],
    *args: Any,
    name: str | None = None,
    dtype: Any = None,
    chunks: Any = None,
    drop_axis: Any = None,
    new_axis: Any = None,
    **options: Any,
) -> Array:
    """`function(*blocks, **options)` for every block: arrays give their blocks at the same place, numbers themselves.

    `dtype` is found by calling the function on tiny arrays where it is not given. Where it changes shapes, say so with
    `chunks`, `drop_axis` or `new_axis`. A function that takes `block_id` or `block_info` is told where it is.

    >>> import chunkscope.array as ca
    >>> ca.ones(4, chunks=2).map_blocks(lambda x, block_id: x * block_id[0]).compute()
    array([0., 0., 1., 1.])
    """
    if not callable(function):
        raise DTypeError(
            f"map_blocks needs a function first, got {type(function).__name__}: map_blocks(function, x)"
        )
    for key, value in options.items():
        if isinstance(value, Array):
            raise DTypeError(f"map_blocks: give the array {key!r} by position, so that its blocks are passed")
    operands = [argument(value) if _operand(value) else Scalar(value) for value in args]
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):
        known = {}  # type: ignore[assignment]
    wants = tuple(key for key in ("block_id", "block_info") if key in known)
    found = custom.map_blocks(
        function,
        operands,
        dtype=dtype,
        chunks=chunks,
        drop_axis=drop_axis,
        new_axis=new_axis,
        name=name,
        options=options,
        wants=wants,
    )
    return wrap(found, name)


def _operand(value: Any) -> bool:
    return isinstance(value, (Array, np.ndarray, bool, int, float, complex, np.generic))


def divmod(x: Any, y: Any) -> tuple[Array, Array]:
    """Quotient and remainder."""
    operands = [argument(x), argument(y)]
    quotient, remainder = Ufunc(np.floor_divide, "floor_divide"), Ufunc(np.remainder, "remainder")
    return wrap(elementwise(quotient, operands)), wrap(elementwise(remainder, operands))


def shape(x: Any) -> tuple[int, ...]:
    """Lengths of the axes."""
    return as_expr(x).shape


def ndim(x: Any) -> int:
    """Number of axes."""
    return as_expr(x).ndim


def result_type(*arrays: Any) -> np.dtype[Any]:
    """The dtype that NumPy's promotion gives."""
    return np.result_type(*[x.dtype if isinstance(x, Array) else x for x in arrays])


_OTHER_NAMES = {"amax": "max", "amin": "min", "permute_dims": "transpose", "concat": "concatenate"}


def numpy_twin(function: Callable[..., Any]) -> Callable[..., Any]:
    """Our function for one of NumPy's. Raises DTypeError, with what would work, where there is none."""
    name = getattr(function, "__name__", "")
    module = getattr(function, "__module__", "")
    if module == "numpy.linalg":
        from chunkscope.array import linalg as public

        found = getattr(public, name, None)
    else:
        name = _OTHER_NAMES.get(name, name)
        found = (
            globals()[name]
            if name in __all__
            else getattr(families, name)
            if name in families.__all__
            else None
        )
    if found is None:
        raise DTypeError(
            f"{module}.{name} is not known for chunked arrays; use it on x.compute(), "
            "or on each block with x.map_blocks"
        )
    return found  # type: ignore[no-any-return]
