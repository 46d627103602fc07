"""Arithmetic, comparison and logic on frames, series, indexes and scalars, made from a table of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Operator, Ufunc
from chunkscope.dataframe.ops.elementwise import binary
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["Operators", "combine"]

BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = ("neg", "pos", "invert", "abs")


def combine(name: str, *values: Any) -> Any:
    """`operator.<name>(*values)` for each partition, lazily; what pandas raises for such dtypes is raised here."""
    if name in COMPARISONS:
        for value in values:
            expr = getattr(value, "_expr", None)
            if isinstance(expr, FrameExpr) and isinstance(expr.meta, pd.Index):
                raise FrameError(
                    f"{name}: comparing an index gives an array, which partitions do not have; "
                    "use x.index.to_series(), whose comparison is a series that filters rows"
                )
    return wrap(binary(Operator(name), values))


def _forward(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        return combine(name, self, other)

    return method


def _backward(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        return combine(name, other, self)

    return method


def _unary(name: str) -> Callable[..., Any]:
    def method(self: Any) -> Any:
        return combine(name, self)

    return method


class Operators:
    """The operators of Python, as pandas understands them."""

    __hash__ = object.__hash__
    __array_priority__ = 30

    def __array_ufunc__(self, function: Any, method: str, *values: Any, **options: Any) -> Any:
        if method != "__call__" or options.get("out") is not None or function.nout > 1:
            return NotImplemented
        return wrap(binary(Ufunc(function, tuple(options.items())), values))

    if TYPE_CHECKING:

        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __and__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __lt__(self, other: Any) -> Any: ...
        def __le__(self, other: Any) -> Any: ...
        def __gt__(self, other: Any) -> Any: ...
        def __ge__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...
        def __invert__(self) -> Any: ...


for _name in BINARY:
    _function = f"{_name}_" if _name in ("and", "or") else _name
    setattr(Operators, f"__{_name}__", _forward(_function))
    setattr(Operators, f"__r{_name}__", _backward(_function))
for _name in COMPARISONS:
    setattr(Operators, f"__{_name}__", _forward(_name))
for _name in UNARY:
    setattr(Operators, f"__{_name}__", _unary(_name))
