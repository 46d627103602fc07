"""The page of sampled stacks: a flame graph by operation and function, and the functions as a table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, row_table
from chunkscope.display.theme import category, paper_of, wrap
from chunkscope.observe.records import StackFrame
from chunkscope.observe.stacks import Stacks
from chunkscope.units import format_count, format_seconds

__all__ = ["stacks_html"]

WIDTH = 720.0
ROW = 18.0
LEAST = 1.5
"""Rectangles narrower than this are left out, with all that they called."""
DEEPEST = 24
LETTER = 6.2
"""The width of a letter, about."""
MOST_FUNCTIONS = 15


def stacks_html(stacks: Stacks) -> str:
    """Sampled stacks as HTML: operations side by side, below each the functions it called, as wide as their time."""
    if not stacks.samples:
        return str(wrap(element("p", stacks.describe())))
    seen = f"{format_count(stacks.samples, 'sample')}, {format_seconds(stacks.seconds)} in kernels"
    head = element(
        "p", "Where the time went, by function ", element("span", seen, class_="dim"), class_="head"
    )
    return str(wrap(fragment([head, _flame(stacks), _table(stacks)])))


def _flame(stacks: Stacks) -> Markup:
    boxes = list(_boxes(stacks))
    rows = max(row for _, row, *_ in boxes) + 1
    shapes = []
    for name, row, x, width, layer, about in boxes:
        colour = category(layer)
        label = shorten(name, int((width - 8) / LETTER)) if width > 5 * LETTER else ""
        shapes.append(
            element(
                "g",
                element("title", about),
                element(
                    "rect", x=x, y=row * ROW, width=max(width - 1, 0.8), height=ROW - 1,
                    fill=colour, fill_opacity="1" if row == 0 else "0.3",
                ),
                element(
                    "text", label, x=x + 4, y=row * ROW + 12.5,
                    class_=None if row == 0 else "fg", fill=paper_of(colour) if row == 0 else None,
                ),
            )
        )  # fmt: skip
    function, own, _ = stacks.functions()[0]
    about = f"Most time is in {function.function}: {format_seconds(own)} of {format_seconds(stacks.seconds)}."
    return element(
        "svg",
        element("title", "Flame graph"),
        element("desc", about),
        *shapes,
        xmlns="http://www.w3.org/2000/svg",
        width=WIDTH,
        height=rows * ROW,
        role="img",
        aria_label=about,
    )


def _boxes(stacks: Stacks) -> Iterator[tuple[str, int, float, float, int, str]]:
    """Name, row, left edge, width, operation and words of each rectangle, callers before what they called."""
    total = stacks.total
    scale = WIDTH / max(stacks.seconds, 1e-12)
    children: dict[int, list[int]] = {}
    for node, parent in enumerate(stacks.parent.tolist()):
        children.setdefault(parent, []).append(node)
    left = 0.0
    layers = sorted(set(stacks.layer.tolist()))
    of_layer = {n: float(total[(stacks.layer == n) & (stacks.parent < 0)].sum()) for n in layers}
    for number in sorted(layers, key=lambda n: -of_layer[n]):
        seconds = of_layer[number]
        name = stacks.operations[number]
        yield name, 0, left, seconds * scale, number, f"{name}: {format_seconds(seconds)}"
        queue = [(_sorted(children.get(-1, []), total, stacks, number), 1, left)]
        while queue:
            nodes, row, x = queue.pop()
            for node in nodes:
                width = float(total[node]) * scale
                if width >= LEAST and row < DEEPEST:
                    frame = stacks.frames[int(stacks.frame[node])]
                    about = f"{frame.function}{_place(frame)}: {format_seconds(float(total[node]))}"
                    yield frame.function, row, x, width, number, about
                    queue.append((_sorted(children.get(node, []), total, stacks, number), row + 1, x))
                x += width
        left += seconds * scale


def _sorted(nodes: list[int], total: np.ndarray, stacks: Stacks, layer: int) -> list[int]:
    """The nodes of an operation, those with most time first."""
    mine = [node for node in nodes if int(stacks.layer[node]) == layer]
    return sorted(mine, key=lambda node: -float(total[node]))


def _table(stacks: Stacks) -> Markup:
    rows = []
    for frame, own, inside in stacks.functions():
        share = own / stacks.seconds if stacks.seconds else 0.0
        where = _place(frame).strip(" ()")
        name = element("code", shorten(frame.function, 50))
        rows.append((name, where, Bar(share, f"{format_seconds(own)} ({share:.0%})"), format_seconds(inside)))
    return row_table(("Function", "Where", "In itself", "With what it calls"), rows, MOST_FUNCTIONS)


def _place(frame: StackFrame) -> str:
    return f" ({shorten(frame.file, 60)}, line {frame.line})" if frame.line else ""
