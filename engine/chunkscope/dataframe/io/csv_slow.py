"""A block of CSV text read by pandas' own parser: for what Arrow's does not know, and the judge where they differ."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.io.csv_columns import Column, as_dates
from chunkscope.dataframe.io.csv_format import CSVFormat

__all__ = ["Malformed", "first_bad", "parse_by_pandas", "parse_text"]


BEYOND = "__chunkscope_beyond__"


class Malformed(Exception):
    """Some record has too many fields, or something else that the parser cannot take."""


def parse_text(data: bytes, form: CSVFormat, names: Sequence[Any], dtype: Any = None) -> pd.DataFrame:
    """The records of `data`, all columns, with dtypes as pandas infers them or as given.

    Records with too many fields were dealt with before, where the separator is one character; else they are found here.
    """
    options = form.pandas_options()
    asked = list(names)
    if len(form.syntax.delimiter) > 1:
        asked.append(BEYOND)
        if form.sep != r"\s+":
            options["engine"] = "python"
            options.pop("low_memory")
    try:
        found: Any = pd.read_csv(
            io.BytesIO(data), header=None, names=asked, dtype=dtype, encoding="utf-8", **options
        )
    except pd.errors.EmptyDataError:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    except pd.errors.ParserError as error:
        raise Malformed(str(error)) from None
    if not isinstance(found.index, pd.RangeIndex) or (
        len(asked) > len(names) and found.pop(BEYOND).notna().any()
    ):
        raise Malformed(f"a line has more fields than the {len(names)} columns")
    frame: pd.DataFrame = found
    return frame


def parse_by_pandas(
    data: bytes, form: CSVFormat, names: Sequence[Any], columns: Sequence[Column]
) -> tuple[dict[Any, Any], list[tuple[Column, str]], int]:
    """The arrays of `columns`, those that do not hold what they should with the dtype found, and the number of rows."""
    converted = {name for key, value in form.options if key == "converters" for name in dict(value)}
    asked = {c.name: dtype for c in columns if c.name not in converted and (dtype := _asked(c)) is not None}
    frame = parse_text(data, form, names, asked or None)
    arrays: dict[Any, Any] = {}
    wrong: list[tuple[Column, str]] = []
    for column in columns:
        series = frame[column.name]
        array = _coerced(series, column, form) if len(series) else pd.Series([], dtype=column.dtype)
        if array is None:
            wrong.append((column, _found(data, form, names, column, series)))
        else:
            arrays[column.name] = array
    return arrays, wrong, len(frame)


def _asked(column: Column) -> Any:
    """The dtype to ask of pandas; None where its own inference shall tell what is there."""
    match column.kind:
        case "str":
            return column.dtype
        case "date" | "category" | "other":
            return "str"
        case "object" if column.given:
            return object
    return None


def _coerced(series: pd.Series[Any], column: Column, form: CSVFormat) -> Any:
    dtype: Any = column.dtype
    found = series.dtype
    match column.kind:
        case "int":
            if found.kind not in "iu":
                return None
            value = series.astype(dtype)
            return (
                value.to_numpy() if (value == series).all() and ((value < 0) == (series < 0)).all() else None
            )
        case "float":
            return series.to_numpy(dtype) if found.kind in "iuf" else None
        case "bool":
            return series.to_numpy() if found.kind == "b" and isinstance(found, np.dtype) else None
        case "str":
            return series.array
        case "object":
            return series.astype(object)  # as a series: of an array the constructor would infer text
        case "date":
            return as_dates(series, dtype, form.date_format, form.dayfirst)
        case "category":
            return _categorical(series, dtype)
    try:
        numeric = dtype.kind in "iufc" if hasattr(dtype, "kind") else False
        if dtype.kind == "b":
            lowered = series.str.lower().map({"true": True, "false": False})
            return pd.array(lowered, dtype=dtype) if lowered.notna().sum() == series.notna().sum() else None
        values = pd.to_numeric(series) if numeric else series
        return values.astype(dtype).array
    except (ValueError, TypeError, OverflowError):
        return None


def _categorical(series: pd.Series[Any], dtype: pd.CategoricalDtype) -> Any:
    known = dtype.categories
    try:
        values = series if isinstance(known.dtype, pd.StringDtype) else pd.to_numeric(series)
    except (ValueError, TypeError):
        return None
    if not len(known):
        found = pd.Categorical(values, ordered=bool(dtype.ordered))
        whole = (
            known.dtype.kind in "iu"
            and found.categories.dtype.kind == "f"
            and (found.categories % 1 == 0).all()
        )
        return (
            pd.Categorical.from_codes(
                found.codes, found.categories.astype(known.dtype), ordered=bool(dtype.ordered)
            )
            if whole
            else found
        )
    codes = known.get_indexer(pd.Index(values))
    return None if ((codes < 0) & values.notna()).any() else pd.Categorical.from_codes(codes, dtype=dtype)


def _found(data: bytes, form: CSVFormat, names: Sequence[Any], column: Column, series: pd.Series[Any]) -> str:
    """The dtype that pandas infers for a column."""
    if column.kind in ("int", "float", "bool"):
        return str(series.dtype)
    return str(parse_text(data, form, names)[column.name].dtype)


def first_bad(data: bytes, form: CSVFormat, names: Sequence[Any], column: Column, found: str) -> int:
    """The number of the first record whose value in `column` is not what it should be.

    Where the column was `found` to be text, the first that is text: missing values alone would not make it so.
    """
    text = parse_text(data, form, names, {column.name: "str"})[column.name]
    bad = _bad(text, column, form)
    if found == "str" and column.kind in ("int", "bool"):
        number = pd.to_numeric(text, errors="coerce").notna() if column.kind == "int" else False
        bad = (bad & text.notna().to_numpy() & ~np.asarray(number)) if len(text) else bad
    return int(np.argmax(bad)) if bad.any() else 0


def _bad(text: pd.Series[Any], column: Column, form: CSVFormat) -> Any:
    present = text.notna().to_numpy()
    whole = text.str.fullmatch(r"\s*[+-]?\d+\s*").fillna(False).to_numpy(dtype=bool)
    match column.kind:
        case "int":
            limits = np.iinfo(column.dtype)
            fits = np.array(
                [
                    limits.min <= int(v) <= limits.max if ok else False
                    for v, ok in zip(text, whole, strict=True)
                ]
            )
            return ~fits
        case "float":
            return present & pd.to_numeric(text, errors="coerce").isna().to_numpy()
        case "bool":
            return ~text.str.lower().isin(["true", "false"]).to_numpy()
        case "date":
            parsed = pd.to_datetime(text, format=form.date_format, dayfirst=form.dayfirst, errors="coerce")
            return present & parsed.isna().to_numpy()
        case "category":
            known = {str(value) for value in column.dtype.categories}
            return present & ~text.isin(known).to_numpy()
    kind = getattr(column.dtype, "kind", "O")
    if kind in "iu":
        return present & ~whole
    if kind == "b":
        return present & ~text.str.lower().isin(["true", "false"]).to_numpy()
    return present & pd.to_numeric(text, errors="coerce").isna().to_numpy()
