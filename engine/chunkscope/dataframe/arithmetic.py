"""Pandas' methods of arithmetic and comparison, made from tables of names: `x.add(y, fill_value=0)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from chunkscope.dataframe.how import Method
from chunkscope.dataframe.ops.elementwise import binary
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["add_arithmetic"]

ARITHMETIC = {
    "add": "x + other",
    "sub": "x - other",
    "mul": "x * other",
    "div": "x / other",
    "truediv": "x / other",
    "floordiv": "x // other",
    "mod": "x % other",
    "pow": "x ** other",
    "radd": "other + x",
    "rsub": "other - x",
    "rmul": "other * x",
    "rdiv": "other / x",
    "rtruediv": "other / x",
    "rfloordiv": "other // x",
    "rmod": "other % x",
    "rpow": "other ** x",
}
ALIASES = {"divide": "div", "multiply": "mul", "subtract": "sub"}
COMPARISONS = {
    "eq": "x == other",
    "ne": "x != other",
    "lt": "x < other",
    "le": "x <= other",
    "gt": "x > other",
    "ge": "x >= other",
}


def arithmetic(self: Any, name: str, other: Any, axis: Any, level: Any, options: dict[str, Any]) -> Any:
    """A method of arithmetic or comparison, its rows matched by index."""
    if level is not None:
        raise FrameError(f"{name}(level=...) needs an index of several levels, which frames here do not have")
    if isinstance(self._expr.meta, pd.DataFrame):
        by_rows = axis in (0, "index", "rows")
        if not by_rows and axis not in (1, "columns"):
            raise FrameError(f"{name}: axis={axis!r} is not one of 0, 'index', 1, 'columns'")
        options = {"axis": axis, **options}
    else:
        by_rows = False
        if axis not in (0, "index"):
            raise FrameError(f"{name}: axis={axis!r} is not an axis of a series; it has 0 alone")
    return wrap(binary(Method(name, tuple(options.items())), [self, other], by_rows=by_rows))


def _frame_arithmetic(name: str) -> Callable[..., Any]:
    def method(
        self: Any, other: Any, axis: Any = "columns", level: Any = None, fill_value: Any = None
    ) -> Any:
        return arithmetic(self, name, other, axis, level, {"fill_value": fill_value})

    return method


def _series_arithmetic(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any, level: Any = None, fill_value: Any = None, axis: Any = 0) -> Any:
        return arithmetic(self, name, other, axis, level, {"fill_value": fill_value})

    return method


def _frame_comparison(name: str) -> Callable[..., Any]:
    def method(self: Any, other: Any, axis: Any = "columns", level: Any = None) -> Any:
        return arithmetic(self, name, other, axis, level, {})

    return method


def add_arithmetic(cls: Any, frame: bool) -> None:
    """Give the class the methods of the tables above."""
    for name, text in {**ARITHMETIC, **COMPARISONS}.items():
        if name in COMPARISONS and frame:
            method = _frame_comparison(name)
        else:
            method = _frame_arithmetic(name) if frame else _series_arithmetic(name)
        filled = (
            "" if name in COMPARISONS and frame else "; where one side is missing, `fill_value` stands in"
        )
        method.__doc__ = f"`{text}`, rows matched by index{filled}."
        method.__name__, method.__qualname__ = name, f"{cls.__name__}.{name}"
        setattr(cls, name, method)
    for alias, name in ALIASES.items():
        setattr(cls, alias, getattr(cls, name))
