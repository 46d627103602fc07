"""Marks of a graph's picture: the measured critical path, what was fused, what is shared, in signs and in words."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import chunkscope.array as ca
from chunkscope.display import Picture, task_diagram, visualize
from chunkscope.display.diagram import Diagram, Node, outline
from chunkscope.display.graph_svg import MOST_MARKED, draw
from chunkscope.display.marks import SIGNS, CriticalPath, Marks, measured
from chunkscope.observe import RunLog, last_run
from tests.engine.display.samples import SVG, tree_graph


def anomaly(size: int = 60) -> RunLog:
    x = ca.ones((size, size), chunks=(10, 10))
    ((x - x.mean(axis=0)) * 2).sum(axis=1).compute(scheduler="sync")
    run = last_run()
    assert run is not None
    return run


def drawn(picture: Picture, class_: str) -> list[Any]:
    root = ElementTree.fromstring(picture.svg)
    return [path for path in root.iter(f"{SVG}path") if path.get("class") == class_]


def test_a_finished_run_shows_its_critical_path() -> None:
    run = anomaly()
    path = measured(run)
    assert path is not None
    assert list(path.tasks) == run.critical_path()
    seconds = dict(zip(run.rows.task.tolist(), (run.rows.stop - run.rows.start).tolist(), strict=True))
    assert path.seconds == sum(seconds[task] for task in path.tasks)
    picture = visualize(run)
    assert [i for i, node in enumerate(picture.diagram.nodes) if node.marks.critical] == sorted(path.tasks)
    assert picture.diagram.path == set(zip(path.tasks[:-1], path.tasks[1:], strict=True))
    assert picture.text.splitlines()[1] == path.words
    edges, *outlines = drawn(picture, "critical")
    assert (edges.get("d") or "").count("M") == len(path.tasks) - 1
    assert len(outlines) == len(path.tasks)


def test_operations_of_large_runs_are_marked() -> None:
    run = anomaly(200)
    path = measured(run)
    assert path is not None
    diagram = visualize(run).diagram
    assert len(diagram.nodes) == len(run.graph.layers)
    crossed = {int(run.graph.layer_of[task]) for task in path.tasks}
    assert {i for i, node in enumerate(diagram.nodes) if node.marks.critical} == crossed
    edges = run.graph.layer_edges()
    assert diagram.path <= set(edges)
    for i, node in enumerate(diagram.nodes):
        assert node.marks.readers == sum(source == i for source, _ in edges)
        assert node.marks.fused == (" → " in run.graph.layers[i].detail)


def test_a_plan_has_no_measured_path() -> None:
    diagram = task_diagram(tree_graph())
    assert diagram.path_words == ""
    assert not any(node.marks.critical for node in diagram.nodes)


def test_expressions_say_what_is_shared_and_what_was_fused() -> None:
    x = ca.ones((60, 60), chunks=(10, 10))
    y = ((x + x.mean(axis=0)) * 2).sum(axis=1)
    written = visualize(y).diagram
    assert written.nodes[0].marks.readers == 2
    rewritten = visualize(y, optimize_graph=True)
    assert [node.marks.fused for node in rewritten.diagram.nodes].count(True) >= 1
    assert "fused" in rewritten.text
    assert "made of several operations" in rewritten.svg


def test_signs_are_in_the_key_and_in_the_list() -> None:
    marked = Node("x", marks=Marks(critical=True, fused=True, readers=3))
    diagram = Diagram(
        (marked, Node("y")), ((0, 1),), "two", path=frozenset({(0, 1)}), path_words="critical path"
    )
    text = outline(diagram)
    assert "fused, shared by 3, on the critical path" in text
    svg = str(draw(diagram))
    for outline_ in SIGNS.values():
        assert svg.count(outline_) == 2, "once at the node, once in the key"
    assert "fused, shared by 3" in svg


def test_very_many_marks_are_left_to_the_list() -> None:
    nodes = tuple(Node(str(i), marks=Marks(readers=2)) for i in range(MOST_MARKED + 1))
    diagram = Diagram(nodes, (), "many")
    assert SIGNS["shared"] not in str(draw(diagram))
    assert outline(diagram).count("shared by 2") > 10


def test_a_path_in_words() -> None:
    assert CriticalPath((1, 2), 1.5).words == "critical path measured: 2 tasks, 1.50 s in kernels"
    assert re.match(r"critical path measured: 1 task,", CriticalPath((1,), 0.1).words)
