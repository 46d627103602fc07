"""What `visualize` returns: shown in notebooks, printed in terminals, written to files at once."""

from __future__ import annotations

import os
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chunkscope.display import Picture, task_diagram
from chunkscope.display.picture import write
from tests.engine.display.samples import pictures, safe_page, tree_graph


@pytest.fixture
def picture() -> Picture:
    """A small graph."""
    return Picture(task_diagram(tree_graph()), "Task graph")


def test_a_notebook_gets_html_svg_and_text(picture: Picture) -> None:
    bundle = picture._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/svg+xml", "text/html"}
    assert bundle["text/plain"] == repr(picture)
    assert bundle["text/plain"].startswith(
        "graph: 22 tasks, 4 layers, widest 9, critical path 4\n  1. random · 0, 0"
    )
    safe_page(bundle["text/html"])
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert set(picture._repr_mimebundle_(include=["text/plain"])) == {"text/plain"}
    assert set(picture._repr_mimebundle_(exclude=["text/html"])) == {"text/plain", "image/svg+xml"}


def test_an_image_of_its_own_carries_its_style_and_its_paper(picture: Picture) -> None:
    (root,) = pictures(picture.svg)
    assert root.get("class") == "ck"
    assert [child.tag.partition("}")[2] for child in root][:4] == ["title", "desc", "style", "rect"]


def test_files_are_named_by_their_format(picture: Picture, tmp_path: Path) -> None:
    assert picture.save(tmp_path / "x.svg").read_text() == picture.svg
    assert picture.save(tmp_path / "graph") == tmp_path / "graph.svg"
    assert picture.save(tmp_path / "y", format="dot").read_text() == picture.dot
    assert picture.save(tmp_path / "v1.2", format="gv") == tmp_path / "v1.2.gv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graph.svg", "v1.2.gv", "x.svg", "y.dot"]


def test_a_missing_folder_is_named(picture: Picture, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"the folder '.*nowhere' does not exist"):
        picture.save(tmp_path / "nowhere" / "x.svg")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.svg"
    write(target, b"old")

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        write(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x.svg"]
    assert target.read_bytes() == b"old"


def test_files_have_the_usual_permissions(tmp_path: Path) -> None:
    write(tmp_path / "x.svg", b"")
    (tmp_path / "plain").touch()
    assert (tmp_path / "x.svg").stat().st_mode == (tmp_path / "plain").stat().st_mode
