"""What the keywords of `read_csv` mean: checked at the call, kept as one value that can be hashed and pickled."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chunkscope.dataframe.io.csv_records import Syntax
from chunkscope.errors import FrameError

__all__ = ["NA_VALUES", "CSVFormat", "csv_format"]

NA_VALUES = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip
"""What pandas takes for a missing value."""

_DEFAULTS: dict[str, Any] = {
    "converters": None,
    "true_values": None,
    "false_values": None,
    "skipinitialspace": False,
    "na_values": None,
    "keep_default_na": True,
    "na_filter": True,
    "skip_blank_lines": True,
    "thousands": None,
    "decimal": ".",
    "quotechar": '"',
    "quoting": 0,
    "doublequote": True,
    "escapechar": None,
    "comment": None,
    "encoding_errors": "strict",
    "on_bad_lines": "error",
}
"""Keywords that are pandas', with its defaults; any other value of most of them is read by pandas' parser."""

PLAIN = Syntax()
_HARMLESS = {
    "low_memory",
    "float_precision",
    "memory_map",
    "cache_dates",
    "index_col",
    "engine",
    "verbose",
    "dialect",
    "dtype_backend",
}

_REFUSED = {
    "index_col": "an index would have to be sorted across files; read it as a column, and set it on what you compute",
    "nrows": "use read_csv(...).head(n)",
    "iterator": "a frame is read in partitions anyway; see blocksize=",
    "chunksize": "a frame is read in partitions anyway; see blocksize=",
    "skipfooter": "the last lines of a block are not those of the file; drop them after reading",
    "dtype_backend": "give dtype= with the dtypes you want, such as 'Int64' or 'int64[pyarrow]'",
    "dialect": "give sep=, quotechar= and the like one by one",
}


@dataclass(frozen=True, slots=True)
class CSVFormat:
    """How to read the text of the files, all else aside."""

    sep: str = ","
    header: int | None = 0
    names: tuple[Any, ...] | None = None
    skiprows: int = 0
    encoding: str = "utf-8"
    date_format: str | None = None
    dayfirst: bool = False
    na_values: tuple[str, ...] = NA_VALUES
    options: tuple[tuple[str, Any], ...] = ()
    """Keywords of pandas that are not at their default: only its own parser knows what they mean."""
    syntax: Syntax = PLAIN

    @property
    def by_arrow(self) -> bool:
        """Whether Arrow's reader gives what pandas' would; it is several times faster."""
        return not self.options and len(self.sep) == 1

    @property
    def is_utf8(self) -> bool:
        """Whether the bytes can be parsed as they are."""
        return self.encoding in ("utf-8", "ascii")

    @property
    def errors(self) -> str:
        """What to do with bytes that are not in the encoding."""
        return str(dict(self.options).get("encoding_errors", "strict"))

    def uncut_because(self) -> str:
        """Why files in this format are read whole; empty where they can be cut at line ends."""
        given = dict(self.options)
        for name in ("escapechar", "lineterminator", "comment"):
            if given.get(name) is not None:
                return f"{name}={given[name]!r} can hide a line end"
        if not self.is_utf8 and "".join(map(chr, range(9, 127))).encode(self.encoding, "replace") != bytes(
            range(9, 127)
        ):
            return f"encoding={self.encoding!r} has line ends of more than one byte"
        return ""

    @property
    def seen_as(self) -> str:
        """The encoding in which blocks are found and cut: files that are read whole become UTF-8 first."""
        return "utf-8" if self.is_utf8 or self.uncut_because() else self.encoding

    def pandas_options(self) -> dict[str, Any]:
        """The keywords for `pandas.read_csv`, those of columns, header and encoding aside."""
        found = {"sep": self.sep, "low_memory": False}
        found.update(
            (name, list(value) if isinstance(value, tuple) else value) for name, value in self.options
        )
        found.pop("encoding_errors", None)  # the text is UTF-8 by then
        if "na_values" not in found and self.na_values != NA_VALUES:
            found.update(na_values=list(self.na_values), keep_default_na=False)
        if self.syntax.quote == 0:
            found["quoting"] = 3
        elif self.syntax.quote != 34:
            found["quotechar"] = chr(self.syntax.quote)
        return found


def csv_format(given: Mapping[str, Any]) -> CSVFormat:
    """The format that keywords of pandas' `read_csv` ask for. Raises FrameError for what cannot be done."""
    rest = dict(given)
    for name, remedy in _REFUSED.items():
        value = rest.get(name)
        if (
            value is not None
            and value is not False
            and not _no_default(value)
            and (name, value) != ("skipfooter", 0)
        ):
            raise FrameError(f"read_csv: {name}={value!r} is not supported; {remedy}")
        rest.pop(name, None)
    engine = rest.pop("engine", None)
    if engine not in (None, "c", "pyarrow", "python") and not _no_default(engine):
        raise FrameError(f"read_csv: engine={engine!r} is not known; leave it out")
    for name in _HARMLESS:
        rest.pop(name, None)
    sep, header, names = _layout(rest)
    skiprows = rest.pop("skiprows", None) or 0
    if isinstance(skiprows, bool) or not isinstance(skiprows, int) or skiprows < 0:
        raise FrameError(
            f"read_csv: skiprows={skiprows!r} is not supported; give a number of lines to skip in each file"
        )
    date_format, dayfirst = rest.pop("date_format", None), bool(rest.pop("dayfirst", False))
    encoding = _encoding(rest.pop("encoding", None))
    unknown = sorted(set(rest) - set(_DEFAULTS) - {"lineterminator"})
    if unknown:
        raise FrameError(
            f"read_csv has no keyword {unknown[0]!r}; it takes those of pandas.read_csv, and blocksize, sample "
            "and others of its own (see help(read_csv))"
        )
    options = {
        name: value for name, value in rest.items() if value != _DEFAULTS.get(name) and not _no_default(value)
    }
    na_values = _na_values(options)
    if options.get("on_bad_lines", "error") not in ("error", "warn", "skip"):
        raise FrameError("read_csv: on_bad_lines= takes 'error', 'warn' or 'skip'")
    syntax = _syntax(sep, options)
    frozen = tuple((name, _frozen(value)) for name, value in sorted(options.items()))
    return CSVFormat(sep, header, names, skiprows, encoding, date_format, dayfirst, na_values, frozen, syntax)


def _layout(rest: dict[str, Any]) -> tuple[str, int | None, tuple[Any, ...] | None]:
    """Separator, the header's record number among those not blank, and names; takes them out of `rest`."""
    sep, delimiter = rest.pop("sep", None), rest.pop("delimiter", None)
    if sep is not None and delimiter is not None and not _no_default(sep):
        raise FrameError("read_csv: give sep= or delimiter=, not both")
    sep = delimiter if delimiter is not None else "," if sep is None or _no_default(sep) else sep
    if not isinstance(sep, str) or not sep or sep in ("\n", "\r", '"'):
        raise FrameError(
            f"read_csv: sep={sep!r} is not a separator; give the character between fields, such as ',' or '\\t'"
        )
    names = rest.pop("names", None)
    if names is not None and not _no_default(names):
        names = tuple(names)
        if len(set(names)) != len(names):
            raise FrameError(f"read_csv: names= has a name twice: {list(names)}")
    else:
        names = None
    header = rest.pop("header", "infer")
    if header == "infer":
        header = 0 if names is None else None
    if header is not None and (isinstance(header, bool) or not isinstance(header, int) or header < 0):
        raise FrameError(
            f"read_csv: header={header!r} is not supported; give the number of the one header line, or None"
        )
    return sep, header, names


def _encoding(given: Any) -> str:
    if given is None:
        return "utf-8"
    try:
        found = codecs.lookup(given).name
    except (LookupError, TypeError):
        raise FrameError(
            f"read_csv: encoding={given!r} is not known to Python; try 'utf-8', 'latin-1' or 'cp1252'"
        ) from None
    return "utf-8" if found == "utf-8-sig" else found


def _na_values(options: dict[str, Any]) -> tuple[str, ...]:
    """The texts that mean missing; leaves `options` alone where they differ by column."""
    given, keep = options.get("na_values"), options.get("keep_default_na", True)
    if isinstance(given, dict) or "na_filter" in options:
        return NA_VALUES
    extra = [] if given is None else [given] if isinstance(given, (str, int, float)) else list(given)
    if not all(isinstance(value, str) for value in extra):
        return NA_VALUES  # numbers mean all their spellings: pandas knows them
    options.pop("na_values", None)
    options.pop("keep_default_na", None)
    return tuple(dict.fromkeys((*(NA_VALUES if keep else ()), *extra)))


def _syntax(sep: str, options: dict[str, Any]) -> Syntax:
    quoting, quotechar, doubled = (
        options.get("quoting", 0),
        options.get("quotechar", '"'),
        options.get("doublequote", True),
    )
    if quoting not in (0, 1, 2, 3):
        raise FrameError(
            f"read_csv: quoting={quoting!r} is not one of csv.QUOTE_MINIMAL (0) to csv.QUOTE_NONE (3)"
        )
    if quoting != 3 and (not isinstance(quotechar, str) or len(quotechar.encode()) != 1):
        raise FrameError(f"read_csv: quotechar={quotechar!r} is not one ASCII character")
    if quoting in (1, 3):  # writing differs between 0 and 1, reading does not
        options.pop("quoting", None)
    options.pop("quotechar", None)
    comment = options.get("comment")
    return Syntax(
        sep.encode() if len(sep) == 1 and ord(sep) < 128 else b"\0\0",
        0 if quoting == 3 else ord(quotechar),
        bool(doubled),
        ord(comment) if comment else 0,
        bool(options.get("skip_blank_lines", True)),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _no_default(value: Any) -> bool:
    return type(value).__name__ == "_NoDefault"
