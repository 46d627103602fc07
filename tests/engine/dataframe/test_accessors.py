"""`.str`, `.dt` and `.cat`: every name of the tables is pandas' own, and what differs is said."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import chunkscope.dataframe as cd
from chunkscope.dataframe.accessors import (
    CATEGORY_METHODS,
    DATETIME_FIELDS,
    DATETIME_METHODS,
    SAME_FIELDS,
    STRING_METHODS,
)
from chunkscope.errors import FrameError
from tests.engine.dataframe.strategies import computed, in_partitions, same

WORDS = pd.Series(["EWR", None, "a,b", "", "ü x", "12"], name="w")
TIMES = pd.Series(pd.date_range("2012-02-28 23:30", periods=6, freq="31h"), name="t").where(
    lambda t: t.dt.day != 2
)
KINDS = pd.Series(["x", None, "y", "x", "y", "x"], dtype="category", name="k")
SPANS = (TIMES - pd.Timestamp("2012-01-01")).rename("d")
PERIODS = pd.Series(pd.period_range("2012-01", periods=6, freq="M"), name="p")
CUTS = (0, 1, 1, 4, 6)

STRING_ARGUMENTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "center": ((6,), {}),
    "contains": (("E",), {"na": False}),
    "count": (("E",), {}),
    "endswith": (("R",), {}),
    "extract": ((r"(\w)(\w)",), {}),
    "find": (("R",), {}),
    "findall": (("[A-Z]",), {}),
    "fullmatch": (("[A-Z]+",), {}),
    "get": ((0,), {}),
    "ljust": ((6,), {}),
    "match": (("E",), {}),
    "normalize": (("NFC",), {}),
    "pad": ((6,), {"side": "both", "fillchar": "_"}),
    "partition": ((",",), {}),
    "removeprefix": (("E",), {}),
    "removesuffix": (("R",), {}),
    "repeat": ((2,), {}),
    "replace": (("E", "_"), {"regex": False}),
    "rfind": (("R",), {}),
    "rjust": ((6,), {}),
    "rpartition": ((",",), {}),
    "rsplit": ((",",), {}),
    "slice": ((0, 2), {}),
    "slice_replace": ((0, 1, "_"), {}),
    "split": ((",",), {}),
    "startswith": (("E",), {}),
    "translate": (({69: "e"},), {}),
    "wrap": ((2,), {}),
    "zfill": ((4,), {}),
    "join": (("-",), {}),
    "encode": (("utf-8",), {}),
}
OTHER_VALUES = ("decode", "index", "rindex")  # they need values that all hold what is looked for
DATETIME_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "as_unit": ("ns",),
    "ceil": ("D",),
    "floor": ("D",),
    "round": ("h",),
    "strftime": ("%Y %j",),
    "to_period": ("M",),
    "tz_localize": ("UTC",),
}


@pytest.mark.parametrize("name", [name for name in STRING_METHODS if name not in OTHER_VALUES])
def test_strings(name: str) -> None:
    args, options = STRING_ARGUMENTS.get(name, ((), {}))
    expected = getattr(WORDS.str, name)(*args, **options)
    same(computed(getattr(in_partitions(WORDS, CUTS).str, name)(*args, **options)), expected)


def test_strings_that_must_hold_something() -> None:
    words = pd.Series(["bab", "aab"])
    lazy = in_partitions(words, (0, 1, 2))
    same(computed(lazy.str.index("a", 0)), words.str.index("a", 0))
    same(computed(lazy.str.rindex("a")), words.str.rindex("a"))
    same(
        computed(lazy.str.encode("utf-8").str.decode("utf-8")), words.str.encode("utf-8").str.decode("utf-8")
    )


OF_OTHERS = ("total_seconds", "to_timestamp", "tz_convert")


@pytest.mark.parametrize("name", [name for name in DATETIME_METHODS if name not in OF_OTHERS])
def test_times(name: str) -> None:
    args = DATETIME_ARGUMENTS.get(name, ())
    same(computed(getattr(in_partitions(TIMES, CUTS).dt, name)(*args)), getattr(TIMES.dt, name)(*args))


def test_zones_spans_and_periods() -> None:
    zoned = TIMES.dt.tz_localize("UTC")
    same(
        computed(in_partitions(zoned, CUTS).dt.tz_convert("America/New_York")),
        zoned.dt.tz_convert("America/New_York"),
    )
    assert str(in_partitions(zoned, CUTS).dt.tz) == "UTC"
    same(computed(in_partitions(SPANS, CUTS).dt.total_seconds()), SPANS.dt.total_seconds())
    same(computed(in_partitions(PERIODS, CUTS).dt.to_timestamp()), PERIODS.dt.to_timestamp())
    assert in_partitions(PERIODS, CUTS).dt.freq == PERIODS.dt.freq


@pytest.mark.parametrize("name", DATETIME_FIELDS)
def test_fields(name: str) -> None:
    of_pandas = SAME_FIELDS.get(name, name)
    for values in (TIMES, SPANS, PERIODS):
        if hasattr(values.dt, of_pandas):
            same(computed(getattr(in_partitions(values, CUTS).dt, name)), getattr(values.dt, of_pandas))


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("add_categories", ["z"]),
        ("remove_categories", ["y"]),
        ("rename_categories", ["p", "q"]),
        ("reorder_categories", ["y", "x"]),
        ("set_categories", ["y", "z"]),
        ("as_ordered", None),
        ("as_unordered", None),
    ],
)
def test_categories(name: str, argument: Any) -> None:
    args = () if argument is None else (argument,)
    lazy = getattr(in_partitions(KINDS, CUTS).cat, name)(*args)
    expected = getattr(KINDS.cat, name)(*args)
    same(computed(lazy), expected)
    assert list(lazy.cat.categories) == list(expected.cat.categories)
    assert lazy.cat.ordered == expected.cat.ordered
    assert name in CATEGORY_METHODS


def test_columns_of_split_strings_are_known_before() -> None:
    words = pd.Series(["a b c", "d", None, "e f"])
    lazy = in_partitions(words, (0, 1, 3, 4)).str.split(" ", n=2, expand=True)
    assert list(lazy.columns) == [0, 1, 2]
    same(computed(lazy), words.str.split(" ", n=2, expand=True))
    narrow = in_partitions(words, (0, 1, 3, 4)).str.rsplit(" ", n=1, expand=True)
    same(computed(narrow), words.str.rsplit(" ", n=1, expand=True))


def test_an_index_of_times_has_fields_too() -> None:
    frame = pd.DataFrame({"a": range(4)}, index=pd.date_range("2013-01-30", periods=4))
    lazy = cd.from_pandas(frame, 2)
    pd.testing.assert_index_equal(lazy.index.month.compute(), frame.index.month)
    pd.testing.assert_index_equal(lazy.index.day_name().compute(), frame.index.day_name())
    same(computed(lazy.index.to_series().dt.day), frame.index.to_series().dt.day)


def test_names_are_listed_and_explained() -> None:
    lazy = cd.from_pandas(WORDS, 2)
    assert set(STRING_METHODS) <= set(dir(lazy.str))
    assert set(DATETIME_FIELDS) <= set(dir(cd.from_pandas(TIMES, 2).dt))
    assert (
        type(lazy.str).upper.__doc__
        == "Each string in large letters. Arguments: those of pandas' Series.str.upper."
    )


@pytest.mark.parametrize(
    ("act", "kind", "words"),
    [
        (lambda: cd.from_pandas(SPANS, 2).str, AttributeError, "needs strings; 'd' is timedelta"),
        (lambda: cd.from_pandas(WORDS, 2).dt, AttributeError, "to_datetime"),
        (lambda: cd.from_pandas(WORDS, 2).cat, AttributeError, "category"),
        (lambda: cd.from_pandas(WORDS, 2).str.nothing, AttributeError, "it has capitalize, casefold"),
        (lambda: cd.from_pandas(WORDS, 2).str.split(",", expand=True), FrameError, "needs n="),
        (lambda: cd.from_pandas(WORDS, 2).str.cat(), FrameError, "sep.join"),
        (lambda: cd.from_pandas(WORDS, 2).str.cat("x"), FrameError, "x \\+ text"),
        (
            lambda: cd.from_pandas(WORDS, 2).str.repeat(cd.from_pandas(WORDS, 2)),
            FrameError,
            "compute it first",
        ),
        (lambda: cd.from_pandas(KINDS, 2).cat.remove_unused_categories(), FrameError, "set_categories"),
        (lambda: cd.from_pandas(WORDS, 2).astype("category"), FrameError, "CategoricalDtype"),
    ],
)
def test_what_is_not_there_says_so(act: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        act()
