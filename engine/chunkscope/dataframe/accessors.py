"""`x.str`, `x.dt` and `x.cat`: pandas' accessors for each partition, made from tables of names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd

from chunkscope.dataframe.expr import FrameExpr
from chunkscope.dataframe.how import Attribute, Method
from chunkscope.dataframe.ops.elementwise import literal
from chunkscope.dataframe.partitionwise import Apply, Literal
from chunkscope.dataframe.wrapping import wrap
from chunkscope.errors import FrameError

__all__ = ["CategoricalAccessor", "DatetimeAccessor", "StringAccessor"]

STRING_METHODS = {
    "capitalize": "each string with its first letter large and the rest small",
    "casefold": "each string as it is compared without regard to case",
    "center": "each string in the middle of `width` characters",
    "contains": "whether `pat`, a regular expression unless regex=False, is found in each string",
    "count": "how often the regular expression `pat` is found in each string",
    "decode": "each bytes value as a string",
    "encode": "each string as bytes",
    "endswith": "whether each string ends with `pat`",
    "extract": "the groups of the first match of `pat`, a column for each",
    "find": "the lowest position of `sub` in each string, -1 where it is not",
    "findall": "all matches of `pat` in each string, as lists",
    "fullmatch": "whether the whole of each string matches `pat`",
    "get": "element `i` of each string or list",
    "index": "the lowest position of `sub`, which must be in each string",
    "isalnum": "whether each string has only letters and digits",
    "isalpha": "whether each string has only letters",
    "isascii": "whether each string has only ASCII characters",
    "isdecimal": "whether each string has only decimal digits",
    "isdigit": "whether each string has only digits",
    "islower": "whether all letters of each string are small",
    "isnumeric": "whether each string has only numeric characters",
    "isspace": "whether each string has only white space",
    "istitle": "whether each word of each string begins with a large letter",
    "isupper": "whether all letters of each string are large",
    "join": "the elements of each list with `sep` between them",
    "len": "the length of each string",
    "ljust": "each string at the left of `width` characters",
    "lower": "each string in small letters",
    "lstrip": "each string without the characters `to_strip` at its left",
    "match": "whether each string begins with a match of `pat`",
    "normalize": "each string in the Unicode form `form`",
    "pad": "each string filled to `width` characters",
    "partition": "what stands before `sep`, `sep` itself, and what stands after it, as columns",
    "removeprefix": "each string without `prefix`",
    "removesuffix": "each string without `suffix`",
    "repeat": "each string so many times",
    "replace": "each string with `repl` in place of `pat`",
    "rfind": "the highest position of `sub` in each string, -1 where it is not",
    "rindex": "the highest position of `sub`, which must be in each string",
    "rjust": "each string at the right of `width` characters",
    "rpartition": "what stands before the last `sep`, `sep` itself, and what stands after it, as columns",
    "rsplit": "each string split at `pat`, from the right",
    "rstrip": "each string without the characters `to_strip` at its right",
    "slice": "characters `start` to `stop` of each string",
    "slice_replace": "each string with `repl` in place of characters `start` to `stop`",
    "split": "each string split at `pat`, as lists; as columns with expand=True and n=",
    "startswith": "whether each string begins with `pat`",
    "strip": "each string without the characters `to_strip` at either end",
    "swapcase": "each string with small letters large and large ones small",
    "title": "each word of each string with its first letter large",
    "translate": "each string with characters replaced by the table",
    "upper": "each string in large letters",
    "wrap": "each string broken into lines of `width` characters",
    "zfill": "each string filled with zeros to `width` characters",
}
DATETIME_METHODS = {
    "as_unit": "the times in another unit of resolution",
    "ceil": "each time rounded up to `freq`",
    "day_name": "the name of the day of the week",
    "floor": "each time rounded down to `freq`",
    "isocalendar": "year, week and day of the ISO calendar, as columns",
    "month_name": "the name of the month",
    "normalize": "each time at midnight",
    "round": "each time rounded to `freq`",
    "strftime": "each time as text of this format",
    "to_period": "each time as the period of `freq` that it lies in",
    "to_timestamp": "each period as its first moment",
    "total_seconds": "each time difference in seconds",
    "tz_convert": "the same moments in another time zone",
    "tz_localize": "the times as they are on the clocks of a time zone",
}
DATETIME_FIELDS = {
    "date": "the dates, as Python's own",
    "day": "the day of the month",
    "day_of_week": "the day of the week, Monday is 0",
    "day_of_year": "the day of the year",
    "dayofweek": "the day of the week, Monday is 0",
    "dayofyear": "the day of the year",
    "days": "the days of each time difference",
    "days_in_month": "how many days the month has",
    "daysinmonth": "how many days the month has",
    "end_time": "the last moment of each period",
    "hour": "the hour",
    "is_leap_year": "whether the year is a leap year",
    "is_month_end": "whether the day is the last of its month",
    "is_month_start": "whether the day is the first of its month",
    "is_quarter_end": "whether the day is the last of its quarter",
    "is_quarter_start": "whether the day is the first of its quarter",
    "is_year_end": "whether the day is the last of its year",
    "is_year_start": "whether the day is the first of its year",
    "microsecond": "the microseconds of each time",
    "microseconds": "the microseconds of each time difference, below a second",
    "minute": "the minute",
    "month": "the month, January is 1",
    "nanosecond": "the nanoseconds of each time",
    "nanoseconds": "the nanoseconds of each time difference, below a microsecond",
    "quarter": "the quarter of the year",
    "qyear": "the year that the quarter belongs to",
    "second": "the second",
    "seconds": "the seconds of each time difference, below a day",
    "start_time": "the first moment of each period",
    "time": "the times of day, as Python's own",
    "timetz": "the times of day with their zone, as Python's own",
    "weekday": "the day of the week, Monday is 0",
    "year": "the year",
}
SAME_FIELDS = {
    "dayofweek": "day_of_week",
    "dayofyear": "day_of_year",
    "daysinmonth": "days_in_month",
    "weekday": "day_of_week",
}
"""Names that pandas is about to drop, and what they mean."""
MADE_UP = {"index": "find", "rindex": "rfind"}
"""Methods that raise for made-up values, and those of which they have the dtype."""
CATEGORY_METHODS = {
    "add_categories": "more categories, none of the values in them",
    "as_ordered": "the categories with an order",
    "as_unordered": "the categories without an order",
    "remove_categories": "fewer categories; values in them become missing",
    "rename_categories": "other names for the categories",
    "reorder_categories": "the categories in another order",
    "set_categories": "exactly these categories; values in others become missing",
}


_WANTED = {
    "str": "strings",
    "dt": "times, periods or time differences",
    "cat": "values of a category dtype",
}
_REMEDIES = {
    "str": 'x.astype("str")',
    "dt": "chunkscope.dataframe.to_datetime(x)",
    "cat": "x.astype(pd.CategoricalDtype([...]))",
}


class _Accessor:
    """A family of methods on the values of a series or index, lazily."""

    _kind: ClassVar[str]
    _methods: ClassVar[dict[str, str]] = {}
    _fields: ClassVar[dict[str, str]] = {}

    def __init__(self, expr: FrameExpr) -> None:
        self._expr = expr
        try:
            getattr(expr.meta, self._kind)
        except AttributeError as error:
            raise AttributeError(
                f".{self._kind} needs {_WANTED[self._kind]}; {expr.meta.name!r} is {expr.meta.dtype}; "
                f"use {_REMEDIES[self._kind]}"
            ) from error

    def __init_subclass__(cls) -> None:
        for name, about in cls._methods.items():
            if name not in cls.__dict__:
                setattr(cls, name, _method(cls._kind, name, about))
        for name, about in cls._fields.items():
            if name not in cls.__dict__:
                setattr(cls, name, _field(cls._kind, name, about))

    def _apply(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        values = [self._expr, *map(literal, args)]
        if any(isinstance(value, FrameExpr) and not value.is_scalar for value in values[1:]):
            raise FrameError(f"{self._kind}.{name} takes plain values, found a lazy one; compute it first")
        plain: tuple[FrameExpr | Literal, ...] = tuple(values)
        how = Method(name, tuple(options.items()), self._kind)
        known = None
        if name in MADE_UP:
            alike = Method(MADE_UP[name], how.options, self._kind)
            known = Apply(alike, plain).meta
        found = Apply(how, plain, known, not isinstance(self._expr.meta, pd.Index))
        self._check(found.meta, name)
        return wrap(found)

    def _check(self, meta: Any, name: str) -> None:
        if not isinstance(meta, (pd.Series, pd.DataFrame, pd.Index)):
            raise FrameError(
                f"{self._kind}.{name} of an index gives a {type(meta).__name__}, which partitions do not have; "
                f"use x.to_series().{self._kind}.{name}"
            )

    def __getattr__(self, name: str) -> Any:
        known = ", ".join(sorted({*self._methods, *self._fields}))
        raise AttributeError(f".{self._kind} has no {name!r}; it has {known}")

    def __repr__(self) -> str:
        return f"chunkscope .{self._kind} of {self._expr.title}"


def _method(kind: str, name: str, about: str) -> Callable[..., Any]:
    def method(self: _Accessor, *args: Any, **options: Any) -> Any:
        return self._apply(name, args, options)

    method.__name__ = name
    method.__qualname__ = f"{kind}.{name}"
    method.__doc__ = f"{about[0].upper()}{about[1:]}. Arguments: those of pandas' Series.{kind}.{name}."
    return method


def _field(kind: str, name: str, about: str) -> property:
    def field(self: _Accessor) -> Any:
        found = Apply(Attribute(SAME_FIELDS.get(name, name), kind), (self._expr,))
        self._check(found.meta, name)
        return wrap(found)

    field.__doc__ = f"{about[0].upper()}{about[1:]}."
    return property(field)


class StringAccessor(_Accessor):
    """Methods on the strings of a series, with pandas' names and arguments.

    >>> import pandas as pd
    >>> import chunkscope.dataframe as cd
    >>> cd.from_pandas(pd.Series(["N1", "N25"]), npartitions=2).str.len().compute().tolist()
    [2, 3]
    """

    _kind = "str"
    _methods = STRING_METHODS

    def __getitem__(self, key: Any) -> Any:
        return self._apply("__getitem__", (key,), {})

    def cat(self, others: Any = None, sep: Any = None, na_rep: Any = None, join: str = "left") -> Any:
        """Each string with those of other series behind it, matched by index."""
        from chunkscope.dataframe.ops.strings import joined

        return wrap(joined(self._expr, others, sep, na_rep, join))

    def split(self, pat: Any = None, *, n: int = -1, expand: bool = False, regex: Any = None) -> Any:
        """Each string split at `pat`, as lists; with expand=True as columns, as many as `n` says."""
        return self._split("split", pat, n, expand, {} if regex is None else {"regex": regex})

    def rsplit(self, pat: Any = None, *, n: int = -1, expand: bool = False) -> Any:
        """Each string split at `pat` from the right, as lists; with expand=True as columns, as many as `n` says."""
        return self._split("rsplit", pat, n, expand, {})

    def _split(self, name: str, pat: Any, n: int, expand: bool, options: dict[str, Any]) -> Any:
        from chunkscope.dataframe.ops.strings import split_columns

        if not expand:
            return self._apply(name, (pat,), {"n": n, **options})
        return wrap(split_columns(self._expr, name, pat, n, options))

    def extractall(self, pat: str, flags: int = 0) -> Any:
        """The groups of all matches of `pat`, a row for each match."""
        found = Apply(
            Method("extractall", (("flags", flags),), "str"), (self._expr, Literal(pat)), None, False
        )
        return wrap(found)


class DatetimeAccessor(_Accessor):
    """Parts and conversions of times, periods and time differences, with pandas' names and arguments."""

    _kind = "dt"
    _methods = DATETIME_METHODS
    _fields = DATETIME_FIELDS

    @property
    def tz(self) -> Any:
        """The time zone; None where there is none."""
        return self._expr.meta.dt.tz

    @property
    def unit(self) -> Any:
        """The unit of resolution."""
        return self._expr.meta.dt.unit

    @property
    def freq(self) -> Any:
        """The frequency of periods; None for times, whose partitions have none in common."""
        meta = self._expr.meta
        return meta.dt.freq if isinstance(meta.dtype, pd.PeriodDtype) else None


class CategoricalAccessor(_Accessor):
    """Codes and categories, with pandas' names and arguments. Categories are known before anything is computed."""

    _kind = "cat"
    _methods = CATEGORY_METHODS
    _fields: ClassVar[dict[str, str]] = {
        "codes": "the number of each value's category, -1 where it is missing"
    }

    @property
    def categories(self) -> pd.Index[Any]:
        """The categories."""
        found: pd.Index[Any] = self._expr.meta.cat.categories
        return found

    @property
    def ordered(self) -> bool:
        """Whether the categories have an order."""
        return bool(self._expr.meta.cat.ordered)

    @property
    def known(self) -> bool:
        """Whether the categories are known before computing; always so here."""
        return True

    def as_known(self) -> Any:
        """The same series: its categories are known."""
        return wrap(self._expr)

    def remove_unused_categories(self) -> Any:
        """Not possible partition by partition: which categories occur is known after computing."""
        raise FrameError(
            "cat.remove_unused_categories needs all values; use x.cat.set_categories([...]) with those to keep, "
            "or x.compute().cat.remove_unused_categories()"
        )
