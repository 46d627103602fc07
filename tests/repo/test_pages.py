"""What README.md and ARCHITECTURE.md show is what happens, and the files that they name are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PAGES = ["README.md", "ARCHITECTURE.md"]
FILE = re.compile(r"`([\w./-]+/|[\w./-]+\.(?:py|ts|md|toml))`|\]\(([\w./-]+)\)")


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_run(page: str, tmp_path: Path) -> None:
    # A process of its own: runs are numbered from 1, as for a reader who types the examples.
    command = [sys.executable, "-W", "error", "-m", "doctest", page]
    environment = {**os.environ, "CHUNKSCOPE_DATA": str(tmp_path)}
    finished = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert (finished.stdout, finished.stderr, finished.returncode) == ("", "", 0)
    assert ">>> " in (REPOSITORY / page).read_text()


@pytest.mark.parametrize("page", PAGES)
def test_the_files_named_are_there(page: str) -> None:
    text = (REPOSITORY / page).read_text()
    named = {found[1] or found[2] for found in FILE.finditer(text)} - {"my-lessons/"}
    assert len(named) > 15
    assert {name for name in named if not (REPOSITORY / name).exists()} == set()


def test_the_readme_maps_every_package() -> None:
    text = (REPOSITORY / "README.md").read_text()
    engine = {path.parent.name for path in (REPOSITORY / "engine/chunkscope").glob("*/__init__.py")}
    assert {name for name in engine if f"engine/chunkscope/{name}/" not in text} == set()
