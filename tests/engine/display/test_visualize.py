"""`visualize` on every kind of lazy value, plan and run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import chunkscope
import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, plan, visualize
from chunkscope.errors import ConfigError
from tests.engine.display.samples import HOSTILE, pictures, safe_page, texts


def inc(x: int) -> int:
    """One more."""
    return x + 1


def add(x: int, y: int) -> int:
    """The sum."""
    return x + y


def titles(picture: Any) -> list[str]:
    """The titles of its nodes."""
    return [node.title for node in picture.diagram.nodes]


def test_delayed_values_share_what_they_share() -> None:
    x = delayed(inc)(1)
    y = delayed(add)(x, delayed(inc)(2))
    assert titles(visualize(x, y)) == ["inc", "inc", "add"]
    assert visualize([x, {"y": y}]).text == visualize(x, y).text
    assert titles(y.visualize()) == ["inc", "inc", "add"]


def test_operations_as_written_and_as_they_run() -> None:
    x = ca.ones((8, 8), chunks=4)
    y = ((x + 1) * 2).sum()
    assert titles(visualize(y)) == ["full", "add", "multiply", "sum"]
    assert len(titles(visualize(y, optimize_graph=True))) < 4
    assert visualize(y).heading == "Expression"


def test_tasks_are_those_of_the_plan() -> None:
    x = ca.ones((8, 8), chunks=4)
    y = (x + x.T).sum()
    picture = visualize(y, tasks=True, optimize_graph=True)
    assert len(picture.diagram.nodes) == plan(y).ntasks
    assert picture.text.startswith(f"graph: {plan(y).ntasks} tasks")
    assert visualize(plan(y)).text == picture.text


def test_a_run_is_shown_with_its_states() -> None:
    compute([delayed(inc)(i) for i in range(3)])
    run = last_run()
    assert [node.state for node in visualize(run).diagram.nodes] == ["finished"] * 3

    def fail(x: int) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        compute(delayed(inc)(delayed(fail)(1)), scheduler="sync")
    assert [node.state for node in visualize(last_run()).diagram.nodes] == ["failed", "waiting"]


def test_the_order_is_a_number_on_every_task() -> None:
    x = delayed(add)(delayed(inc)(1), delayed(inc)(2))
    lines = [node.lines[-1] for node in visualize(x, color="order").diagram.nodes]
    assert sorted(lines) == ["number 1", "number 2", "number 3"]
    assert lines[-1] == "number 3"
    wide = delayed(sum)([delayed(inc)(i) for i in range(70)])
    small = visualize(wide, color="order").diagram
    assert small.small and sorted(int(title) for title in (n.title for n in small.nodes)) == list(
        range(1, 72)
    )


def test_a_file_is_written_where_one_is_named(tmp_path: Path) -> None:
    x = delayed(inc)(1)
    picture = x.visualize(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text() == picture.svg
    visualize(x, filename=tmp_path / "graph", format="dot")
    assert (tmp_path / "graph.dot").read_text() == picture.dot


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"color": "age"}, "cannot be coloured by 'age'; use color='order'"),
        ({"engine": "cytoscape"}, "no engine is called 'cytoscape'; use 'builtin', or 'dot'"),
        ({"rankdir": "UP"}, "no direction is called 'UP'; use one of TB, BT, LR, RL"),
        ({"format": "png"}, r"give filename= too, or use .save\('graph.png'\)"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        visualize(delayed(inc)(1), **options)


def test_nothing_lazy_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to draw: give at least one lazy collection"):
        visualize(1, [2, "x"])


def test_dot_as_the_engine_needs_its_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="the built-in SVG"):
        _ = visualize(delayed(inc)(1), engine="dot").svg


def test_graphviz_attributes_reach_the_dot_text() -> None:
    dot = visualize(delayed(inc)(1), rankdir="LR", node_attr={"penwidth": "3"}).dot
    assert '"rankdir"="LR"' in dot and '"penwidth"="3"' in dot


def test_a_hostile_name_stays_text() -> None:
    x = delayed(inc, name=HOSTILE)(1)
    bundle = visualize(x)._repr_mimebundle_()
    assert HOSTILE in bundle["text/plain"]
    assert HOSTILE in "".join(texts(pictures(bundle["image/svg+xml"])[0]))
    safe_page(bundle["text/html"])


def test_it_is_the_package_s_own() -> None:
    assert chunkscope.visualize is visualize
