"""What the user says of the columns, against what the header has and the sample shows."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from chunkscope.dataframe.io.csv_columns import TEXT, Column, as_dates
from chunkscope.dataframe.io.csv_format import CSVFormat
from chunkscope.dataframe.io.csv_slow import parse_text
from chunkscope.errors import FrameError

__all__ = ["Asked", "chosen_columns"]


@dataclass(frozen=True)
class Asked:
    """What the user says of the columns."""

    dtype: Any = None
    usecols: Any = None
    parse_dates: Any = None
    assume_missing: bool = False


def chosen_columns(frame: pd.DataFrame, body: bytes, form: CSVFormat, asked: Asked) -> tuple[Column, ...]:
    """The columns that are read, with their dtypes. `frame`: what pandas makes of `body`, the text of the sample.

    Raises FrameError for columns that the header does not have, and for what is no dtype.
    """
    names = tuple(frame.columns)
    wanted = _wanted(names, asked.usecols)
    dates = _dates(asked.parse_dates, names, wanted)
    given = _given(asked.dtype, names, wanted)
    return tuple(_column(name, frame, given, dates, form, asked, body) for name in wanted)


def _wanted(names: tuple[Any, ...], usecols: Any) -> list[Any]:
    """The names of the columns that are read, in the order of the file."""
    if usecols is None:
        return list(names)
    if callable(usecols):
        choose: Callable[[Any], Any] = usecols
        return [name for name in names if choose(name)]
    if isinstance(usecols, str):
        raise FrameError(f"read_csv: usecols={usecols!r} is one text; give a list: usecols=[{usecols!r}]")
    asked = list(usecols)
    by_number = all(isinstance(u, (int, np.integer)) and not isinstance(u, bool) for u in asked) and not all(
        u in names for u in asked
    )
    if by_number:
        missing = [u for u in asked if not 0 <= u < len(names)]
        chosen = {names[u] for u in asked if u not in missing}
    else:
        missing = [u for u in asked if u not in names]
        chosen = set(asked)
    if missing:
        raise FrameError(
            f"read_csv: usecols= names {_some(missing)}, which the header does not have; it has {_some(names)}"
        )
    return [name for name in names if name in chosen]


def _dates(parse_dates: Any, names: tuple[Any, ...], wanted: Sequence[Any]) -> set[Any]:
    if parse_dates is None or parse_dates is False:
        return set()
    if parse_dates is True or isinstance(parse_dates, (str, dict)):
        raise FrameError(f"read_csv: parse_dates={parse_dates!r} is not supported; give a list of columns")
    chosen = {
        names[p] if isinstance(p, (int, np.integer)) and p not in names and p < len(names) else p
        for p in parse_dates
    }
    missing = [name for name in chosen if name not in wanted]
    if missing:
        raise FrameError(
            f"read_csv: parse_dates= names {_some(missing)}, which is not read; the columns are {_some(wanted)}"
        )
    return chosen


def _given(dtype: Any, names: tuple[Any, ...], wanted: Sequence[Any]) -> dict[Any, Any]:
    """The dtypes that the user gave, by column."""
    if dtype is None:
        return {}
    if not isinstance(dtype, Mapping):
        return {name: _dtype(dtype, name) for name in wanted}
    missing = [name for name in dtype if name not in names and not hasattr(dtype, "default_factory")]
    if missing:
        raise FrameError(
            f"read_csv: dtype= names {_some(missing)}, which the header does not have; it has {_some(names)}"
        )
    if hasattr(dtype, "default_factory") and getattr(dtype, "default_factory", None) is not None:
        return {name: _dtype(dtype[name], name) for name in wanted}
    return {name: _dtype(value, name) for name, value in dtype.items()}


def _dtype(value: Any, name: Any) -> Any:
    try:
        found = pd.api.types.pandas_dtype(value)
    except TypeError:
        raise FrameError(
            f"read_csv: dtype={value!r} of column {name!r} is not a dtype; use 'float64', 'str', 'category' …"
        ) from None
    if isinstance(found, np.dtype) and found.kind in "SU":
        return TEXT
    return found


def _column(
    name: Any,
    frame: pd.DataFrame,
    given: Mapping[Any, Any],
    dates: set[Any],
    form: CSVFormat,
    asked: Asked,
    body: bytes,
) -> Column:
    series = frame[name]
    dtype = given.get(name)
    if name in dates or (dtype is not None and getattr(dtype, "kind", "") == "M"):
        return _date_column(name, frame, dtype, form, body)
    if dtype is not None:
        known: Any = dtype.categories if isinstance(dtype, pd.CategoricalDtype) else ()
        if known is None:
            whole = isinstance(series.dtype, np.dtype) and series.dtype.kind in "iu"
            kind = series.dtype if whole else TEXT
            dtype = pd.CategoricalDtype(pd.Index([], dtype=kind), ordered=bool(dtype.ordered))
        return Column(name, dtype, given=True)
    found: Any = series.dtype
    if not len(series):
        found = np.dtype(object)
    elif found.kind == "i" and asked.assume_missing:
        found = np.dtype("float64")
    return Column(name, found)


def _date_column(name: Any, frame: pd.DataFrame, dtype: Any, form: CSVFormat, body: bytes) -> Column:
    text = parse_text(body, form, list(frame.columns), {name: "str"})[name]
    if dtype is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                dtype = pd.to_datetime(
                    text.astype("str"), format=form.date_format, dayfirst=form.dayfirst
                ).dtype
            except (ValueError, TypeError):
                dtype = None
    if dtype is None or (len(text) and as_dates(text, dtype, form.date_format, form.dayfirst) is None):
        raise FrameError(
            f"read_csv: column {name!r} does not hold dates, the first value is {text.iloc[0]!r}; "
            "give date_format=, or leave it out of parse_dates="
        )
    return Column(name, dtype, date=True)


def _some(names: Sequence[Any]) -> str:
    shown = ", ".join(repr(name) for name in list(names)[:12])
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")
