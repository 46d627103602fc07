"""The reductions by name: which reducer each has for a dtype, and NumPy's rules for the dtype of the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from chunkscope.array.dtypes import checked_dtype
from chunkscope.array.expr import ArrayExpr
from chunkscope.array.ops.elementwise import Ufunc, elementwise
from chunkscope.array.ops.searching import arg_reduction
from chunkscope.array.ops.statistical import checked_axes, reduction
from chunkscope.array.program import Scalar
from chunkscope.array.reducers import Fold, Mean, Moments, NanFold, NanMean, Reducer
from chunkscope.errors import DTypeError, ShapeError

__all__ = ["reduce_by_name"]

_UFUNCS = {
    "sum": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum, "any": np.logical_or,
    "all": np.logical_and, "nansum": np.add, "nanprod": np.multiply, "nanmin": np.fmin, "nanmax": np.fmax,
}  # fmt: skip

_WIDER = {
    np.dtype(np.float16): np.float32,
    np.dtype(np.float32): np.float64,
    np.dtype(np.complex64): np.complex128,
}
"""Partials of many tiles are kept in a wider type, so that adding them up loses nothing."""


def reduce_by_name(
    name: str,
    x: ArrayExpr,
    axis: Any = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    split_every: int | dict[int, int] | None = None,
    ddof: float = 0,
    out: None = None,
) -> ArrayExpr:
    """The reduction `name` of `x` over `axis` (None: all; an integer; a tuple).

    `split_every`: how many partials one task of the tree merges (default 16).
    """
    if out is not None:
        raise DTypeError(f"{name}: out= cannot be given, chunked arrays are made anew")
    if dtype is not None and not name.endswith(("sum", "prod", "mean", "var", "std")):
        raise DTypeError(f"{name} takes no dtype: use astype")
    if ddof and not name.endswith(("var", "std")):
        raise DTypeError(f"{name} takes no ddof: use var or std")
    if "arg" in name:
        return arg_reduction(x, name, axis, keepdims, split_every)
    if name == "count_nonzero":
        flags = x if x.dtype == bool else elementwise(Ufunc(np.not_equal, "not_equal"), [x, Scalar(0)])
        return reduction(
            flags, _reducer("sum", flags, np.intp, 0, "count_nonzero"), axis, keepdims, split_every
        )
    if name in ("any", "all") and x.dtype != bool:
        x = elementwise(Ufunc(np.not_equal, "not_equal"), [x, Scalar(0)])
    if name == "ptp":
        high, low = (
            reduce_by_name(part, x, axis, keepdims=keepdims, split_every=split_every)
            for part in ("max", "min")
        )
        return elementwise(Ufunc(np.subtract, "subtract"), [high, low])
    if name in ("min", "max", "nanmin", "nanmax"):
        for i in checked_axes(axis, x.ndim):
            if x.shape[i] == 0:
                raise ShapeError(
                    f"{name} of no elements: axis {i} of shape {x.shape} is empty and {name} has no default"
                )
    return reduction(x, _reducer(name, x, dtype, ddof, name), axis, keepdims, split_every)


def _reducer(name: str, x: ArrayExpr, dtype: Any, ddof: float, shown: str) -> Reducer:
    """The reducer for this dtype; NumPy itself is asked for the dtype of the result."""
    base = name.removeprefix("nan")
    skipna = name != base
    sample = np.ones(1, x.dtype)
    try:
        kind = {} if dtype is None else {"dtype": checked_dtype(dtype)}
        if x.dtype.kind == "O":
            raise TypeError("objects have no fixed size")
        result = np.asarray(getattr(np, base)(sample, **kind)).dtype
    except TypeError as error:
        raise DTypeError(
            f"{shown} cannot take an array of {x.dtype}: {error}; cast with astype first"
        ) from None
    if base in ("var", "std"):
        work = np.dtype(np.result_type(x.dtype, np.float64))
        if x.dtype.kind != "c" and dtype is not None:
            work = np.dtype(np.result_type(work, result))
        return Moments(shown, result, work, ddof, base == "std", skipna and x.dtype.kind in "fc")
    if base in ("sum", "mean", "prod"):
        compute = result
        if base == "mean" and dtype is None and x.dtype == np.float16:
            compute = np.dtype(np.float32)
        if base != "mean" and compute == np.float16:
            compute = np.dtype(np.float32)
        partial = np.dtype(_WIDER.get(compute, compute))
        fold = Fold(shown, _UFUNCS[name] if base != "mean" else np.add, compute, partial, compute)
        if base == "mean":
            if skipna and x.dtype.kind in "fc":
                return NanMean(shown, result, partial)
            return Mean(shown, fold, result)
        fold = Fold(shown, _UFUNCS[name], compute, partial, result)
        return NanFold(shown, fold, 0 if base == "sum" else 1) if skipna and x.dtype.kind in "fc" else fold
    kind_of = np.dtype(bool) if base in ("any", "all") else x.dtype
    return Fold(shown, _UFUNCS[name], kind_of, kind_of, kind_of)
