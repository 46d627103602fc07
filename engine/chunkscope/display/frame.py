"""The repr of a lazy frame, series, index or scalar: what it holds, in which partitions; nothing is computed."""

from __future__ import annotations

from typing import Any

from chunkscope.compute.standing import stored_in
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.partitions import Partitions, partition_strip
from chunkscope.display.tables import fact_table
from chunkscope.display.theme import wrap
from chunkscope.expr import count_operations, postorder
from chunkscope.units import format_bytes, format_count

__all__ = ["describe_frame", "frame_html"]

MAX_COLUMNS = 60
MAX_NAMES = 12
LONGEST_NAME = 40
PERSISTED = "persisted"


def frame_html(x: Any) -> str:
    """The HTML repr of a lazy frame, series, index or scalar, under 60 kB whatever it holds.

    Reads `columns`, `dtypes`, `npartitions`, `divisions`, `partition_rows`, `partition_places`, `nbytes_estimate`,
    `name` and `__chunkscope_expr__`, as far as there are any.
    """
    standing = _computed(x)  # a front end that follows the value says better what became of it
    mark = "dim" if standing == PERSISTED else "dim ck-not-yet"
    title = [_title(x), element("span", f" {standing}", class_=mark, style="font-weight:400")]
    body = [element("p", *title, class_="head")]
    if not hasattr(x, "divisions"):  # a scalar has no partitions
        body.append(fact_table(_facts(x, None)))
        return str(wrap(fragment(body)))
    parts = Partitions.of(x)
    strip = partition_strip(parts, parts.about(0, parts.count - 1) if parts.count else "none")
    strip = element("div", strip, class_="strip")
    body.append(element("div", fact_table(_facts(x, parts)), strip, class_="row"))
    columns = _columns(x)
    if columns:
        body.append(_column_list(columns))
    return str(wrap(fragment(body)))


def describe_frame(x: Any) -> str:
    """The same in text: the twin of the HTML repr.

    >>> from types import SimpleNamespace
    >>> x = SimpleNamespace(dtypes="float64", name="delay", npartitions=2, divisions=(0, 3, 5), known_divisions=True,
    ...                     partition_rows=[3, 2], partition_rows_exact=True, nbytes_estimate=40)
    >>> print(describe_frame(x))
    delay float64, nothing computed yet
      Rows        5
      Bytes       40 B
      Partitions  2 of 2 to 3 rows
      Index       0 to 5, known between partitions
    """
    if not hasattr(x, "divisions"):
        parts, lines = None, [f"{_title(x)}, {_computed(x)}"]
    else:
        parts, lines = Partitions.of(x), [f"{_title(x)}, {_computed(x)}"]
    facts = _facts(x, parts)
    wide = max((len(name) for name, _ in facts), default=0) + 2
    lines += [f"  {name.ljust(wide)}{value}" for name, value in facts]
    columns = _columns(x)
    if columns:
        named = [f"{shorten(name, LONGEST_NAME)} {dtype}" for name, dtype in columns[:MAX_NAMES]]
        more = len(columns) - len(named)
        lines.append(f"  {'Columns'.ljust(wide)}{', '.join(named)}" + (f" and {more:,} more" if more else ""))
    return "\n".join(lines)


def _computed(x: Any) -> str:
    """Whether it is lazy or persisted."""
    find = getattr(x, "__chunkscope_expr__", None)
    kept = find is not None and stored_in(find()) is not None
    return PERSISTED if kept else "nothing computed yet"


def _title(x: Any) -> str:
    """What it is: "DataFrame of 31 columns", "Series delay float64"."""
    kind = type(x).__name__
    kind = "" if kind == "SimpleNamespace" else f"{kind} "
    columns = _columns(x)
    if columns is not None:
        return f"{kind}of {format_count(len(columns), 'column')}"
    dtype = getattr(x, "dtypes", None)
    dtype = getattr(x, "dtype", "") if dtype is None else dtype
    name = getattr(x, "name", None) if hasattr(x, "divisions") else None
    shown = f"{shorten(name, LONGEST_NAME)} " if name is not None else ""
    return f"{kind}{shown}{shorten(dtype, LONGEST_NAME)}".strip()


def _columns(x: Any) -> list[tuple[str, str]] | None:
    """Names and dtypes of the columns; None for what has none."""
    names = getattr(x, "columns", None)
    if names is None:
        return None
    return [(str(name), str(dtype)) for name, dtype in zip(names, x.dtypes, strict=True)]


def _facts(x: Any, parts: Partitions | None) -> list[tuple[str, str]]:
    facts = []
    find = getattr(x, "__chunkscope_expr__", None)
    expr = find() if find is not None else None
    if parts is not None:
        if parts.total is not None:
            facts.append(("Rows", f"{'' if parts.exact else 'about '}{parts.total:,}"))
        nbytes = getattr(x, "nbytes_estimate", None)
        if nbytes is not None:
            facts.append(("Bytes", f"{'' if parts.exact else 'about '}{format_bytes(nbytes)}"))
        facts.append(("Partitions", parts.words()))
        if parts.divisions:
            ends = f"{shorten(parts.divisions[0], 24)} to {shorten(parts.divisions[-1], 24)}"
            facts.append(("Index", f"{ends}, known between partitions"))
        if parts.places:
            files = list(dict.fromkeys(parts.places))
            ends = (
                shorten(files[0], 40)
                if len(files) == 1
                else f"{shorten(files[0], 24)} to {shorten(files[-1], 24)}"
            )
            facts.append(("From", ends + (f", {len(files):,} files" if len(files) > 1 else "")))
    if expr is not None:
        made = getattr(expr, "title", "") or getattr(expr, "op", "")
        facts.append(
            (
                "Made by",
                f"{shorten(made, 60)}, {format_count(count_operations(postorder([expr])), 'operation')} in all",
            )
        )
    return facts


def _column_list(columns: list[tuple[str, str]]) -> Markup:
    """Names and dtypes in as many lists beside each other as fit."""
    cells = [
        element(
            "div",
            element(
                "span", shorten(name, LONGEST_NAME) or " ", title=name if len(name) > LONGEST_NAME else None
            ),
            element("span", f" {shorten(dtype, 28)}", class_="dim"),
            role="listitem",
        )
        for name, dtype in columns[:MAX_COLUMNS]
    ]
    if len(columns) > MAX_COLUMNS:
        cells.append(
            element("div", f"and {len(columns) - MAX_COLUMNS:,} more", class_="dim", role="listitem")
        )
    return element("div", *cells, class_="cols", role="list", aria_label="Columns")
