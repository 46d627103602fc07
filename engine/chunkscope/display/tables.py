"""Tables that the pages about plans and runs share: facts, rows with bars, parts that open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chunkscope.display.markup import Markup, element
from chunkscope.display.theme import category

__all__ = ["Bar", "fact_table", "foldable", "row_table", "swatch"]

BAR = 90.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A cell with a bar: its share of the longest bar in the column, and the words beside it."""

    share: float
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
