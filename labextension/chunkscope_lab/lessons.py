"""Lists the lesson notebooks below the server's root folder."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

__all__ = ["LessonsHandler", "list_lessons"]

NAME = re.compile(r"\d\d_\w+\.ipynb")


def list_lessons(root: Path) -> list[dict[str, str]]:
    """Path below `root` and title of each lesson (`NN_name.ipynb`, there or one folder down), in order."""
    found = [
        path
        for pattern in ("*.ipynb", "*/*.ipynb")
        for path in root.glob(pattern)
        if NAME.fullmatch(path.name)
    ]
    return [
        {"path": path.relative_to(root).as_posix(), "title": _title(path)}
        for path in sorted(found, key=lambda path: (path.parent, path.name))
        if not any(part.startswith(".") for part in path.relative_to(root).parts)
    ]


def _title(path: Path) -> str:
    """The notebook's first heading; its file name where it has none or cannot be read."""
    try:
        cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            text = cell["source"]
            for line in (text if isinstance(text, str) else "".join(text)).splitlines():
                if cell["cell_type"] == "markdown" and line.startswith("# "):
                    return line[2:].strip()
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return path.stem


class LessonsHandler(APIHandler):
    """GET chunkscope/lessons"""

    @web.authenticated
    def get(self) -> None:
        """Send the list."""
        self.finish(json.dumps(list_lessons(Path(self.settings["server_root_dir"]).expanduser())))
