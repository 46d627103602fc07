"""The lessons' notebooks, copied to a folder where they may be written."""

from importlib.resources import files
from pathlib import Path

FOLDER = "notebooks"


def copy_lessons(target: Path) -> list[Path]:
    """Returns the notebooks in `target`, in order, after writing those that were missing; none is overwritten."""
    target.mkdir(parents=True, exist_ok=True)
    copies = []
    for source in sorted((files(__package__) / FOLDER).iterdir(), key=lambda entry: entry.name):
        if not source.name.endswith(".ipynb"):
            continue
        copy = target / source.name
        if not copy.exists():
            copy.write_bytes(source.read_bytes())
        copies.append(copy)
    return copies
