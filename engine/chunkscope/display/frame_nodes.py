"""What a node of a frame expression says of itself: the plain arguments of its operation, the columns that it makes."""

from __future__ import annotations

from typing import Any

from chunkscope.display.markup import shorten
from chunkscope.expr import Expr

__all__ = ["frame_arguments", "frame_columns"]

SYMBOLS = {
    "add": "+",
    "and_": "&",
    "eq": "==",
    "floordiv": "//",
    "ge": ">=",
    "gt": ">",
    "le": "<=",
    "lt": "<",
    "mod": "%",
    "mul": "*",
    "ne": "!=",
    "or_": "|",
    "pow": "**",
    "sub": "-",
    "truediv": "/",
    "xor": "^",
}
FEW = 3


def frame_arguments(node: Any) -> str:
    """The arguments of an operation that are plain values: "> 15", "['JFK', 'EWR']"; empty where there are none."""
    how, args = getattr(node, "how", None), getattr(node, "args", None)
    name = getattr(how, "name", None)
    if not isinstance(name, str) or not isinstance(args, tuple):
        return ""
    plain = [_said(getattr(arg, "value", arg)) for arg in args if not _lazy(arg)]
    if name in SYMBOLS:
        shown = ["x" if _lazy(arg) else _said(getattr(arg, "value", arg)) for arg in args]
        return f" {SYMBOLS[name]} ".join(shown) if plain and all(shown) else ""
    options = getattr(how, "options", ())
    named = [f"{key}={_said(value)}" for key, value in options if _said(value)]
    return ", ".join([text for text in plain if text] + named)


def _lazy(arg: Any) -> bool:
    """Whether an argument is computed; the others are values, or wrapped around one."""
    return isinstance(arg, Expr) and not hasattr(arg, "value")


def _said(value: Any) -> str:
    """A plain value as code; empty for anything that could be data."""
    if isinstance(value, str | int | float | bool):
        return shorten(repr(value), 24)
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(item, str | int | float) for item in value)
    ):
        return shorten(repr(list(value)), 30)
    return ""


def frame_columns(node: Any) -> str:
    """The columns that a node makes: "Origin, DepDelay", "31 columns"; empty for what makes no frame."""
    meta = getattr(node, "meta", None)
    names = getattr(meta, "columns", None)
    if names is not None:
        return ", ".join(map(str, names)) if 0 < len(names) <= FEW else f"{len(names):,} columns"
    name = getattr(meta, "name", None)
    told = isinstance(name, str) and name != "partial" and hasattr(meta, "dtype") and hasattr(meta, "index")
    return str(name) if told else ""
