"""Python's operators and the reductions as methods, from tables: what `Array` inherits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.array.expr import ArrayExpr
from chunkscope.array.names import REDUCTIONS
from chunkscope.array.ops import linalg
from chunkscope.array.ops.elementwise import Ufunc, elementwise
from chunkscope.array.reductions import reduce_by_name
from chunkscope.array.wrapping import argument, as_expr, wrap

if TYPE_CHECKING:
    from chunkscope.array.collection import Array

__all__ = ["Operators"]


class Operators:
    """Arithmetic, comparison, matrix product, and a method for each reduction."""

    __slots__ = ()

    if TYPE_CHECKING:
        _expr: ArrayExpr

    def __matmul__(self, other: Any) -> Array:
        return wrap(linalg.matmul(self._expr, as_expr(other)))

    def __rmatmul__(self, other: Any) -> Array:
        return wrap(linalg.matmul(as_expr(other), self._expr))

    def __pow__(self, other: Any) -> Array:
        fast = (
            _FAST_POWERS.get(other) if type(other) in (int, float) and self._expr.dtype.kind in "fc" else None
        )
        if fast is not None:
            return wrap(elementwise(Ufunc(fast, fast.__name__), [self._expr]))
        return wrap(elementwise(Ufunc(np.power, "power"), [self._expr, argument(other)]))

    def __divmod__(self, other: Any) -> tuple[Array, Array]:
        return self // other, self % other

    if TYPE_CHECKING:
        # made from tables below

        def __getattr__(self, name: str) -> Callable[..., Any]: ...
        def __add__(self, other: Any) -> Array: ...
        def __radd__(self, other: Any) -> Array: ...
        def __sub__(self, other: Any) -> Array: ...
        def __rsub__(self, other: Any) -> Array: ...
        def __mul__(self, other: Any) -> Array: ...
        def __rmul__(self, other: Any) -> Array: ...
        def __truediv__(self, other: Any) -> Array: ...
        def __rtruediv__(self, other: Any) -> Array: ...
        def __floordiv__(self, other: Any) -> Array: ...
        def __mod__(self, other: Any) -> Array: ...
        def __lt__(self, other: Any) -> Array: ...
        def __gt__(self, other: Any) -> Array: ...
        def __le__(self, other: Any) -> Array: ...
        def __ge__(self, other: Any) -> Array: ...
        def __neg__(self) -> Array: ...
        def __abs__(self) -> Array: ...
        def __invert__(self) -> Array: ...
        def __and__(self, other: Any) -> Array: ...
        def __or__(self, other: Any) -> Array: ...


_FAST_POWERS = {1: np.positive, 0.5: np.sqrt, -1: np.reciprocal}
"""What NumPy's own `**` does for these exponents; squares are left to the rule `simpler-powers`."""

_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
    "mod": "remainder", "lshift": "left_shift", "rshift": "right_shift", "and": "bitwise_and", "or": "bitwise_or",
    "xor": "bitwise_xor", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
    "ne": "not_equal",
}  # fmt: skip

_UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}


def _binary(name: str, reflected: bool) -> Callable[[Operators, Any], Any]:
    how = Ufunc(getattr(np, name), name)

    def method(self: Operators, other: Any) -> Any:
        if hasattr(type(other), "__chunkscope_expr__") and not isinstance(other, Operators):
            return NotImplemented
        x, y = self._expr, argument(other)
        return wrap(elementwise(how, [y, x] if reflected else [x, y]))

    return method


def _unary(name: str) -> Callable[[Operators], Array]:
    how = Ufunc(getattr(np, name), name)
    return lambda self: wrap(elementwise(how, [self._expr]))


def _reduction(name: str) -> Callable[..., Array]:
    def method(self: Operators, *args: Any, **options: Any) -> Array:
        return wrap(reduce_by_name(name, self._expr, *args, **options))

    method.__name__ = name
    method.__doc__ = f"`chunkscope.array.{name}` of this array."
    return method


def _complete() -> None:
    for symbol, name in _BINARY.items():
        setattr(Operators, f"__{symbol}__", _binary(name, False))
        if symbol not in ("lt", "le", "gt", "ge", "eq", "ne"):
            setattr(Operators, f"__r{symbol}__", _binary(name, True))
    setattr(Operators, "__rpow__", _binary("power", True))  # noqa: B010 - as the others
    for symbol, name in _UNARY.items():
        setattr(Operators, f"__{symbol}__", _unary(name))
    for name in REDUCTIONS:
        if not name.startswith("nan") and name != "count_nonzero":
            setattr(Operators, name, _reduction(name))


_complete()
