"""DOT text that Graphviz reads as it was meant, and clear words where Graphviz is not."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display import expression_diagram, task_diagram, to_dot
from chunkscope.display.diagram import Diagram, Node
from chunkscope.display.dot import render
from chunkscope.errors import ConfigError
from tests.engine.display.samples import HOSTILE, Add, Ones, tree_graph

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def unquoted(text: str) -> str:
    """What a DOT label string shows: Graphviz's escapes taken away."""
    return re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_title_comes_back_as_it_was(titles: list[str]) -> None:
    dot = to_dot(Diagram(tuple(Node(title, tip="tip") for title in titles), (), ""))
    rows = [row for row in re.split(r"\n(?=  n\d)", dot) if row.startswith("  n")]
    for title, row in zip(titles, [row for row in rows if re.match(r"  n\d+ ", row)], strict=True):
        pairs = STRING.findall(row)
        shown = unquoted(pairs[pairs.index("label") + 1])
        assert shown == title.replace("\0", "").replace("\r", "")


def test_nodes_and_edges_are_all_there() -> None:
    dot = to_dot(task_diagram(tree_graph()), rankdir="LR", graph_attr={"bgcolor": "white"})
    assert len(re.findall(r"^  n\d+ \[", dot, flags=re.MULTILINE)) == 22
    assert len(re.findall(r"^  n\d+ -> n\d+;$", dot, flags=re.MULTILINE)) == 9 * 2 - 3 + 9 + 3
    assert '"rankdir"="LR", "bgcolor"="white"' in dot


def test_a_hostile_label_cannot_leave_its_string() -> None:
    x = Ones(((4,),))
    object.__setattr__(x, "label", HOSTILE + '"]; n9 [label="')
    dot = to_dot(expression_diagram([Add(x, x)]))
    assert not re.search(r"^  n9 ", dot, flags=re.MULTILINE)
    assert STRING.sub("", dot).count("[") == 4  # graph, node, and the two nodes


def test_without_the_program_the_error_names_what_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ConfigError, match=r"cannot write 'x.png': PNG .* program `dot` is not on the path; use the"
    ):
        render("digraph {}", "png", "'x.png'")


def test_without_the_package_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ConfigError, match="the package `graphviz` is not installed"):
        render("digraph {}", "pdf", "'x.pdf'")


def test_an_unknown_format_lists_some_that_are_known() -> None:
    with pytest.raises(ConfigError, match="the format 'doc' is unknown; use svg, png, pdf or dot"):
        render("digraph {}", "doc", "'x.doc'")


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in for Graphviz's program that answers with its arguments and its input."""
    path = tmp_path / "bin" / "dot"
    path.parent.mkdir()
    path.write_text('#!/bin/sh\necho "$@"\nexec /bin/cat\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(path.parent))
    return path


def test_the_program_is_given_the_text_and_the_format(program: Path) -> None:
    arguments, _, text = render("digraph { x }\n", "pdf", "'x.pdf'").decode().partition("\n")
    assert "-Tpdf" in arguments
    assert text.strip() == "digraph { x }"
