"""What a picture of a graph shows, before it is drawn: nodes with their words, edges, a key. No coordinates.

`expressions.py` and `tasks.py` make diagrams; `graph_svg.py`, `dot.py` and `outline` show them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.display.marks import Marks
from chunkscope.graph import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_NODES", "Diagram", "Form", "KeyEntry", "Node", "group_nodes", "levels_of", "outline"]

MAX_NODES = 200
"""Nodes of one picture; where there are more, equal operations at one depth become one node, and then depths."""
MAX_EDGES = 1200
BANDS = 24
"""Boxes in which a graph is shown that has too many operations even so."""
OUTLINE_LINES = 40


class Form(Enum):
    """The outline of a node. It says how the operation runs, so that colour never says it alone."""

    SOURCE = "makes or reads blocks"
    BLOCKWISE = "block by block"
    TREE = "combines a few at a time"
    SHUFFLE = "moves parts of all blocks"
    GATHERS = "needs all blocks at once"
    CALL = "a delayed call"
    STORED = "stored already"
    GROUP = "several operations"


FORM_OF = {
    Strategy.SOURCE: Form.SOURCE,
    Strategy.BLOCKWISE: Form.BLOCKWISE,
    Strategy.TREE: Form.TREE,
    Strategy.SHUFFLE: Form.SHUFFLE,
    Strategy.GATHERS: Form.GATHERS,
    Strategy.CALL: Form.CALL,
    Strategy.STORED: Form.STORED,
}


@dataclass(frozen=True, slots=True)
class Node:
    """One box: a title, further lines, a text for hovering, how it looks."""

    title: str
    lines: tuple[str, ...] = ()
    tip: str = ""
    form: Form = Form.BLOCKWISE
    colour: int = 0
    """Number of its category."""
    count: int = 1
    """Tasks or operations that it stands for."""
    state: str = ""
    """Name of a task state, or empty."""
    marks: Marks = field(default_factory=Marks)


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One line of the key: a category and what it stands for."""

    text: str
    form: Form
    colour: int


@dataclass(frozen=True, slots=True)
class Diagram:
    """A graph to show: edges are pairs of node numbers, from input to reader."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    words: str
    """The graph in one sentence."""
    key: tuple[KeyEntry, ...] = ()
    small: bool = False
    """Whether the nodes are single tasks, drawn small."""
    path: frozenset[tuple[int, int]] = frozenset()
    """Those edges that lie on the critical path."""
    path_words: str = ""
    """The critical path in words, where it was measured."""


def levels_of(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The depth of each node: 0 without inputs, otherwise one more than its deepest input.

    Inputs must have smaller numbers than their readers.
    """
    level = [0] * count
    order = np.argsort(pairs[:, 1], kind="stable")
    for source, target in pairs[order].tolist():
        if level[target] <= level[source]:
            level[target] = level[source] + 1
    return np.array(level, dtype=np.int64)


def group_nodes(titles: Sequence[str], pairs: NDArray[np.int64], budget: int = MAX_NODES) -> list[list[int]]:
    """The nodes that become one box each: singly, by title and depth, or by bands of depth, as the budget allows.

    Every edge between groups leads from an earlier group to a later one, so grouping makes no cycle.
    """
    count = len(titles)
    if count <= budget and len(pairs) <= MAX_EDGES:
        return [[node] for node in range(count)]
    levels = levels_of(count, pairs)
    groups: dict[tuple[int, str], list[int]] = {}
    for node, (level, title) in enumerate(zip(levels.tolist(), titles, strict=True)):
        groups.setdefault((level, title), []).append(node)
    if len(groups) > budget:
        bands_wanted = min(BANDS, budget)
        band = math.ceil((int(levels.max()) + 1) / bands_wanted)
        bands: dict[int, list[int]] = {}
        for node, level in enumerate(levels.tolist()):
            bands.setdefault(level // band, []).append(node)
        return [bands[number] for number in sorted(bands)]
    return [groups[key] for key in sorted(groups, key=lambda key: (key[0], groups[key][0]))]


def edges_between(
    groups: Sequence[Sequence[int]], pairs: NDArray[np.int64], count: int
) -> list[tuple[int, int]]:
    """Edges between groups of nodes, each once, without those inside a group."""
    of = np.empty(count, dtype=np.int64)
    for number, members in enumerate(groups):
        of[list(members)] = number
    return distinct(of[pairs], len(groups))


def distinct(pairs: NDArray[np.int64], count: int) -> list[tuple[int, int]]:
    """The edges between different ones of `count` nodes, each once, sorted."""
    codes = pairs[:, 0] * count + pairs[:, 1]
    codes = codes[pairs[:, 0] != pairs[:, 1]]
    found = np.flatnonzero(np.bincount(codes)) if count <= 1000 else np.unique(codes)
    return [(int(code) // count, int(code) % count) for code in found]


def readers_of(edges: Sequence[tuple[int, int]], count: int) -> list[int]:
    """How many others read each of `count` nodes."""
    found = [0] * count
    for source, _ in edges:
        found[source] += 1
    return found


def tally(titles: Sequence[str], limit: int = 3) -> str:
    """What a group is made of: "add ×5, sum ×2, …"."""
    common = Counter(titles).most_common()
    said = [f"{title} ×{count:,}" if count > 1 else title for title, count in common[:limit]]
    return ", ".join(said) + (", …" if len(common) > limit else "")


def outline(diagram: Diagram) -> str:
    """The diagram in text: its sentence, and a line for each node with what it reads."""
    inputs: dict[int, list[int]] = {}
    for source, target in diagram.edges:
        inputs.setdefault(target, []).append(source)
    lines = [diagram.words, *([diagram.path_words] if diagram.path_words else [])]
    for number, node in enumerate(diagram.nodes[:OUTLINE_LINES]):
        title = f"{node.title} ×{node.count:,}" if node.count > 1 else node.title
        said = f"  {number + 1}. {title}" + "".join(f" · {line}" for line in node.lines if line)
        said += f" · {node.state}" if node.state else ""
        said += f" · {node.marks.words}" if node.marks.words else ""
        read = [str(i + 1) for i in inputs.get(number, ())]
        if read:
            said += " ← " + ", ".join(read[:12]) + (", …" if len(read) > 12 else "")
        lines.append(said)
    if len(diagram.nodes) > OUTLINE_LINES:
        lines.append(f"  … and {len(diagram.nodes) - OUTLINE_LINES:,} more")
    return "\n".join(lines)
