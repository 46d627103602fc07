"""`visualize`: the picture of what would be computed, as operations or as tasks."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chunkscope.compute import prepare, unpack
from chunkscope.compute.prepare import optimised
from chunkscope.display.diagram import Diagram
from chunkscope.display.expressions import expression_diagram
from chunkscope.display.graph_svg import checked_direction
from chunkscope.display.marks import measured
from chunkscope.display.picture import Picture
from chunkscope.display.tasks import task_diagram
from chunkscope.errors import ConfigError
from chunkscope.expr import Expr
from chunkscope.graph import Graph
from chunkscope.observe import RunLog
from chunkscope.scheduler import order

__all__ = ["diagram_of", "visualize"]

ENGINES = ("builtin", "dot")
COLOURS = (None, "order")


def visualize(
    *args: Any,
    filename: str | os.PathLike[str] | None = None,
    tasks: bool = False,
    optimize_graph: bool = False,
    format: str | None = None,
    traverse: bool = True,
    color: str | None = None,
    engine: str | None = None,
    rankdir: str = "TB",
    graph_attr: Mapping[str, str] | None = None,
    node_attr: Mapping[str, str] | None = None,
    edge_attr: Mapping[str, str] | None = None,
) -> Picture:
    """The graph of lazy values as a picture that a notebook shows; written to a file where `filename` is given.

    `tasks`: one node for each task instead of one for each operation; above some hundred tasks they are grouped
    by operation again. `optimize_graph`: the graph as it would run, after all rewrites. `color="order"` numbers the
    tasks in the order they would start in. `rankdir="LR"` lets it grow to the right. The built-in SVG needs no
    program; `engine="dot"`, the formats png and pdf, and the attributes at the end are Graphviz's.

    Takes a finished run or a plan, too: `visualize(last_run())` shows which tasks have finished, and the
    critical path.

    Raises ConfigError where nothing among the arguments is lazy, and for names that are not known.

    >>> from chunkscope import delayed
    >>> x = delayed(sum)([1, 2])
    >>> visualize(x + 1)
    expression: 2 operations, widest 1, longest chain 2
      1. sum
      2. add ← 1
    """
    if color not in COLOURS:
        raise ConfigError(f"tasks cannot be coloured by {color!r}; use color='order', or leave it out")
    if engine is None:
        engine = "dot" if graph_attr or node_attr or edge_attr else "builtin"
    if engine not in ENGINES:
        raise ConfigError(
            f"no engine is called {engine!r}; use 'builtin', or 'dot' where Graphviz is installed"
        )
    checked_direction(rankdir)
    diagram, heading = diagram_of(
        args,
        tasks=tasks or color is not None,
        optimize_graph=optimize_graph,
        traverse=traverse,
        numbered=color is not None,
    )
    attributes = {
        "rankdir": rankdir,
        "graph_attr": graph_attr,
        "node_attr": node_attr,
        "edge_attr": edge_attr,
    }
    picture = Picture(diagram, heading, engine=engine, attributes=attributes)
    if filename is not None:
        picture.save(filename, format)
    elif format is not None:
        raise ConfigError(
            f"format={format!r} says how to write a file: give filename= too, or use .save('graph.{format}')"
        )
    return picture


def diagram_of(
    args: Sequence[Any],
    *,
    tasks: bool = False,
    optimize_graph: bool = False,
    traverse: bool = True,
    numbered: bool = False,
) -> tuple[Diagram, str]:
    """The diagram of the arguments of `visualize`, and its heading."""
    graph = _graph_of(args)
    if graph is not None:
        run = args[0] if isinstance(args[0], RunLog) else None
        states, path = (None, None) if run is None else (_states(run), measured(run))
        return _numbered(task_diagram(graph, states=states, path=path), graph, numbered), "Task graph"
    if args and all(isinstance(arg, Expr) for arg in args) and not tasks:
        return expression_diagram(list(args)), "Expression"
    collections, _ = unpack(tuple(args), traverse)
    if not collections:
        raise ConfigError(
            "nothing to draw: give at least one lazy collection, like a delayed call or an array, or a run or a plan"
        )
    if tasks:
        graph = prepare(collections, rules=None if optimize_graph else False).graph
        return _numbered(task_diagram(graph), graph, numbered), "Task graph"
    if optimize_graph:
        roots = optimised(collections, None)[0]
        return expression_diagram(roots, merge=True), "Expression, rewritten"
    return expression_diagram([collection.__chunkscope_expr__() for collection in collections]), "Expression"


def _graph_of(args: Sequence[Any]) -> Graph | None:
    """The graph of a single graph, plan or run; None for everything else."""
    if len(args) != 1:
        return None
    if isinstance(args[0], Graph):
        return args[0]
    found = getattr(args[0], "graph", None) if not hasattr(type(args[0]), "__chunkscope_expr__") else None
    return found if isinstance(found, Graph) else None


def _states(run: RunLog) -> list[str]:
    """For each task of the first segment whether it has finished, runs or waits."""
    states = ["waiting"] * run.graph.ntasks
    for task in run.rows.task.tolist():
        if task < len(states):
            states[task] = "finished"
    for _, task, _ in run.running():
        if task < len(states):
            states[task] = "running"
    if run.error is not None and run.error.task < len(states):
        states[run.error.task] = "failed"
    return states


def _numbered(diagram: Diagram, graph: Graph, wanted: bool) -> Diagram:
    """The diagram with each task's place in the static order, where nodes are single tasks."""
    if not wanted or len(diagram.nodes) != graph.ntasks:
        return diagram
    ranks = order(graph).tolist()
    nodes = []
    for node, rank in zip(diagram.nodes, ranks, strict=True):
        tip = f"{node.tip}\nstarts as number {rank + 1}"
        if diagram.small:
            nodes.append(replace(node, title=str(rank + 1), tip=tip))
        else:
            nodes.append(replace(node, lines=(*node.lines, f"number {rank + 1}"), tip=tip))
    return replace(diagram, nodes=tuple(nodes))
