"""Where the boxes of a graph go: our own layered layout, in NumPy.

Longest-path layers; edges that span several layers go through bends, shared by all edges that leave one node
(so they run as a bundle); barycentre sweeps order each layer; and nodes then move towards the mean of their
neighbours without passing each other, so that a parent ends over the middle of its children. 20,000 nodes
take about a third of a second.

Source: K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system
structures", 1981; the spacing step is one pass of maxima and one of minima over the ordered layer, averaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.errors import GraphError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["Layout", "layout"]

SWEEPS = 8
STRAIGHTEN = 6
MAX_GROUPS = 300  # layers worked on together in a deep graph, so that a sweep stays a few hundred NumPy calls
MAX_BENDS = 8  # bends of all routes for each node, in the mean; beyond it long edges are straight


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of nodes: `x` is the middle, `layer` counts from 0 at the inputs; `routes` are bends."""

    layer: Ints
    """Layer of each node, (n,)."""
    x: Floats
    """Middle of each node along its layer, (n,), the leftmost edge of the drawing at 0."""
    width: float
    """Extent along the layers."""
    depth: int
    """Number of layers."""
    routes: tuple[tuple[tuple[int, float], ...], ...]
    """For each edge the (layer, x) of its bends, from the source to the target."""

    @property
    def widest(self) -> int:
        """The largest number of nodes in one layer."""
        return int(np.bincount(self.layer).max()) if len(self.layer) else 0


def layout(
    count: int,
    edges: Sequence[tuple[int, int]] | Ints,
    *,
    widths: float | Sequence[float] = 1.0,
    gap: float = 0.5,
    order: Sequence[int] | None = None,
) -> Layout:
    """Places of `count` nodes with directed `edges` (source, target): sources above targets, few crossings.

    `widths`: the width of each node; `gap`: free space between neighbours; `order`: preferred order from
    left to right (node numbers by default). The same input gives the same layout.

    Raises GraphError where the edges form a cycle.

    >>> place = layout(3, [(0, 2), (1, 2)])
    >>> place.layer.tolist(), place.x.tolist()
    ([0, 0, 1], [0.5, 2.0, 1.25])
    """
    pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
    rank = np.arange(count) if order is None else np.argsort(np.asarray(order, dtype=np.int64), kind="stable")
    layer = _layers(count, pairs)
    parts = _Parts.of(
        count, pairs, layer, np.broadcast_to(np.asarray(widths, dtype=np.float64), (count,)), rank, gap
    )
    parts.order_layers()
    x = parts.place()
    x -= float((x - parts.half).min()) if len(x) else 0.0
    routes: list[tuple[tuple[int, float], ...]] = [()] * len(pairs)
    for edge, chain in parts.chains.items():
        routes[edge] = tuple((int(parts.layer[bend]), float(x[bend])) for bend in chain)
    extent = float((x + parts.half).max()) if len(x) else 0.0
    return Layout(layer, x[:count], extent, int(layer.max()) + 1 if count else 0, tuple(routes))


def _layers(count: int, pairs: Ints) -> Ints:
    """Longest-path layers; a node without inputs stands right above the first node that reads it."""
    sources, targets = pairs[:, 0].tolist(), pairs[:, 1].tolist()
    readers: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count
    for source, target in zip(sources, targets, strict=True):
        readers[source].append(target)
        missing[target] += 1
    fed = [bool(inputs) for inputs in missing]
    level = [0] * count
    ready = [node for node in range(count) if not missing[node]]
    for node in ready:
        below = level[node] + 1
        for reader in readers[node]:
            if level[reader] < below:
                level[reader] = below
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    if len(ready) < count:
        raise GraphError(
            f"cannot lay out a graph with a cycle: {count - len(ready)} of {count} nodes are on or after it"
        )
    for node in range(count):
        if not fed[node] and readers[node]:
            level[node] = min(level[reader] for reader in readers[node]) - 1
    return np.array(level, dtype=np.int64)


@dataclass(slots=True)
class _Parts:
    """Nodes and bends together, edges between neighbouring layers only, and the order within each layer."""

    layer: Ints
    half: Floats
    up: Ints  # edges, upper end
    down: Ints  # edges, lower end
    rank: Floats  # the order within a layer: smaller is further left
    gap: float
    chains: dict[int, list[int]]  # the bends of each long edge

    @classmethod
    def of(cls, count: int, pairs: Ints, layer: Ints, widths: Floats, rank: Ints, gap: float) -> _Parts:
        """Cuts long edges into steps of one layer, with bends that all edges of one source share."""
        spans = layer[pairs[:, 1]] - layer[pairs[:, 0]]
        long = np.flatnonzero(spans > 1)
        reach: dict[int, int] = {}  # source → how many bends its longest edge needs
        for edge in long.tolist():
            source = int(pairs[edge, 0])
            reach[source] = max(reach.get(source, 0), int(spans[edge]) - 1)
        straight = int(spans[long].sum()) > MAX_BENDS * max(count, 200)
        short = pairs[spans <= 1] if not straight else pairs
        up, down = [short[:, 0]], [short[:, 1]]
        layers, ranks, chains = [layer], [rank.astype(np.float64)], {}
        if not straight and len(long):
            first: dict[int, int] = {}
            total = count
            for source, bends in reach.items():
                first[source] = total
                numbers = np.arange(total, total + bends)
                up.append(np.concatenate([[source], numbers[:-1]]))
                down.append(numbers)
                layers.append(layer[source] + 1 + np.arange(bends))
                ranks.append(np.full(bends, rank[source] + 0.5))
                total += bends
            ends = []
            for edge in long.tolist():
                start, bends = first[int(pairs[edge, 0])], int(spans[edge]) - 1
                chains[edge] = list(range(start, start + bends))
                ends.append(start + bends - 1)
            up.append(np.array(ends, dtype=np.int64))
            down.append(pairs[long, 1])
        every = np.concatenate(layers)
        half = np.zeros(len(every))
        half[:count] = widths / 2
        half[count:] = gap / 4
        return cls(every, half, np.concatenate(up), np.concatenate(down), np.concatenate(ranks), gap, chains)

    def groups(self) -> list[Ints]:
        """Nodes by layers, or by runs of layers where there are very many."""
        if not len(self.layer):
            return []
        depth = int(self.layer.max()) + 1
        run = -(-depth // MAX_GROUPS)
        by_layer = np.argsort(self.layer, kind="stable")
        cuts = np.searchsorted(self.layer[by_layer] // run, np.arange(1, -(-depth // run)))
        return np.split(by_layer, cuts)

    def order_layers(self) -> None:
        """Barycentre sweeps, down and up in turn; keeps the order whose edges are shortest in all."""
        groups = self.groups()
        order = np.lexsort((self.rank, self.layer))
        self.rank = self._ranks(order)
        best, best_cost = self.rank, self._cost()
        inputs, outputs = (
            _Neighbours(self.down, self.up, len(self.layer)),
            _Neighbours(self.up, self.down, len(self.layer)),
        )
        for sweep in range(SWEEPS):
            neighbours = inputs if sweep % 2 == 0 else outputs
            for group in groups if sweep % 2 == 0 else reversed(groups):
                if len(group) > 1:
                    wish = neighbours.mean(group, self.rank)
                    sort = np.lexsort((self.rank[group], wish, self.layer[group]))
                    self.rank[group[sort]] = self._ranks_of(group[sort])
            cost = self._cost()
            if cost < best_cost:
                best, best_cost = self.rank.copy(), cost
        self.rank = best

    def _ranks_of(self, ordered: Ints) -> Floats:
        """Places along their layers, centred on 0, of nodes that are sorted by layer and order."""
        layer = self.layer[ordered]
        first = np.searchsorted(layer, layer)
        sizes = np.searchsorted(layer, layer, side="right") - first
        return np.arange(len(ordered)) - first - (sizes - 1) / 2

    def _ranks(self, ordered: Ints) -> Floats:
        ranks = np.empty(len(ordered))
        ranks[ordered] = self._ranks_of(ordered)
        return ranks

    def _cost(self) -> float:
        return float(np.abs(self.rank[self.up] - self.rank[self.down]).sum())

    def place(self) -> Floats:
        """Coordinates: each node near the mean of its neighbours, order and gaps kept."""
        count = len(self.layer)
        x = np.zeros(count)
        inputs, outputs = _Neighbours(self.down, self.up, count), _Neighbours(self.up, self.down, count)
        groups = []
        for group in self.groups():
            ordered = group[np.lexsort((self.rank[group], self.layer[group]))]
            layer = self.layer[ordered]
            steps = np.zeros(len(ordered))
            same = layer[1:] == layer[:-1]
            steps[1:][same] = (self.half[ordered[1:]] + self.half[ordered[:-1]] + self.gap)[same]
            offset = np.cumsum(steps)
            offset -= offset[np.searchsorted(layer, layer)]
            last = offset[np.searchsorted(layer, layer, side="right") - 1]
            x[ordered] = offset - last / 2
            groups.append((ordered, offset, layer))
        single = (np.bincount(self.up, minlength=count)[self.up] == 1) & (
            np.bincount(self.down, minlength=count)[self.down] == 1
        )
        up, down = self.up[single], self.down[single]
        chains = _Neighbours(np.concatenate([down, up]), np.concatenate([up, down]), count)
        # Each layer follows one neighbour and then the other; then chains are straightened; and a last pass
        # from the inputs down puts a result under the middle of its inputs, with its chain right above it.
        for sweep in range(SWEEPS + STRAIGHTEN + 2):
            neighbours = inputs if sweep % 2 == 0 else outputs
            if SWEEPS <= sweep < SWEEPS + STRAIGHTEN:
                neighbours = chains
            elif sweep > SWEEPS + STRAIGHTEN:
                neighbours = _Neighbours(up, down, count)
            for ordered, offset, layer in groups if sweep % 2 == 0 else reversed(groups):
                wish = neighbours.mean(ordered, x)
                x[ordered] = _spaced(wish - offset, layer) + offset
        return x


def _spaced(wish: Floats, layer: Ints) -> Floats:
    """About the nearest values that do not fall within a layer: the mean of the hulls above and below."""
    if len(wish) == 1:
        return wish
    # Layers are lifted apart, each above the one before, so that one pass serves them all.
    apart = 2.0 * (float(wish.max() - wish.min()) + 1.0)
    lifted = wish + (layer - layer[0]) * apart
    above = np.maximum.accumulate(lifted)
    below = np.minimum.accumulate(lifted[::-1])[::-1]
    spaced: Floats = (above + below) / 2 - (layer - layer[0]) * apart
    return spaced


class _Neighbours:
    """For each node the nodes at the other end of its edges, as one sorted table."""

    def __init__(self, here: Ints, there: Ints, count: int) -> None:
        sort = np.argsort(here, kind="stable")
        self.there = there[sort]
        self.ptr = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=count))]).astype(np.int64)

    def mean(self, nodes: Ints, values: Floats) -> Floats:
        """The mean of `values` over the neighbours of each node; its own value where it has none."""
        starts, counts = self.ptr[nodes], self.ptr[nodes + 1] - self.ptr[nodes]
        total = int(counts.sum())
        result = values[nodes].copy()
        if not total:
            return result
        ends = np.cumsum(counts)
        flat = np.repeat(starts - (ends - counts), counts) + np.arange(total)
        sums = np.concatenate([[0.0], np.cumsum(values[self.there[flat]])])
        some = counts > 0
        result[some] = (sums[ends] - sums[ends - counts])[some] / counts[some]
        return result
