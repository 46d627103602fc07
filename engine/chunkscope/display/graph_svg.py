"""The SVG of a diagram: boxes in layers, from the inputs to the results. Needs no program."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chunkscope.display.diagram import Diagram, Node
from chunkscope.display.layout import Layout, layout
from chunkscope.display.marks import CRITICAL, Marks
from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.display.node_svg import DIM, key_box, node_box, node_size
from chunkscope.display.theme import STYLE
from chunkscope.errors import ConfigError

__all__ = ["DIRECTIONS", "checked_direction", "draw"]

DIRECTIONS = ("TB", "BT", "LR", "RL")
"""Where the results are: below, above, right or left of the inputs. Graphviz's names."""
PAPER = "#ffffff"
MARGIN = 8.0
COLUMNS_FROM = 12
MOST_MARKED = 60  # nodes with signs; where there are more they say nothing, and the list tells them
MAX_PORTS = 12  # inputs of one node that arrive side by side

Points = Sequence[tuple[float, float]]


def checked_direction(rankdir: str) -> str:
    """The direction, where it is one."""
    if rankdir not in DIRECTIONS:
        raise ConfigError(f"no direction is called {rankdir!r}; use one of {', '.join(DIRECTIONS)}")
    return rankdir


@dataclass(frozen=True, slots=True)
class _Frame:
    """Turns places in the layout, along and across its layers, into points of the picture."""

    direction: str
    depth: float
    """Extent across the layers."""

    @property
    def upright(self) -> bool:
        """Whether layers are rows."""
        return self.direction in ("TB", "BT")

    def at(self, along: float, across: float) -> tuple[float, float]:
        """The point of the picture."""
        if self.direction in ("BT", "RL"):
            across = self.depth - across
        return (along, across) if self.upright else (across, along)

    def path(self, along: float, across: float) -> str:
        """The point as part of a path."""
        x, y = self.at(along, across)
        return f"{number(x)} {number(y)}"


def draw(diagram: Diagram, *, heading: str = "Graph", alone: bool = False, rankdir: str = "TB") -> Markup:
    """The picture of a diagram; `alone` adds style sheet and paper, for a file or an image of its own.

    `rankdir`: "TB" puts the results below their inputs, "LR" to the right of them, "BT" and "RL" the other way.
    """
    if sum(bool(node.marks.words) for node in diagram.nodes) > MOST_MARKED:
        diagram = replace(diagram, nodes=tuple(_unmarked(node) for node in diagram.nodes))
    upright = checked_direction(rankdir) in ("TB", "BT")
    boxes = [node_size(node, diagram.small) for node in diagram.nodes]
    sizes = boxes if upright else [(height, width) for width, height in boxes]  # along and across the layers
    extents = [along for along, _ in sizes]
    if len(extents) > COLUMNS_FROM:  # equal columns keep chains straight
        extents = [max(extents)] * len(extents)
    place = layout(len(sizes), diagram.edges, widths=extents, gap=8.0 if diagram.small else 18.0)
    rows = _rows(place, sizes, MARGIN + (6 if any(node.marks.words for node in diagram.nodes) else 0))
    frame = _Frame(rankdir, (rows[-1][1] if rows else 0.0) + MARGIN)
    parts = [_edges(diagram, place, sizes, rows, frame)]
    for i, node in enumerate(diagram.nodes):
        x, y = frame.at(MARGIN + float(place.x[i]), rows[place.layer[i]][0])
        parts.append(node_box(node, x, y, boxes[i], small=diagram.small))
    wide = place.width + 2 * MARGIN
    used, height = (wide, frame.depth) if upright else (frame.depth, wide)
    width = max(used, 160.0)
    key, key_width, key_height = key_box(diagram, max(width, 320.0), height)
    body = fragment(parts)
    if used < width:
        body = element("g", body, transform=f"translate({number((width - used) / 2)} 0)")
    across, down = math.ceil(max(width, key_width)), math.ceil(height + key_height)
    said = f"{diagram.words}; {diagram.path_words}" if diagram.path_words else diagram.words
    paper = element("rect", width=across, height=down, class_="page", fill=PAPER)
    return element(
        "svg",
        element("title", heading),
        element("desc", said),
        *((STYLE, paper) if alone else ()),
        body,
        key,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"{heading}: {said}",
        class_="ck" if alone else None,
        width=across,
        height=down,
        viewBox=f"0 0 {across} {down}",
        font_size="11",
        font_family="system-ui, sans-serif",
    )


def _unmarked(node: Node) -> Node:
    """A node that shows no sign but its place on the critical path."""
    return replace(node, marks=Marks(critical=node.marks.critical))


def _rows(place: Layout, sizes: Points, first: float) -> list[tuple[float, float]]:
    """For each layer its middle and its far end; wide graphs get more room for their edges."""
    thick = [0.0] * place.depth
    for i, (_, across) in enumerate(sizes):
        thick[place.layer[i]] = max(thick[place.layer[i]], across)
    between = min(max(26.0, place.width / 16), 70.0)
    rows, at = [], first
    for across in thick:
        rows.append((at + across / 2, at + across))
        at += across + between
    return rows


def _edges(diagram: Diagram, place: Layout, sizes: Points, rows: Points, frame: _Frame) -> Markup:
    """All edges as one path of curves, their tips as another, and the critical path's as a thick one under them."""
    x = [MARGIN + float(value) for value in place.x]
    ports = _ports(diagram, place, x, sizes)
    curves, tips, critical = [], [], []
    for edge, (source, target) in enumerate(diagram.edges):
        end = rows[place.layer[target]][0] - sizes[target][1] / 2 - 1
        points = [(x[source], rows[place.layer[source]][0] + sizes[source][1] / 2)]
        for layer, bend in place.routes[edge]:
            half = max(rows[layer][1] - rows[layer][0] - 4, 4.0)
            points += [(bend + MARGIN, rows[layer][0] - half), (bend + MARGIN, rows[layer][0] + half)]
        port = ports[edge]
        points.append((port, end - 4))
        curves.append(_curve(points, frame))
        if (source, target) in diagram.path:
            critical.append(curves[-1])
        tips.append(
            f"M{frame.path(port - 3, end - 5)}L{frame.path(port, end)}L{frame.path(port + 3, end - 5)}z"
        )
    thick = element(
        "path", d="".join(critical), class_="critical", fill="none", stroke=CRITICAL, stroke_width="3.5"
    )
    return element(
        "g",
        *((thick,) if critical else ()),
        element("path", d="".join(curves), class_="edge", fill="none", stroke=DIM, stroke_opacity="0.65"),
        element("path", d="".join(tips), class_="tip", fill=DIM),
    )


def _ports(diagram: Diagram, place: Layout, x: Sequence[float], sizes: Points) -> list[float]:
    """Where each edge arrives: side by side, in the order in which they come in."""
    came: dict[int, list[tuple[float, int]]] = {}
    for edge, (source, target) in enumerate(diagram.edges):
        route = place.routes[edge]
        came.setdefault(target, []).append((route[-1][1] + MARGIN if route else x[source], edge))
    ports = [0.0] * len(diagram.edges)
    for target, arrivals in came.items():
        count = len(arrivals)
        step = 0.0 if count > MAX_PORTS else min(10.0, 0.7 * sizes[target][0] / count)
        for k, (_, edge) in enumerate(sorted(arrivals)):
            ports[edge] = x[target] + (k - (count - 1) / 2) * step
    return ports


def _curve(points: Points, frame: _Frame) -> str:
    """A path that leaves and enters each point across the layers."""
    path = f"M{frame.path(*points[0])}"
    for (a0, c0), (a1, c1) in itertools.pairwise(points):
        if abs(a0 - a1) < 0.5:
            path += f"L{frame.path(a1, c1)}"
        else:
            middle = (c0 + c1) / 2
            path += f"C{frame.path(a0, middle)} {frame.path(a1, middle)} {frame.path(a1, c1)}"
    return path
