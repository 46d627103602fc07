"""Tables and small drawings that the pages about plans and runs share: facts, rows with bars, curves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.display.theme import category

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Bar", "Level", "curve", "fact_table", "foldable", "row_table", "swatch"]

BAR = 90.0
CURVE = (420.0, 110.0)
CURVE_POINTS = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell with a bar: its share of the longest bar in the column, and the words beside it."""

    share: float
    words: str


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line in a curve: a value and what it is."""

    value: float
    words: str


def fact_table(facts: Sequence[tuple[str, object]]) -> Markup:
    """A table of names and values."""
    rows = [element("tr", element("th", name, scope="row"), element("td", value)) for name, value in facts]
    return element("table", element("tbody", *rows))


def row_table(columns: Sequence[str], rows: Sequence[Sequence[object]], limit: int = 40) -> Markup:
    """A table with a head; cells are text, numbers (to the right) or bars. Rows above `limit` are counted."""
    head = element("thead", element("tr", *(element("th", name, scope="col") for name in columns)))
    shown = [element("tr", *(_cell(cell) for cell in row)) for row in rows[:limit]]
    if len(rows) > limit:
        more = element("td", f"and {len(rows) - limit:,} more", colspan=len(columns), class_="dim")
        shown.append(element("tr", more))
    return element("table", head, element("tbody", *shown))


def _cell(cell: object) -> Markup:
    if isinstance(cell, Bar):
        bar = element(
            "svg",
            element("rect", width=BAR, height=9, class_="soft", fill="#eef1f4"),
            element(
                "rect", width=max(BAR * cell.share, 1.0) if cell.share else 0.0, height=9, fill="#56B4E9"
            ),
            width=BAR,
            height=9,
            aria_hidden="true",
            style="vertical-align:baseline;margin-right:8px",
        )
        return element("td", bar, cell.words, class_="bar")
    if isinstance(cell, int):
        return element("td", f"{cell:,}", class_="n")
    return element("td", cell)


def swatch(number: int) -> Markup:
    """A small square in the colour of a category, to stand before its name."""
    return element(
        "svg",
        element("rect", width=9, height=9, rx=2, fill=category(number)),
        width=9,
        height=9,
        aria_hidden="true",
        style="vertical-align:baseline;margin-right:6px",
    )


def foldable(summary: str, body: Markup, *, open_: bool = False) -> Markup:
    """A part that opens on a click or the Enter key."""
    return element("details", element("summary", summary), body, open="" if open_ else None)


def curve(
    values: NDArray[Any],
    title: str,
    about: str,
    *,
    x: NDArray[Any] | None = None,
    levels: Sequence[Level] = (),
    ends: tuple[str, str] = ("", ""),
) -> Markup:
    """A step curve over `x` (positions by default), from zero, with horizontal levels; `ends` label the x axis.

    Long curves are thinned to the largest value of each stretch, so that a peak is never lost.
    """
    width, height = CURVE
    y = np.asarray(values, dtype=np.float64)
    places = np.arange(1, len(y) + 1, dtype=np.float64) if x is None else np.asarray(x, dtype=np.float64)
    if len(y) > CURVE_POINTS:
        starts = np.arange(CURVE_POINTS) * len(y) // CURVE_POINTS
        y, places = np.maximum.reduceat(y, starts), np.maximum.reduceat(places, starts)
    top = max([float(y.max()) if len(y) else 0.0, *(level.value for level in levels), 1e-300])
    extent = float(places[-1]) if len(places) and places[-1] > 0 else 1.0
    high, foot = 14.0, height - 18
    path = f"M0 {number(foot)}"
    for value, place in zip(y.tolist(), places.tolist(), strict=True):
        path += f"V{number(foot - (foot - high) * value / top)}H{number(width * place / extent)}"
    path += f"V{number(foot)}z"
    lines = [
        fragment(
            [
                element(
                    "path",
                    d=f"M0 {number(at)}H{number(width)}",
                    class_="edge",
                    stroke="#59636e",
                    stroke_dasharray="4 3",
                ),
                element(
                    "text",
                    level.words,
                    x=width,
                    y=at - 3,
                    class_="sub halo",
                    fill="#59636e",
                    text_anchor="end",
                ),
            ]
        )
        for level in levels
        if math.isfinite(level.value)
        for at in [foot - (foot - high) * level.value / top]
    ]
    return element(
        "svg",
        element("title", title),
        element("desc", about),
        element("path", d=path, class_="cell line", fill="#dbe8f1", stroke="#5d7f97"),
        element("path", d=f"M0 {number(foot)}H{number(width)}", class_="edge", stroke="#59636e"),
        *lines,
        element("text", ends[0], x=0, y=height - 4, class_="sub", fill="#59636e"),
        element("text", ends[1], x=width, y=height - 4, class_="sub", fill="#59636e", text_anchor="end"),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"{title}: {about}",
        width=width,
        height=height,
        viewBox=f"0 0 {number(width)} {number(height)}",
        font_size="10",
    )
