"""Makers of the functions that come in families: element-wise functions and reductions, from NumPy's names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from chunkscope.array.collection import Array
from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.elementwise import UFUNCS, Function, Ufunc, elementwise
from chunkscope.array.program import Scalar
from chunkscope.array.reductions import reduce_by_name
from chunkscope.array.wrapping import argument, argument_or_none, as_expr, from_values, wrap
from chunkscope.errors import DTypeError

__all__ = ["make_function", "make_reduction", "make_ufunc"]


def make_ufunc(name: str) -> Callable[..., Array]:
    """The ufunc `name` over chunked arrays."""
    how = Ufunc(UFUNCS[name], name)

    def function(*args: Any) -> Array:
        if len(args) != how.ufunc.nin:
            raise DTypeError(f"{name} takes {how.ufunc.nin} arguments, got {len(args)}")
        return wrap(elementwise(how, _with_array([argument(value) for value in args])))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`numpy.{name}`, element by element."
    return function


def make_function(name: str) -> Callable[..., Array]:
    """The element-wise function `name`, which is no ufunc, with its options."""
    signature = inspect.signature(getattr(np, name))
    arrays = {"where": 3, "clip": 3, "isclose": 2}.get(name, 1)

    def function(*args: Any, **options: Any) -> Array:
        if name == "clip":
            bound = (*args, *[options.pop(key) for key in ("a_min", "a_max", "min", "max") if key in options])
            args = (*bound, *[None] * (3 - len(bound)))
        try:
            bound_options = (
                signature.bind(*args, **options).arguments if name not in ("where", "clip") else options
            )
        except TypeError as error:
            raise DTypeError(f"{name}: {error}") from None
        if len(args) < arrays:
            why = ": how many elements are true is not known before computing" if name == "where" else ""
            raise DTypeError(f"{name} takes {arrays} arrays, got {len(args)}{why}")
        extra = [item for item in bound_options.items() if item[0] not in list(signature.parameters)[:arrays]]
        if any(key == "out" for key, _ in extra):
            raise DTypeError(f"{name}: out= cannot be given, chunked arrays are made anew")
        operands = [argument_or_none(value) for value in args[:arrays]]
        return wrap(elementwise(Function(name, tuple(extra)), _with_array(operands)))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`numpy.{name}`, element by element."
    return function


def make_reduction(name: str) -> Callable[..., Array]:
    """The reduction `name` as a function of an array."""

    def function(x: Any, *args: Any, **options: Any) -> Array:
        return wrap(reduce_by_name(name, as_expr(x), *args, **options))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = (
        f"`numpy.{name}` over `axis` (None: all), with `keepdims` and `split_every`, the number of partials "
        "that one task of the tree merges."
    )
    return function


def _with_array(operands: list[ArrayExpr | Scalar]) -> list[ArrayExpr | Scalar]:
    """Numbers alone become an array without axes."""
    if any(isinstance(operand, ArrayExpr) for operand in operands):
        return operands
    return [
        from_values(np.asarray(operand.value), -1) if isinstance(operand, Scalar) else operand
        for operand in operands
    ]
