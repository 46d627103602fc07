"""The drawing of graphs: every node and edge is there, inside the picture, said in words, and never by colour alone."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display import Picture, draw, expression_diagram, task_diagram
from chunkscope.display.diagram import Diagram, Form, Node
from chunkscope.display.graph_svg import DIRECTIONS
from chunkscope.display.node_svg import STATES, outline_of
from chunkscope.display.theme import wrap
from chunkscope.errors import ConfigError
from chunkscope.graph import GraphBuilder, Layer
from tests.engine.display.samples import (
    HOSTILE,
    SVG,
    Add,
    Ones,
    call_graph,
    kernel,
    pictures,
    safe_page,
    texts,
    tree_graph,
)

WORDS = st.text(max_size=30)
NODES = st.builds(
    Node,
    title=WORDS,
    lines=st.lists(WORDS, max_size=3).map(tuple),
    tip=WORDS,
    form=st.sampled_from(Form),
    colour=st.integers(-1, 20),
    count=st.integers(1, 3000),
    state=st.sampled_from(["", *STATES]),
)


@given(st.lists(NODES, max_size=12), st.data(), st.booleans(), st.sampled_from(DIRECTIONS))
def test_any_diagram_is_a_well_formed_picture(
    nodes: list[Node], data: st.DataObject, small: bool, rankdir: str
) -> None:
    edges: list[tuple[int, int]] = []
    if len(nodes) > 1:
        pair = st.tuples(st.integers(0, len(nodes) - 2), st.integers(1, len(nodes) - 1))
        edges = sorted({(a, b) for a, b in data.draw(st.lists(pair, max_size=20)) if a < b})
    diagram = Diagram(tuple(nodes), tuple(edges), "words", small=small)
    (picture,) = pictures(safe_html(diagram, rankdir))
    assert len(texts(picture, "title")) == 1 + len(nodes)
    tips = [path for path in picture.iter(f"{SVG}path") if path.get("class") == "tip"]
    assert (tips[0].get("d") or "").count("z") == len(edges)


def safe_html(diagram: Diagram, rankdir: str = "TB") -> str:
    """The diagram as it stands in a page."""
    html = str(wrap(draw(diagram, rankdir=rankdir)))
    safe_page(html)
    return html


def coordinates(svg: ElementTree.Element) -> list[tuple[float, float]]:
    """Every absolute point of the outlines of nodes and of the edges."""
    points = []
    for path in svg.iter(f"{SVG}path"):
        for pair in re.findall(
            r"[MLC]?(-?[\d.]+) (-?[\d.]+)", re.sub(r"[avhz][^MLCVH]*", "", path.get("d") or "")
        ):
            points.append((float(pair[0]), float(pair[1])))
    return points


@pytest.mark.parametrize("rankdir", DIRECTIONS)
@pytest.mark.parametrize("graph", [tree_graph(), tree_graph(5, 7)], ids=["roomy", "small"])
def test_nothing_is_drawn_outside_the_picture(graph: object, rankdir: str) -> None:
    svg = ElementTree.fromstring(draw(task_diagram(graph), rankdir=rankdir))  # type: ignore[arg-type]
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    points = coordinates(svg)
    assert len(points) > 50
    assert all(-0.1 <= x <= width + 0.1 and -0.1 <= y <= height + 0.1 for x, y in points)


def test_results_are_where_the_direction_says() -> None:
    x = Ones(((4,),))
    places = {}
    for rankdir in DIRECTIONS:
        svg = ElementTree.fromstring(draw(expression_diagram([Add(x, x)]), rankdir=rankdir))
        found = {
            text.text: (float(text.get("x", 0)), float(text.get("y", 0))) for text in svg.iter(f"{SVG}text")
        }
        places[rankdir] = (found["ones"], found["add"])
    (source, result) = places["TB"]
    assert result[1] > source[1]
    (source, result) = places["BT"]
    assert result[1] < source[1]
    (source, result) = places["LR"]
    assert result[0] > source[0]
    (source, result) = places["RL"]
    assert result[0] < source[0]


def test_an_unknown_direction_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no direction is called 'UP'; use one of TB, BT, LR, RL"):
        draw(task_diagram(tree_graph()), rankdir="UP")


def test_every_form_and_every_state_looks_different_without_colour() -> None:
    outlines = {form: outline_of(form, 50, 50, 60, 30) for form in Form}
    alike = [(a, b) for a in Form for b in Form if a.name < b.name and outlines[a] == outlines[b]]
    assert alike == [(Form.BLOCKWISE, Form.CALL)]  # both run their blocks one by one; their words differ
    glyphs = {state: glyph for state, (glyph, _) in STATES.items()}
    del glyphs["stored"]  # finished and stored are one to the eye
    assert len(set(glyphs.values())) == len(glyphs)


def test_a_hostile_name_stays_text_everywhere() -> None:
    graph = tree_graph(label=HOSTILE)
    html = safe_html(task_diagram(graph))
    assert HOSTILE in "".join(texts(pictures(html)[0], "title"))
    names = [HOSTILE, HOSTILE]
    calls = safe_html(task_diagram(call_graph([[], [0]], names)))
    assert HOSTILE in "".join(texts(pictures(calls)[0], "title"))


@pytest.mark.parametrize(
    "graph",
    [
        tree_graph(14, 5),
        tree_graph(40, 40),
        call_graph([list(range(max(0, i - 9), i)) for i in range(150)], ["f"] * 150),
    ],
    ids=["195 tasks", "thousands", "dense"],
)
def test_pictures_stay_small(graph: object) -> None:
    picture = Picture(task_diagram(graph), "Task graph")  # type: ignore[arg-type]
    assert len(picture.svg) < 160_000


def test_the_same_graph_is_drawn_the_same() -> None:
    assert draw(task_diagram(tree_graph(5, 7))) == draw(task_diagram(tree_graph(5, 7)))


def test_an_empty_graph_is_a_picture_too() -> None:
    import numpy as np

    html = safe_html(task_diagram(GraphBuilder().freeze(np.zeros(0, dtype=np.int64))))
    assert len(pictures(html)) == 1


def test_the_key_ends_where_it_would_get_long() -> None:
    build = GraphBuilder()
    for i in range(20):
        (x,) = build.add(Layer("", f"operation{i}", kernel, (4,)))
    shown = texts(pictures(safe_html(task_diagram(build.freeze(x))))[0])
    assert "operation13 ×4" in shown and "operation14 ×4" not in shown
    assert "and 6 more" in shown
