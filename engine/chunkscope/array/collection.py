"""The class `Array`: thin wrapping of expressions. Operators and reductions come from `operators`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from chunkscope.array.assembler import ArrayAssembler
from chunkscope.array.block_index import BlockIndexer
from chunkscope.array.expr import ArrayExpr, StoredArray
from chunkscope.array.operators import Operators
from chunkscope.array.ops import indexing, linalg, manipulation
from chunkscope.array.ops.elementwise import Function, Ufunc, astype, elementwise
from chunkscope.array.ops.rechunk import rechunked
from chunkscope.array.reductions import reduce_by_name
from chunkscope.array.rules import ARRAY_RULES
from chunkscope.array.wrapping import argument, argument_or_none, as_expr, wrap
from chunkscope.chunks import normalize_chunks
from chunkscope.compute.lazy import Lazy
from chunkscope.errors import DTypeError, LazyValueError
from chunkscope.expr import Expr, Rule, Stored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.compute import Assembler

__all__ = ["Array"]


class Array(Lazy, Operators):
    """A chunked array whose values are not computed yet. Made by the functions of `chunkscope.array`, not by its class.

    Attributes and operations follow NumPy; `chunks`, `compute`, `persist`, `rechunk` and `map_blocks` follow Dask.

    >>> import chunkscope.array as ca
    >>> x = ca.arange(10, chunks=4)
    >>> x.shape, x.chunks, x.numblocks
    ((10,), ((4, 4, 2),), (3,))
    >>> (x * 2).sum().compute()
    np.int64(90)
    """

    __slots__ = ("__weakref__", "_expr")
    __array_priority__ = 20

    def __init__(self, expr: ArrayExpr) -> None:
        self._expr = expr

    # what an array is

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self._expr.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the elements."""
        return self._expr.dtype

    @property
    def chunks(self) -> tuple[tuple[int, ...], ...]:
        """Sizes of the chunks along each axis."""
        return self._expr.grid.chunks

    @property
    def chunksize(self) -> tuple[int, ...]:
        """The largest chunk size along each axis."""
        return self._expr.grid.chunksize

    @property
    def numblocks(self) -> tuple[int, ...]:
        """Number of blocks along each axis."""
        return self._expr.grid.numblocks

    @property
    def npartitions(self) -> int:
        """Number of blocks."""
        return self._expr.grid.nblocks

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._expr.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._expr.size

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of the whole array, computed."""
        return self._expr.nbytes

    @property
    def name(self) -> str:
        """The user's name for it, else its operation and token."""
        return self._expr.label or f"{self._expr.op}-{self._expr.token}"

    @property
    def T(self) -> Array:
        """The axes reversed."""
        return wrap(manipulation.transpose(self._expr))

    @property
    def mT(self) -> Array:
        """The last two axes swapped."""
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> Array:
        """The real parts."""
        return wrap(elementwise(Function("real"), [self._expr]))

    @property
    def imag(self) -> Array:
        """The imaginary parts."""
        return wrap(elementwise(Function("imag"), [self._expr]))

    @property
    def blocks(self) -> BlockIndexer:
        """The blocks as arrays: `x.blocks[i, j]`."""
        return BlockIndexer(self._expr)

    @property
    def partitions(self) -> BlockIndexer:
        """The same as `blocks`."""
        return BlockIndexer(self._expr)

    # the engine's protocol

    def __chunkscope_expr__(self) -> Expr:
        return self._expr

    def __chunkscope_rules__(self) -> tuple[Rule, ...]:
        return ARRAY_RULES

    def __chunkscope_assembler__(self, grid: tuple[int, ...]) -> Assembler:
        return ArrayAssembler(self._expr.grid, self.dtype)

    def __chunkscope_rebuild__(self, expr: Expr) -> Self:
        if isinstance(expr, Stored):
            expr = StoredArray(expr, self._expr.grid, self.dtype).stamped(self._expr)
        assert isinstance(expr, ArrayExpr)
        return type(self)(expr)

    def __chunkscope_token__(self) -> str:
        return self._expr.token

    # looking at it

    def visualize(self, filename: str | None = None, **options: Any) -> Any:
        """A picture of its expression, or of its tasks with `tasks=True`."""
        from chunkscope.display import visualize

        return visualize(self, filename=filename, **options)

    def describe(self) -> str:
        """What it is, in words."""
        from chunkscope.display import describe_array

        return describe_array(self)

    def _repr_html_(self) -> str:
        from chunkscope.display import array_html

        return array_html(self)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        from chunkscope.display import array_html, bundle, describe_array

        return bundle(self, array_html, describe_array, include, exclude)

    def __repr__(self) -> str:
        label = self._expr.label or _last_operation(self._expr)
        return (
            f"chunkscope.array<{label}, shape={self.shape}, dtype={self.dtype}, chunksize={self.chunksize}>"
        )

    # values that are not there yet

    def __bool__(self) -> bool:
        return bool(self._value("if", "bool"))

    def __int__(self) -> int:
        return int(self._value("int()", "int"))

    def __float__(self) -> float:
        return float(self._value("float()", "float"))

    def __complex__(self) -> complex:
        return complex(self._value("complex()", "complex"))

    def __index__(self) -> int:
        return operator.index(self._value("an index", "int"))

    def _value(self, asked: str, kind: str) -> Any:
        raise LazyValueError(
            f"{asked} needs a value, and this array of shape {self.shape} is not computed yet; "
            f"use {kind}(x.compute())" + ("" if not self.ndim else ", or x.any() or x.all() first")
        )

    def __iter__(self) -> Iterator[Array]:
        raise LazyValueError(
            f"cannot go through the elements of an array of shape {self.shape} that is not computed yet; "
            "use x.compute(), or x.blocks for its blocks"
        )

    def __len__(self) -> int:
        if not self.ndim:
            raise LazyValueError("len() of an array without axes: it holds one value")
        return self.shape[0]

    def __contains__(self, value: object) -> bool:
        raise LazyValueError(
            f"`in` needs values that are not computed yet; use (x == {value!r}).any().compute()"
        )

    __hash__ = object.__hash__

    # meeting NumPy

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("computing makes a new array: copy=False cannot be kept")
        return np.asarray(self.compute(), dtype=dtype)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method == "__call__" and ufunc is np.matmul and not options:
            return wrap(linalg.matmul(*[as_expr(value) for value in inputs]))
        if method == "__call__" and ufunc.nout == 1 and ufunc.signature is None:
            dtype = options.pop("dtype", None)
            if options:
                raise DTypeError(
                    f"{ufunc.__name__} on chunked arrays takes no {', '.join(options)}: use astype or where"
                )
            found = elementwise(Ufunc(ufunc, ufunc.__name__), [argument(value) for value in inputs])
            return wrap(found if dtype is None else astype(found, dtype))
        if method == "reduce" and ufunc.__name__ in _UFUNC_REDUCTIONS:
            options.pop("out", None)
            options.setdefault("axis", 0)
            return wrap(reduce_by_name(_UFUNC_REDUCTIONS[ufunc.__name__], as_expr(inputs[0]), **options))
        raise DTypeError(
            f"{ufunc.__name__}.{method} is not known for chunked arrays; use x.compute() first, or map_blocks"
        )

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        from chunkscope.array.functions import numpy_twin

        return numpy_twin(function)(*args, **options)

    # indexing and moving

    def __getitem__(self, index: Any) -> Array:
        return wrap(indexing.getitem(self._expr, index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise LazyValueError(
            "chunked arrays cannot be changed in place; use where(condition, x, y) for a new one"
        )

    def transpose(self, *axes: Any) -> Array:
        """The axes in another order, reversed by default."""
        given: Any = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
        return wrap(manipulation.transpose(self._expr, given))

    def swapaxes(self, axis1: int, axis2: int) -> Array:
        """Two axes exchanged."""
        a, b = (manipulation.one_axis(axis, self.ndim) for axis in (axis1, axis2))
        order = list(range(self.ndim))
        order[a], order[b] = order[b], order[a]
        return wrap(manipulation.transpose(self._expr, order))

    def reshape(self, *shape: Any) -> Array:
        """The elements in C order in another shape; one length can be -1."""
        return wrap(manipulation.reshape(self._expr, shape[0] if len(shape) == 1 else shape))

    def ravel(self) -> Array:
        """The elements along one axis."""
        return wrap(manipulation.reshape(self._expr, (-1,)))

    flatten = ravel

    def squeeze(self, axis: Any = None) -> Array:
        """Without axes of length 1."""
        return wrap(manipulation.squeeze(self._expr, axis))

    def rechunk(self, chunks: Any = "auto", block_size_limit: int | str | None = None) -> Array:
        """The same array in other chunks; see `normalize_chunks` for the spellings. None keeps an axis as it is."""
        grid = normalize_chunks(
            chunks, self.shape, itemsize=self.itemsize, limit=block_size_limit, previous=self._expr.grid
        )
        return wrap(rechunked(self._expr, grid))

    def astype(self, dtype: Any, *, casting: str = "unsafe", copy: bool = True) -> Array:
        """The elements cast to `dtype`."""
        return wrap(astype(self._expr, dtype, casting))

    def copy(self) -> Array:
        """The array itself: it cannot be changed."""
        return self

    def map_blocks(self, function: Callable[..., Any], *args: Any, **options: Any) -> Array:
        """`function(block, *args)` for every block; see `chunkscope.array.map_blocks`."""
        from chunkscope.array.functions import map_blocks

        return map_blocks(function, self, *args, **options)

    def clip(self, min: Any = None, max: Any = None) -> Array:
        """The elements, no smaller than `min` and no larger than `max`."""
        return wrap(
            elementwise(Function("clip"), [argument(self), argument_or_none(min), argument_or_none(max)])
        )

    def round(self, decimals: int = 0) -> Array:
        """The elements rounded to some decimals."""
        return wrap(elementwise(Function("round", (("decimals", decimals),)), [self._expr]))

    def conj(self) -> Array:
        """The complex conjugates."""
        return wrap(elementwise(Ufunc(np.conjugate, "conj"), [self._expr]))

    def dot(self, other: Any) -> Array:
        """NumPy's dot product."""
        return wrap(linalg.dot(self._expr, as_expr(other)))


_UFUNC_REDUCTIONS = {
    "add": "sum", "multiply": "prod", "minimum": "min", "maximum": "max", "logical_and": "all", "logical_or": "any",
}  # fmt: skip


def _last_operation(expr: ArrayExpr) -> str:
    how = getattr(expr, "how", None) or getattr(expr, "reducer", None) or getattr(expr, "fold", None)
    return getattr(how, "name", None) or getattr(expr, "distribution", None) or expr.op
