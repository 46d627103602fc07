"""Arithmetic, comparison and logic on frames, series, indexes and scalars, made from a table of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Operator
from chunkscope.dataframe.partitionwise import Apply, Literal
from chunkscope.dataframe.wrapping import operand, wrap

__all__ = ["Operators", "combine"]

BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = ("neg", "pos", "invert", "abs")


def combine(name: str, *values: Any) -> Any:
    """`operator.<name>(*values)` for each partition, lazily; what pandas raises for such dtypes is raised here."""
    args = tuple(operand(value) for value in values)
    frames = [arg for arg in args if isinstance(arg, FrameExpr) and isinstance(arg.meta, pd.DataFrame)]
    plain = [arg for arg in args if isinstance(arg, Literal) or arg.is_scalar]
    columnwise = len(frames) + len(plain) == len(args)  # a series beside a frame is matched with its columns
    return wrap(Apply(Operator(name), args, None, True, columnwise))


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
    __array_ufunc__: Any = None  # so that NumPy leaves the operator to us
    __array_priority__ = 30

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
