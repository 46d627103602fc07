"""How partitions become the frame, series or scalar that the user gets."""

from __future__ import annotations

from typing import Any

import pandas as pd

from chunkscope.dataframe.meta import is_scalar

__all__ = ["FrameAssembler", "concat"]


def concat(parts: list[Any]) -> Any:
    """The partitions as one pandas object, in order. Categories that differ are joined."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0], pd.Index):
        return parts[0].append(parts[1:])
    filled = [part for part in parts if len(part)] or parts[:1]
    if len(filled) == 1:
        return filled[0]
    if any(isinstance(dtype, pd.CategoricalDtype) for dtype in _dtypes(filled[0])):
        filled = _same_categories(filled)
    return pd.concat(filled)


def _dtypes(x: Any) -> list[Any]:
    return list(x.dtypes) if isinstance(x, pd.DataFrame) else [x.dtype]


def _same_categories(parts: list[Any]) -> list[Any]:
    from pandas.api.types import union_categoricals

    def unified(columns: list[pd.Series[Any]]) -> list[pd.Series[Any]]:
        dtypes = {column.dtype for column in columns}
        if len(dtypes) == 1 or not all(isinstance(dtype, pd.CategoricalDtype) for dtype in dtypes):
            return columns
        joint = union_categoricals(columns).dtype
        return [column.astype(joint) for column in columns]

    if isinstance(parts[0], pd.Series):
        return unified(parts)
    by_column = [unified([part.iloc[:, i] for part in parts]) for i in range(parts[0].shape[1])]
    joined = []
    for number, part in enumerate(parts):
        frame = pd.concat([columns[number] for columns in by_column], axis=1)
        frame.columns = part.columns
        joined.append(frame)
    return joined


class FrameAssembler:
    """Takes partitions in any order, from any thread."""

    def __init__(self, meta: Any, npartitions: int) -> None:
        self._meta = meta
        self._parts: list[Any] = [None] * npartitions

    def put(self, position: int, block: Any) -> None:
        """Take partition number `position`."""
        self._parts[position] = block

    def result(self) -> Any:
        """The pandas object: the user's own, sharing nothing that they could change."""
        parts, self._parts = self._parts, []
        value = concat(parts)
        if is_scalar(self._meta) or isinstance(value, pd.Index):
            return value
        return value.copy() if any(value is part for part in parts) else value
