"""The SVG of a diagram: boxes in layers, inputs on top, results at the bottom. Needs no program."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from chunkscope.display.diagram import Diagram, Form, Node
from chunkscope.display.layout import Layout, layout
from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.display.theme import STYLE, category

__all__ = ["draw"]

INK, DIM, PAPER = "#1f2328", "#59636e", "#ffffff"
MARGIN = 8.0
TITLE, LINE = 15.0, 13.0  # line heights
KEY_ENTRIES = 14
COLUMNS_FROM = 12
MAX_PORTS = 12  # inputs of one node that arrive side by side

# A state is a glyph and a stroke, never a colour alone.
STATES = {
    "waiting": ("◌", "2 2"),
    "ready": ("○", "4 2"),
    "running": ("◐", None),
    "finished": ("●", None),
    "stored": ("●", None),
    "released": ("·", None),
    "spilled": ("▤", None),
    "failed": ("✖", None),
    "cancelled": ("⊘", "2 2"),
}


def draw(diagram: Diagram, *, heading: str = "Graph", alone: bool = False) -> Markup:
    """The picture of a diagram; `alone` adds style sheet and paper, for a file or an image of its own."""
    sizes = [_size(node, diagram.small) for node in diagram.nodes]
    gap = 8.0 if diagram.small else 18.0
    widths = [width for width, _ in sizes]
    if len(widths) > COLUMNS_FROM:  # equal columns keep chains straight
        widths = [max(widths)] * len(widths)
    place = layout(len(sizes), diagram.edges, widths=widths, gap=gap)
    middles = _rows(place, sizes)
    height = (middles[-1][1] if middles else 0.0) + MARGIN
    edges = _edges(diagram, place, sizes, middles)
    boxes = [
        _box(node, MARGIN + float(place.x[i]), middles[place.layer[i]][0], sizes[i])
        for i, node in enumerate(diagram.nodes)
    ]
    width = max(place.width + 2 * MARGIN, 160.0)
    key, key_width, key_height = _key(diagram, max(width, 320.0), height)
    body = fragment([edges, *boxes, key])
    if place.width + 2 * MARGIN < width:
        shift = (width - place.width - 2 * MARGIN) / 2
        body = fragment([element("g", edges, *boxes, transform=f"translate({number(shift)} 0)"), key])
    across, down = math.ceil(max(width, key_width)), math.ceil(height + key_height)
    paper = element("rect", width=across, height=down, class_="page", fill=PAPER)
    return element(
        "svg",
        element("title", heading),
        element("desc", diagram.words),
        *((STYLE, paper) if alone else ()),
        body,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"{heading}: {diagram.words}",
        class_="ck" if alone else None,
        width=across,
        height=down,
        viewBox=f"0 0 {across} {down}",
        font_size="11",
        font_family="system-ui, sans-serif",
    )


def _size(node: Node, small: bool) -> tuple[float, float]:
    """Width and height of a node's box, from its words."""
    if small:
        return max(22.0, 5.6 * len(node.title) + 9), 20.0
    words = max([7.1 * len(_title(node)), *(5.9 * len(line) for line in node.lines)])
    slant = 14 if node.form in (Form.SHUFFLE, Form.GATHERS, Form.SOURCE) else 0
    slant += 18 if node.state else 0
    return max(46.0, words + 20 + slant), 12 + TITLE + LINE * len(node.lines)


def _title(node: Node) -> str:
    return f"{node.title} ×{node.count:,}" if node.count > 1 and node.form is not Form.GROUP else node.title


def _rows(place: Layout, sizes: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """For each layer its middle and its lower end; wide graphs get more room for their edges."""
    tall = [0.0] * place.depth
    for i, (_, height) in enumerate(sizes):
        tall[place.layer[i]] = max(tall[place.layer[i]], height)
    between = min(max(26.0, place.width / 16), 70.0)
    rows, y = [], MARGIN
    for height in tall:
        rows.append((y + height / 2, y + height))
        y += height + between
    return rows


def _edges(
    diagram: Diagram,
    place: Layout,
    sizes: Sequence[tuple[float, float]],
    rows: Sequence[tuple[float, float]],
) -> Markup:
    """All edges as one path of curves, and their tips as another."""
    x = [MARGIN + float(value) for value in place.x]
    came: dict[int, list[tuple[float, int]]] = {}
    for edge, (source, target) in enumerate(diagram.edges):
        route = place.routes[edge]
        came.setdefault(target, []).append((route[-1][1] + MARGIN if route else x[source], edge))
    ports: dict[int, float] = {}
    for target, arrivals in came.items():
        count = len(arrivals)
        step = 0.0 if count > MAX_PORTS else min(10.0, 0.7 * sizes[target][0] / count)
        for k, (_, edge) in enumerate(sorted(arrivals)):
            ports[edge] = x[target] + (k - (count - 1) / 2) * step
    curves, tips = [], []
    for edge, (source, target) in enumerate(diagram.edges):
        top = rows[place.layer[target]][0] - sizes[target][1] / 2 - 1
        points = [(x[source], rows[place.layer[source]][0] + sizes[source][1] / 2)]
        for layer, bend in place.routes[edge]:
            half = max(rows[layer][1] - rows[layer][0] - 4, 4.0)
            points += [(bend + MARGIN, rows[layer][0] - half), (bend + MARGIN, rows[layer][0] + half)]
        points.append((ports[edge], top - 4))
        curves.append(_curve(points))
        tips.append(f"M{number(ports[edge] - 3)} {number(top - 5)}l3 5l3 -5z")
    return element(
        "g",
        element("path", d="".join(curves), class_="edge", fill="none", stroke=DIM, stroke_opacity="0.65"),
        element("path", d="".join(tips), class_="tip", fill=DIM),
    )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A path that leaves and enters each point vertically."""
    path = f"M{number(points[0][0])} {number(points[0][1])}"
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if abs(x0 - x1) < 0.5:
            path += f"L{number(x1)} {number(y1)}"
        else:
            middle = number((y0 + y1) / 2)
            path += f"C{number(x0)} {middle} {number(x1)} {middle} {number(x1)} {number(y1)}"
    return path


def outline_of(form: Form, x: float, y: float, width: float, height: float) -> tuple[str, str]:
    """The path of a node's outline, and of the lines inside it: the form says how the operation runs."""
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    cut = min(7.0, height / 3)
    if form is Form.SOURCE:  # a box with a cut corner, as a sheet of paper
        points = [(left, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom)]
    elif form is Form.SHUFFLE:  # a hexagon
        points = [
            (left + cut, top),
            (right - cut, top),
            (right, y),
            (right - cut, bottom),
            (left + cut, bottom),
        ]
        points.append((left, y))
    elif form is Form.GATHERS:  # a funnel
        points = [(left, top), (right, top), (right - cut, bottom), (left + cut, bottom)]
    else:
        radius = height / 2 if form is Form.TREE else 2.0 if form is Form.STORED else 5.0
        return _round(left, top, width, height, min(radius, 14.0)), _inside(form, left, right, top, bottom)
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in points) + "z", ""


def _inside(form: Form, left: float, right: float, top: float, bottom: float) -> str:
    if form is Form.STORED:  # bars at the sides, as a store of blocks
        down = f"V{number(bottom)}"
        return f"M{number(left + 4)} {number(top)}{down}M{number(right - 4)} {number(top)}{down}"
    if form is Form.GROUP:  # a second edge, as a stack
        return f"M{number(left + 3)} {number(bottom + 3)}H{number(right + 3)}V{number(top + 3)}"
    return ""


def _round(left: float, top: float, width: float, height: float, r: float) -> str:
    arc = f"a{number(r)} {number(r)} 0 0 1"
    return (
        f"M{number(left + r)} {number(top)}h{number(width - 2 * r)}{arc} {number(r)} {number(r)}"
        f"v{number(height - 2 * r)}{arc} {number(-r)} {number(r)}h{number(2 * r - width)}"
        f"{arc} {number(-r)} {number(-r)}v{number(2 * r - height)}{arc} {number(r)} {number(-r)}z"
    )


def _shape(form: Form, colour: int, x: float, y: float, width: float, height: float) -> Markup:
    path, inner = outline_of(form, x, y, width, height)
    shade = DIM if colour < 0 else category(colour)
    parts = [element("path", d=path)]
    if inner:
        parts.append(element("path", d=inner, fill="none"))
    return element("g", *parts, class_="node", color=shade, fill="#f4f7f9", stroke=shade)


def _box(node: Node, x: float, y: float, size: tuple[float, float]) -> Markup:
    """A node: outline, words, state, and a title for hovering."""
    width, height = size
    small = height == 20.0 and not node.lines
    glyph, dashes = STATES.get(node.state, ("", None))
    middle = x + (8 if glyph and not small else 0)
    top = y - height / 2 + (14.0 if small else 17.0)
    words = [
        element(
            "text",
            _title(node),
            x=middle,
            y=top,
            class_="fg",
            fill=INK,
            font_size="10" if small else "12",
            font_weight=None if small else "600",
        )
    ]
    words += [
        element("text", line, x=middle, y=top + LINE * (i + 1), class_="sub", fill=DIM, font_size="10.5")
        for i, line in enumerate(node.lines)
    ]
    if glyph:
        words.append(
            element("text", glyph, x=x - width / 2 + 11, y=top, class_="fg", fill=INK, font_size="11")
            if not small
            else element("text", glyph, x=x + width / 2 - 1, y=y - 5, class_="fg", fill=INK, font_size="8")
        )
    return element(
        "g",
        element("title", node.tip or node.title),
        _shape(node.form, node.colour, x, y, width, height),
        *words,
        text_anchor="middle",
        stroke_dasharray=dashes,
        opacity="0.7" if node.state in ("waiting", "released", "cancelled") else None,
    )


def _key(diagram: Diagram, width: float, top: float) -> tuple[Markup, float, float]:
    """The key below the picture: a small shape and a word for each category. Its markup, width and height."""
    if not diagram.key:
        return Markup(), 0.0, 0.0
    x, y, right = MARGIN, top + 14, 0.0
    parts = []
    shown = [(entry.text, entry.form, entry.colour) for entry in diagram.key[:KEY_ENTRIES]]
    if len(diagram.key) > KEY_ENTRIES:
        shown.append((f"and {len(diagram.key) - KEY_ENTRIES} more", Form.GROUP, -1))
    for text, form, colour in shown:
        room = 6.8 * len(text) + 40
        if x + room > width and x > MARGIN:
            x, y = MARGIN, y + 18
        parts.append(_shape(form, colour, x + 9, y, 18.0, 11.0))
        parts.append(element("text", text, x=x + 24, y=y + 4, class_="fg", fill=INK))
        x += room
        right = max(right, x)
    return element("g", *parts), right + MARGIN, y + 14 - top
