"""Copies of the lessons: complete, in order, and never over somebody's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from chunkscope.cli import main
from chunkscope.cli.lessons import copy_lessons
from chunkscope.cli.refusal import CannotRun


def test_a_copy_is_complete_and_writable(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "mine"
    notebooks = copy_lessons(target)
    assert [notebook.name[:2] for notebook in notebooks] == sorted(
        notebook.name[:2] for notebook in notebooks
    )
    assert notebooks[0].name.startswith("00_")
    for notebook in notebooks:
        assert notebook.is_relative_to(target)
        notebook.write_text(notebook.read_text())


def test_a_second_copy_changes_nothing_but_brings_back_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, *_ = copy_lessons(tmp_path)
    pristine = second.read_text()
    first.write_text("mine")
    second.unlink()
    assert main(["lessons", "copy", str(tmp_path)]) == 0
    assert first.read_text() == "mine"
    assert second.read_text() == pristine
    said = capsys.readouterr().out.splitlines()
    assert f"kept  {first}" in said
    assert f"wrote {second}" in said


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    blocked = tmp_path / "x"
    blocked.write_text("")
    with pytest.raises(CannotRun, match="it is a file; name a folder"):
        copy_lessons(blocked)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(CannotRun, match="cannot write the lessons"):
        copy_lessons(tmp_path / "x" / "y")
