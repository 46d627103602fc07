"""Makes the solved notebooks with their outputs: `python -m tests.lessons.reference [NAME ...]`."""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from chunkscope_lessons import build
from tests.lessons.places import LESSONS, REFERENCE, UNFOLLOWED, settings


def main(wanted: list[str]) -> None:
    for source in build.read_all(LESSONS):
        if wanted and source.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.environ.update(settings(Path(folder)) | UNFOLLOWED)
            notebook = nbformat.reads(build.to_json(build.notebook(source, solved=True)), as_version=4)
            NotebookClient(notebook, timeout=300, resources={"metadata": {"path": folder}}).execute()
            for cell in notebook.cells:
                cell.metadata.pop("execution", None)  # when it ran
                for output in cell.get("outputs", ()):
                    if output.output_type == "error":
                        output.traceback = []  # has the paths of this machine; not compared
                if "nbval-ignore-output" in cell.metadata.get("tags", ()):
                    cell.outputs = []
        path = REFERENCE / f"{source.name}.ipynb"
        path.write_text(build.to_json(notebook), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
