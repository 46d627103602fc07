"""Gate T2: the notebooks as they are shipped run top to bottom in a fresh kernel, and nothing passes by itself."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from chunkscope_lessons import copy_lessons
from tests.lessons.classroom import RAISES
from tests.lessons.places import NAMES


@pytest.mark.filterwarnings("ignore::DeprecationWarning:jupyter_client", "ignore::DeprecationWarning:zmq")
@pytest.mark.parametrize("name", NAMES)
def test_as_shipped(name: str, tmp_path: Path) -> None:
    (path,) = [copy for copy in copy_lessons(tmp_path / "mine") if copy.stem == name]
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    checks = reveals = 0
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        said = "".join(
            output.data["text/plain"] for output in cell.outputs if output.output_type == "execute_result"
        )
        if cell.source.startswith("L.check("):
            checks += 1
            assert "not attempted" in said, said
        if cell.source.startswith("L.reveal("):
            reveals += 1
            assert "not attempted" in said, said
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == (RAISES in cell.metadata.get("tags", ())), cell.id
    assert checks
    assert reveals
    assert "0 of" in said  # the last cell is the progress


def test_copies_are_never_overwritten(tmp_path: Path) -> None:
    first = copy_lessons(tmp_path / "mine")
    assert [path.stem for path in first] == list(NAMES)
    first[0].write_text("my own work")
    first[1].unlink()
    assert copy_lessons(tmp_path / "mine") == first
    assert first[0].read_text() == "my own work"
    assert first[1].exists()
