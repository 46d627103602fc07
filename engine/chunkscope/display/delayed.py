"""The repr of a delayed value: what it will call, and a picture of the calls behind it."""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from chunkscope.display.expressions import (
    describe_expressions,
    expression_diagram,
    expression_groups,
    title_of,
)
from chunkscope.display.graph_svg import draw
from chunkscope.display.markup import Markup, element, shorten
from chunkscope.display.tables import fact_table
from chunkscope.display.theme import wrap
from chunkscope.expr import Expr, postorder
from chunkscope.units import format_count

__all__ = ["Lazy", "call_groups", "delayed_html", "delayed_text", "describe_delayed"]

BUDGET_BYTES = 14_000  # of the picture, so that the whole repr stays under 20 kB
BUDGETS = (24, 12, 6)  # nodes of the picture; the first that fits


class Lazy(Protocol):
    """A value that is not computed yet."""

    def __chunkscope_expr__(self) -> Expr:
        """The expression behind it."""


def describe_delayed(x: Lazy) -> str:
    """A delayed value in one sentence: "delayed sum: 5 calls, widest 4, longest chain 2".

    >>> from chunkscope import delayed
    >>> describe_delayed(delayed(sum)([delayed(abs)(-1), delayed(abs)(-2)]))
    'delayed sum: 3 calls, widest 2, longest chain 2'
    """
    expr = x.__chunkscope_expr__()
    count = len(postorder([expr]))
    rest = describe_expressions([expr]).partition(", ")[2]
    return f"delayed {title_of(expr)}: {format_count(count, 'call')}, {rest}"


def delayed_text(x: Lazy) -> str:
    """A delayed value in a few lines: its sentence and how often it calls what."""
    titles = Counter(title_of(node) for node in postorder([x.__chunkscope_expr__()])).most_common()
    lines = [describe_delayed(x), *(f"  {title} ×{count:,}" for title, count in titles[:12])]
    return "\n".join([*lines, f"  … and {len(titles) - 12:,} more functions"] if len(titles) > 12 else lines)


def delayed_html(x: Lazy) -> str:
    """The HTML repr of a delayed value, at most 20 kB: the calls and a picture of them; the same for the same calls."""
    expr = x.__chunkscope_expr__()
    nodes = postorder([expr])
    titles = Counter(title_of(node) for node in nodes).most_common()
    calls = ", ".join(f"{title} ×{count:,}" if count > 1 else title for title, count in titles[:6])
    words = describe_expressions([expr]).split(", ")
    facts = [
        ("Calls", f"{len(nodes):,}"),
        ("Functions", shorten(calls + (", …" if len(titles) > 6 else ""), 120)),
        ("Widest", words[1].removeprefix("widest ")),
        ("Longest chain", words[2].removeprefix("longest chain ")),
    ]
    picture, _ = _picture(expr)
    head = element("p", f"Delayed {title_of(expr)}", class_="head")
    return str(wrap(element("div", element("div", head, fact_table(facts)), picture, class_="row")))


def call_groups(x: Lazy) -> list[list[int]]:
    """The calls in each box of the picture, as their numbers in `postorder`: for a front end that paints over it."""
    expr = x.__chunkscope_expr__()
    return expression_groups([expr], budget=_picture(expr)[1])


def _picture(expr: Expr) -> tuple[Markup, int]:
    """The picture of the calls, with as many boxes as fit, and that number."""
    for budget in BUDGETS[:-1]:
        picture = draw(expression_diagram([expr], budget=budget), heading="Delayed calls")
        if len(picture.encode()) <= BUDGET_BYTES:
            return picture, budget
    return draw(expression_diagram([expr], budget=BUDGETS[-1]), heading="Delayed calls"), BUDGETS[-1]
