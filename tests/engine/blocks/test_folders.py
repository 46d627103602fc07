"""Folders that killed processes have left are removed; those of the living, of others, and links are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chunkscope.blocks.folders import lives, own_folder, sweep_folders


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    child = subprocess.Popen([sys.executable, "-S", "-c", ""])
    child.wait()
    return child.pid


def test_what_the_dead_have_left_is_removed_with_what_is_in_it(parent: Path, dead: int) -> None:
    for name in (f"chunkscope-x-{dead}", f"chunkscope-x-{dead}-0a1b"):
        (parent / name / "inner").mkdir(parents=True)
        (parent / name / "inner" / "0-0.npy").write_bytes(b"data")
    living = parent / f"chunkscope-x-{os.getpid()}"
    living.mkdir()
    assert {path.name for path in sweep_folders("x")} == {f"chunkscope-x-{dead}", f"chunkscope-x-{dead}-0a1b"}
    assert list(parent.iterdir()) == [living] and sweep_folders("x") == []


def test_what_may_be_somebody_elses_stays(parent: Path, dead: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        f"chunkscope-y-{dead}",
        f"chunkscope-x-{dead}-mine",
        "chunkscope-x-",
        f"my-chunkscope-x-{dead}",
    ):
        (parent / name).mkdir()
    (parent / f"chunkscope-x-{dead}").symlink_to(parent / f"chunkscope-y-{dead}")
    (parent / f"chunkscope-x-{dead}-00").write_text("a file")
    before = sorted(parent.iterdir())
    assert sweep_folders("x") == [] and sorted(parent.iterdir()) == before
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert sweep_folders("y") == [] and sorted(parent.iterdir()) == before


def test_a_folder_of_ones_own_is_private_and_new(parent: Path, dead: int) -> None:
    (parent / f"chunkscope-x-{dead}-00").mkdir()
    one, two = own_folder("x"), own_folder("x")
    assert sorted(parent.iterdir()) == sorted([one, two]), "what was left is gone"
    assert one.stat().st_mode & 0o777 == 0o700


def test_no_folder_for_temporary_files_is_no_error(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(parent / "nowhere"))
    assert sweep_folders("x") == []


def test_who_lives(dead: int) -> None:
    assert lives(os.getpid()) and lives(1) and not lives(dead) and lives(10**30)
