"""The repr of a chunked array: a table beside a picture of its chunks, and the same in text."""

from __future__ import annotations

import math
from typing import Any

from chunkscope.display.axes import (
    Axis,
    Chunked,
    array_bytes,
    axes_of,
    axis_name,
    bytes_words,
    chunk_bytes,
    describe_array,
    shape_words,
    whole,
)
from chunkscope.display.chunk_picture import can_mark, chunk_picture
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.theme import wrap
from chunkscope.expr import count_operations, postorder
from chunkscope.units import format_count

__all__ = ["array_html", "array_text"]

MAX_AXES = 12  # rows in the list of axes where there are too many dimensions to draw


def array_html(x: Chunked) -> str:
    """The HTML repr of an array, at most 20 kB whatever the number of chunks; the same for the same array.

    Reads `shape`, `dtype` and `chunks`, and `label` and `__chunkscope_expr__` where there are any.
    """
    axes = axes_of(x)
    rows = [
        element("tr", element("th", name, scope="row"), element("td", whole_), element("td", part))
        for name, whole_, part in _facts(x, axes)
    ]
    swatch = element(
        "svg",
        element("rect", width=9, height=9, rx=2, class_="mark", fill="#f0b440"),
        width=9,
        height=9,
        aria_hidden="true",
        style="vertical-align:baseline;margin-right:5px",
    )
    head = element(
        "thead",
        element(
            "tr",
            element("td"),
            element("th", "Array", scope="col"),
            element("th", *([swatch] if can_mark(axes) else []), "Chunk", scope="col"),
        ),
    )
    table = element("table", head, element("tbody", *rows))
    drawable = len(axes) <= 4
    picture = (
        chunk_picture(axes, int(x.dtype.itemsize), describe_array(x)) if drawable else _list_of_axes(axes)
    )
    label = getattr(x, "label", None)
    title = [element("p", shorten(label, 80), class_="head")] if label else []
    return str(wrap(fragment([*title, element("div", table, picture, class_="row")])))


def array_text(x: Chunked) -> str:
    """The repr of an array in aligned text: the twin of the HTML table.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> print(array_text(SimpleNamespace(chunks=((10, 5), (5, 5, 5)), shape=(15, 15), dtype=np.dtype("f8"))))
                Array             Chunk
    Bytes       1.76 KiB          400 B
    Shape       (15, 15)          (10, 5)
    Chunks      6 in a 2×3 grid   largest
    Data type   float64
    """
    axes = axes_of(x)
    rows = [("", "Array", "Chunk"), *_facts(x, axes)]
    wide = [max(len(row[i]) for row in rows) + 3 for i in range(3)]
    return "\n".join(
        "".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in rows
    )


def _facts(x: Chunked, axes: list[Axis]) -> list[tuple[str, str, str]]:
    """Rows of the table: what, of the whole array, of its largest chunk."""
    total = math.prod(axis.nchunks for axis in axes)
    chunks = f"{total:,}"
    if len(axes) > 1 and total > 1:
        chunks += f" in a {'×'.join(f'{axis.nchunks:,}' for axis in axes)} grid"
    alike = all(axis.known and (axis.sizes == axis.largest).all() for axis in axes)
    facts = [
        ("Bytes", bytes_words(array_bytes(x, axes)), bytes_words(chunk_bytes(x, axes))),
        ("Shape", shape_words([axis.length for axis in axes]), shape_words([axis.largest for axis in axes])),
        ("Chunks", chunks, "all alike" if alike and total > 1 else "largest" if total > 1 else ""),
        ("Data type", shorten(x.dtype, 60), ""),
    ]
    operations = _operations(x)
    if operations:
        facts.append(("Operations", f"{operations:,}", ""))
    return facts


def _operations(x: Any) -> int:
    """Number of operations that the array is made by; 0 where it does not tell."""
    find = getattr(x, "__chunkscope_expr__", None)
    return count_operations(postorder([find()])) if find is not None else 0


def _list_of_axes(axes: list[Axis]) -> Markup:
    rows = [
        element(
            "tr",
            element("th", axis_name(i, len(axes)), scope="row"),
            element("td", whole(axis.length), class_="n"),
            element("td", axis.words()),
        )
        for i, axis in enumerate(axes[:MAX_AXES])
    ]
    if len(axes) > MAX_AXES:
        rows.append(
            element("tr", element("th", f"and {format_count(len(axes) - MAX_AXES, 'axis', 'axes')} more"))
        )
    names = ("Axis", "Length", "Chunks")
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in names)))
    return element("table", head, element("tbody", *rows))
