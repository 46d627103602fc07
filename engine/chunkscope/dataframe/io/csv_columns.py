"""One column of a CSV file: the dtype it must have, and how its text becomes an array of that dtype.

Arrow does the work where its reader gives what pandas' would. `from_arrow` answers None where it does not hold for
certain; then pandas reads the partition again and has the last word (`csv_schema`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["TEXT", "Column", "as_dates"]

TEXT: Any = pd.StringDtype(na_value=np.nan)
"""pandas' own dtype of text."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its name, its dtype, and whether the user gave it or the sample told."""

    name: Hashable
    dtype: Any
    given: bool = False
    date: bool = False
    """Whether text becomes dates: `parse_dates`."""
    object_of: str = ""
    """For a sample that pandas reads as objects: what else a partition of it may be."""

    @property
    def kind(self) -> str:
        """What it is: "int", "float", "bool", "str", "category", "date", "object" or "other"."""
        dtype = self.dtype
        if self.date:
            return "date"
        if isinstance(dtype, pd.CategoricalDtype):
            return "category"
        if isinstance(dtype, pd.StringDtype):
            return "str"
        if isinstance(dtype, np.dtype):
            return {"i": "int", "u": "int", "f": "float", "b": "bool", "O": "object"}.get(dtype.kind, "other")
        return "other"

    def arrow_type(self) -> pa.DataType | None:
        """The type to ask of Arrow's reader, or None where only pandas knows how to read this column."""
        dtype = self.dtype
        match self.kind:
            case "int":
                return pa.from_numpy_dtype(dtype)
            case "float":
                return pa.float64() if dtype.itemsize <= 8 else None
            case "bool":
                return pa.bool_()
            case "str":
                return pa.large_string() if dtype.storage == "pyarrow" else None
            case "date":
                return pa.large_string()
            case "category":
                textual = isinstance(dtype.categories.dtype, pd.StringDtype)
                return pa.dictionary(pa.int32(), pa.large_string()) if textual else None
        if isinstance(dtype, (pd.Int64Dtype, pd.Float64Dtype, pd.BooleanDtype)):
            return {"i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}[dtype.kind]
        if isinstance(dtype, pd.ArrowDtype):
            inner = dtype.pyarrow_dtype
            plain = pa.types.is_integer(inner) or pa.types.is_float64(inner) or pa.types.is_boolean(inner)
            return inner if plain or pa.types.is_string(inner) or pa.types.is_large_string(inner) else None
        return None

    def from_arrow(self, values: pa.ChunkedArray, date_format: str | None, dayfirst: bool) -> Any:
        """The values as an array of the dtype, or None where they may not be what pandas would read."""
        match self.kind:
            case "int" | "bool":
                return None if values.null_count else values.to_numpy()
            case "float":
                return _floats(values, self.dtype)
            case "str":
                return self.dtype.__from_arrow__(values)
            case "date":
                text = TEXT.__from_arrow__(values)
                return as_dates(pd.Series(text), self.dtype, date_format, dayfirst)
            case "category":
                return _categories(values, self.dtype)
        if pa.types.is_floating(values.type) and pc.any(pc.is_nan(values)).as_py():
            return None
        return self.dtype.__from_arrow__(values)


def _floats(values: pa.ChunkedArray, dtype: Any) -> Any:
    found = values.to_numpy()
    if np.count_nonzero(np.isnan(found)) != values.null_count:
        return None  # "NAN" is a number to Arrow, a text to pandas
    return found if dtype == found.dtype else found.astype(dtype)


def _categories(values: pa.ChunkedArray, dtype: pd.CategoricalDtype) -> Any:
    whole = values.unify_dictionaries().combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], type=values.type)
    given: Any = dtype.categories
    known = pd.Index(TEXT.__from_arrow__(whole.dictionary))
    codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    wanted: pd.Index[Any] = known.sort_values() if given is None or not len(given) else given
    place = wanted.get_indexer(known)
    if (place < 0).any():
        return None  # a value that is not among the categories given
    codes = np.append(place, -1)[codes]
    return pd.Categorical.from_codes(codes, categories=wanted, ordered=bool(dtype.ordered))


def as_dates(text: pd.Series[Any], dtype: Any, date_format: str | None, dayfirst: bool) -> Any:
    """Text as dates of `dtype`, each different text parsed once; None where one cannot be parsed."""
    try:
        distinct = text.dropna().unique()
        if len(distinct) * 4 < len(text):
            parsed = pd.to_datetime(pd.Series(distinct), format=date_format, dayfirst=dayfirst).astype(dtype)
            found = text.map(dict(zip(distinct, parsed, strict=True))).astype(dtype)
        else:
            found = pd.to_datetime(text, format=date_format, dayfirst=dayfirst).astype(dtype)
    except (ValueError, TypeError, OverflowError):
        return None
    return found.array
