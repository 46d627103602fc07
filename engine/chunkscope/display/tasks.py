"""Diagrams of lowered graphs: one node for each task, or one for each operation where there are many tasks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.display.diagram import (
    FORM_OF,
    MAX_EDGES,
    MAX_NODES,
    Diagram,
    Form,
    KeyEntry,
    Node,
    distinct,
    edges_between,
    group_nodes,
    readers_of,
    tally,
)
from chunkscope.display.marks import CriticalPath, Marks
from chunkscope.display.markup import shorten
from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["describe_graph", "task_diagram", "layer_title", "task_levels", "task_titles"]

MAX_WIDE = 80
"""Tasks side by side; a graph with more is shown by operations."""
ROOMY = 60
"""Tasks that are drawn with their operation written out; more are drawn small, with the key telling them apart."""


def describe_graph(graph: Graph) -> str:
    """A graph in one sentence: "graph: 51 tasks, 4 layers, widest 9, critical path 5".

    Widest is the largest number of tasks at one depth, the critical path the number of tasks in the longest chain.

    >>> from chunkscope.graph import GraphBuilder
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "ones", print, (2, 3)))
    >>> (y,) = build.add(Layer("y", "sum", print, ()), [x.reshape(-1)])
    >>> describe_graph(build.freeze(y))
    'graph: 7 tasks, 2 layers, widest 6, critical path 2'
    """
    levels = task_levels(graph)
    widest = int(np.bincount(levels).max()) if len(levels) else 0
    chain = int(levels.max()) + 1 if len(levels) else 0
    return (
        f"graph: {format_count(graph.ntasks, 'task')}, {format_count(len(graph.layers), 'layer')}, "
        f"widest {widest:,}, critical path {chain:,}"
    )


def task_levels(graph: Graph) -> NDArray[np.int64]:
    """The depth of each task: 0 without inputs in this segment, otherwise one more than its deepest input."""
    levels = np.zeros(graph.ntasks, dtype=np.int64)
    inside = graph.deps >= graph.first_slot
    producers = (
        graph.slot_task[np.where(inside, graph.deps - graph.first_slot, 0)] if len(graph.deps) else graph.deps
    )
    for number in range(len(graph.layers)):
        first, last = int(graph.task_ptr[number]), int(graph.task_ptr[number + 1])
        begin, end = int(graph.dep_ptr[first]), int(graph.dep_ptr[last])
        if begin == end:
            continue
        made_by, counted = producers[begin:end], inside[begin:end]
        starts = graph.dep_ptr[first:last] - begin
        if bool((made_by[counted] >= first).any()):  # calls that read calls of the same layer: one by one
            _levels_one_by_one(levels, first, graph.dep_ptr[first : last + 1] - begin, made_by, counted)
            continue
        some = np.flatnonzero(np.diff(graph.dep_ptr[first : last + 1]))
        deepest = np.maximum.reduceat(np.where(counted, levels[made_by] + 1, 0), starts[some])
        levels[first + some] = deepest
    return levels


def _levels_one_by_one(
    levels: NDArray[np.int64],
    first: int,
    ptr: NDArray[np.int64],
    made_by: NDArray[np.int64],
    counted: NDArray[np.bool_],
) -> None:
    known: list[int] = levels.tolist()
    producers = np.where(counted, made_by, -1).tolist()
    bounds = ptr.tolist()
    for i in range(len(bounds) - 1):
        level = 0
        for producer in producers[bounds[i] : bounds[i + 1]]:
            if producer >= 0 and known[producer] >= level:
                level = known[producer] + 1
        known[first + i] = level
    levels[:] = known


def task_diagram(
    graph: Graph,
    *,
    states: Sequence[str] | None = None,
    path: CriticalPath | None = None,
    budget: int = MAX_NODES,
) -> Diagram:
    """The diagram of a graph's tasks, or of its operations above some hundred tasks.

    `states`: a state for each task, by local number; shown on its node, and as a count where nodes are operations.
    `path`: the tasks of the critical path, which is drawn thick.
    """
    levels = task_levels(graph)
    widest = int(np.bincount(levels).max()) if len(levels) else 0
    words = describe_graph(graph)
    if graph.ntasks <= budget and widest <= MAX_WIDE and graph.nedges <= MAX_EDGES:
        diagram, of = _single(graph, states, words), np.arange(graph.ntasks)
    else:
        diagram, of = _grouped(graph, levels, states, words, budget)
    return diagram if path is None else _with_path(diagram, of, path)


def _with_path(diagram: Diagram, of: NDArray[np.int64], path: CriticalPath) -> Diagram:
    """The diagram with the critical path; `of`: the node of each task."""
    passed = [int(of[task]) for task in path.tasks if task < len(of)]
    critical = set(passed)
    nodes = tuple(
        replace(node, marks=replace(node.marks, critical=True)) if number in critical else node
        for number, node in enumerate(diagram.nodes)
    )
    edges = frozenset((a, b) for a, b in itertools.pairwise(passed) if a != b)
    return replace(diagram, nodes=nodes, path=edges, path_words=path.words)


def task_titles(layer: Layer) -> list[str]:
    """What people call the tasks of a layer: called functions, or one title for all of them.

    The kernel of delayed calls tells its functions by a method `names()`.
    """
    names = getattr(layer.kernel, "names", None)
    if layer.strategy is Strategy.CALL and names is not None:
        return [shorten(name, 60) for name in names()]
    return [layer_title(layer)] * layer.ntasks


def layer_title(layer: Layer) -> str:
    """What people call an operation: the user's `name=`, or its word."""
    return shorten(layer.label or layer.op, 60)


def _pairs(graph: Graph) -> NDArray[np.int64]:
    """Edges between local task numbers, as often as they are read."""
    inside = graph.deps >= graph.first_slot
    readers = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr))[inside]
    makers = graph.slot_task[graph.deps[inside] - graph.first_slot]
    return np.stack([makers, readers], axis=1)


def _colours(titles: Sequence[str]) -> dict[str, int]:
    return {title: i for i, title in enumerate(dict.fromkeys(titles))}


def _place(layer: Layer, local: int) -> str:
    """The file that a task reads, where its layer makes a frame and tells."""
    frame = layer.frame
    return frame.places[local] if frame is not None and len(frame.places) == layer.ntasks else ""


def _single(graph: Graph, states: Sequence[str] | None, words: str) -> Diagram:
    roomy = graph.ntasks <= ROOMY
    numbers = graph.layer_of.tolist()
    places = [task - int(graph.task_ptr[number]) for task, number in enumerate(numbers)]
    titles = [title for layer in graph.layers for title in task_titles(layer)]
    colours = _colours(titles)
    forms: dict[str, Form] = {}
    nodes = []
    for task, (number, title) in enumerate(zip(numbers, titles, strict=True)):
        layer = graph.layers[number]
        forms.setdefault(title, FORM_OF[layer.strategy])
        block = "" if layer.strategy is Strategy.CALL else ", ".join(map(str, layer.block(places[task])))
        nbytes = int(graph.slot_bytes[graph.first_slot_of[task] : graph.first_slot_of[task + 1]].sum())
        tip = [f"task {graph.first_task + task}: {title}" + (f" [{block}]" if block else "")]
        tip += [f"{'' if layer.exact else 'up to '}{format_bytes(nbytes)}"] if nbytes else []
        tip += [shorten(layer.detail, 120)] if layer.detail else []
        place = _place(layer, places[task])
        tip += [place] if place else []
        state = states[task] if states is not None else ""
        tip += [state] if state else []
        head, line = (shorten(title, 22), block) if roomy else (block or shorten(title, 6), "")
        line += f" · {shorten(place, 18)}" if line and place and layer.strategy is Strategy.SOURCE else ""
        nodes.append(
            Node(
                head,
                (line,) if line else (),
                "\n".join(tip),
                FORM_OF[layer.strategy],
                colours[title],
                1,
                state,
            )
        )
    key = tuple(
        KeyEntry(f"{title} ×{titles.count(title):,}", forms[title], colour)
        for title, colour in colours.items()
    )
    edges = tuple(distinct(_pairs(graph), graph.ntasks))
    return Diagram(tuple(nodes), edges, words, () if roomy else key, small=not roomy)


def _grouped(
    graph: Graph, levels: NDArray[np.int64], states: Sequence[str] | None, words: str, budget: int
) -> tuple[Diagram, NDArray[np.int64]]:
    """One node for each layer, and the node of each task.

    Calls are told apart by function and depth. Further merged where that is too many.
    """
    parts: list[tuple[int, str, NDArray[np.int64]]] = []
    of = np.empty(graph.ntasks, dtype=np.int64)
    trees = _tree_levels(graph)
    for number, layer in enumerate(graph.layers):
        first, last = int(graph.task_ptr[number]), int(graph.task_ptr[number + 1])
        if number in trees:
            of[first:last] = len(parts) - 1
            before, title, tasks = parts[-1]
            parts[-1] = (before, title, np.concatenate([tasks, np.arange(first, last)]))
        elif layer.strategy is not Strategy.CALL:
            of[first:last] = len(parts)
            parts.append((number, layer_title(layer), np.arange(first, last)))
        else:
            calls: dict[tuple[int, str], list[int]] = {}
            for task, title in enumerate(task_titles(layer), start=first):
                calls.setdefault((int(levels[task]), title), []).append(task)
            for (_, title), found in sorted(calls.items()):
                of[found] = len(parts)
                parts.append((number, title, np.array(found)))
    pairs = _pairs(graph)
    between = np.array(distinct(of[pairs], len(parts)), dtype=np.int64).reshape(-1, 2)
    titles = [title for _, title, _ in parts]
    groups = group_nodes(titles, between, budget)
    colours = _colours(titles)
    nodes = [_layer_node(graph, [parts[member] for member in members], colours, states) for members in groups]
    edges = edges_between(groups, between, len(parts))
    readers = readers_of(edges, len(groups))
    nodes = [
        replace(node, marks=replace(node.marks, readers=count))
        for node, count in zip(nodes, readers, strict=True)
    ]
    node_of = np.empty(len(parts), dtype=np.int64)
    for number, members in enumerate(groups):
        node_of[members] = number
    return Diagram(tuple(nodes), tuple(edges), words), node_of[of]


def _tree_levels(graph: Graph) -> set[int]:
    """Layers that combine what the layer right before them, of the same operation, made: levels of one tree."""
    readers: dict[int, set[int]] = {}
    sources: dict[int, set[int]] = {}
    for source, target in graph.layer_edges():
        readers.setdefault(source, set()).add(target)
        sources.setdefault(target, set()).add(source)
    return {
        number
        for number, layer in enumerate(graph.layers)
        if layer.strategy is Strategy.TREE
        and sources.get(number) == {number - 1}
        and readers[number - 1] == {number}
        and graph.layers[number - 1].strategy is Strategy.TREE
        and layer_title(graph.layers[number - 1]) == layer_title(layer)
    }


def _layer_node(
    graph: Graph,
    parts: Sequence[tuple[int, str, NDArray[np.int64]]],
    colours: dict[str, int],
    states: Sequence[str] | None,
) -> Node:
    number, title, tasks = parts[0]
    layer = graph.layers[number]
    every = tasks if len(parts) == 1 else np.concatenate([tasks for _, _, tasks in parts])
    count = len(every)
    slots = np.concatenate([[0], np.cumsum(graph.slot_bytes)])
    first = graph.first_slot_of
    nbytes = int((slots[first[every + 1]] - slots[first[every]]).sum())
    lines = [format_count(count, "task") + (f", {format_bytes(nbytes)}" if nbytes else "")]
    if states is not None:
        done = sum(states[task] in DONE for task in every.tolist())
        lines.append(f"{done:,} of {count:,} finished")
    if len({title for _, title, _ in parts}) > 1:
        inside = tally([title for _, title, _ in parts])
        return Node(
            f"{len(parts):,} operations", (shorten(inside, 40), *lines), inside, Form.GROUP, -1, count
        )
    if count == layer.ntasks and layer.grid and layer.strategy is not Strategy.CALL:
        lines.insert(
            0, f"grid {'×'.join(map(str, layer.grid))}" + (f" of {layer.dtype}" if layer.dtype else "")
        )
    if layer.detail:
        lines.append(shorten(layer.detail, 40))
    tip = (
        "\n".join([title, *lines[:-1], shorten(layer.detail, 200)])
        if layer.detail
        else "\n".join([title, *lines])
    )
    marks = Marks(fused=CHAIN in layer.detail)
    return Node(shorten(title, 34), tuple(lines), tip, FORM_OF[layer.strategy], colours[title], marks=marks)


CHAIN = " → "
"""Between the operations that a layer's detail names, where it was made of several."""
DONE = frozenset({"finished", "stored", "released", "spilled"})
"""States of tasks that have run."""
