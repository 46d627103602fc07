"""The layer table holds for every import, and would notice one that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.repo.imports import modules
from tests.repo.layers import ALLOWED, cycles, violations

REPOSITORY = Path(__file__).parents[2]


def test_every_import_is_allowed() -> None:
    assert violations(REPOSITORY) == []


def test_no_modules_import_each_other() -> None:
    assert cycles(REPOSITORY) == []


def test_every_package_has_its_row() -> None:
    tops = {name.split(".")[1] for name in modules(REPOSITORY) if name.startswith("chunkscope.")}
    assert tops - set(ALLOWED) == set()


TYPING_ONLY = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import chunkscope.expr"
CONVERSION = """class Bag:
    def to_x(self):
        'Doc.'
        import chunkscope.dataframe
        return 1"""


def tree(root: Path, files: dict[str, str]) -> Path:
    """A repository of `files` under `root`, with the engine's packages around them."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in path.relative_to(root).parents:
            if len(folder.parts) > 1:
                (root / folder / "__init__.py").touch()
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("engine/chunkscope/graph/a.py", "from chunkscope.expr import Expr"),
        ("engine/chunkscope/graph/a.py", "import chunkscope.events"),
        ("engine/chunkscope/graph/a.py", "from ..expr import Expr"),
        ("engine/chunkscope/graph/a.py", "from chunkscope import compute"),
        ("engine/chunkscope/graph/a.py", "def f():\n    from chunkscope.array import Array"),
        (
            "engine/chunkscope/graph/a.py",
            TYPING_ONLY,
        ),
        ("engine/chunkscope/graph/a.py", "import importlib\nimportlib.import_module('chunkscope.expr')"),
        ("engine/chunkscope/graph/a.py", "import chunkscope_widgets"),
        ("engine/chunkscope/unheard/a.py", "import chunkscope.errors"),
        ("engine/chunkscope/array/a.py", "import chunkscope.bag"),
        (
            "engine/chunkscope/bag/a.py",
            CONVERSION.replace("return 1", "x = 1\n        return x"),
        ),
        ("datasets/chunkscope_datasets/a.py", "from chunkscope.errors import ChunkscopeError"),
        ("widgets/chunkscope_widgets/a.py", "import chunkscope_lab"),
    ],
)
def test_a_forbidden_import_is_noticed(tmp_path: Path, name: str, text: str) -> None:
    complaints = violations(tree(tmp_path, {name: text, "engine/chunkscope/expr/base.py": ""}))
    assert len(complaints) == 1
    assert complaints[0].startswith(f"{name}:")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("engine/chunkscope/graph/a.py", "import numpy, chunkscope.errors\nfrom chunkscope.graph import b"),
        ("engine/chunkscope/cli/a.py", "from chunkscope.array import ones"),
        ("engine/chunkscope/__init__.py", "from chunkscope import cli"),
        (
            "engine/chunkscope/bag/a.py",
            CONVERSION,
        ),
        (
            "lessons/chunkscope_lessons/a.py",
            "import chunkscope_datasets, chunkscope_widgets, chunkscope.array",
        ),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, name: str, text: str) -> None:
    assert violations(tree(tmp_path, {name: text, "engine/chunkscope/cli/base.py": ""})) == []


def test_a_cycle_is_noticed(tmp_path: Path) -> None:
    files = {
        "engine/chunkscope/graph/a.py": "from chunkscope.graph.b import x",
        "engine/chunkscope/graph/b.py": "from chunkscope.graph.c import x",
        "engine/chunkscope/graph/c.py": "from chunkscope.graph import a",
    }
    assert cycles(tree(tmp_path, files)) == [[f"chunkscope.graph.{name}" for name in "abc"]]
    (tmp_path / "engine/chunkscope/graph/c.py").write_text("def f():\n    from chunkscope.graph import a")
    assert cycles(tmp_path) == []
