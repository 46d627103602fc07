"""The arguments of a call as they are when it is submitted: it begins a moment later, or much later."""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType
from typing import Any

import numpy as np

from chunkscope.futures.future import Future

__all__ = ["as_now", "named_as_now"]

_FIXED = frozenset(
    (
        int,
        float,
        complex,
        bool,
        str,
        bytes,
        type(None),
        range,
        slice,
        type,
        FunctionType,
        BuiltinFunctionType,
        Future,
    )
)
LARGEST_BYTES = 1 << 16
"""Larger arrays are not copied: many calls may be given the same one."""


def as_now(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, with copies of lists, dicts, sets and small arrays in them: who submits may fill them anew.

    >>> x = [1]; y, = as_now((x,)); x.append(2); y
    [1]
    """
    return values if _FIXED.issuperset(map(type, values)) else tuple(map(_one, values))


def named_as_now(values: dict[str, Any]) -> dict[str, Any]:
    """The same of keyword arguments."""
    return values if _FIXED.issuperset(map(type, values.values())) else _dict(values)


def _one(value: Any) -> Any:
    copied = _COPIES.get(type(value))
    return value if copied is None else copied(value)


def _list(value: list[Any]) -> list[Any]:
    return value.copy() if _FIXED.issuperset(map(type, value)) else list(map(_one, value))


def _dict(value: dict[Any, Any]) -> dict[Any, Any]:
    return {key: _one(part) for key, part in value.items()}


def _array(value: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return value.copy(order="K") if value.flags.writeable and value.nbytes < LARGEST_BYTES else value


_COPIES: dict[type, Callable[[Any], Any]] = {
    tuple: as_now,
    list: _list,
    dict: _dict,
    set: set.copy,
    bytearray: bytearray.copy,
    np.ndarray: _array,
}
