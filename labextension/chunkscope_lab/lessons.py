"""Lists the lesson notebooks below the server's root folder, and copies them there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

from chunkscope.cli.lessons import copy_lessons
from chunkscope.cli.refusal import CannotRun

__all__ = ["FOLDER", "LessonsHandler", "copy_below", "list_lessons"]

FOLDER = "chunkscope-lessons"
"""Where the lessons are copied to, in the folder that the reader looks at."""
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


def copy_below(root: Path, folder: str) -> Path:
    """A folder for the lessons in `folder`, below `root`. Raises ValueError where `folder` leads out of it.

    >>> copy_below(Path("/x"), "y").as_posix()
    '/x/y/chunkscope-lessons'
    """
    target = (root.resolve() / folder.strip("/")).resolve()
    if not target.is_relative_to(root.resolve()):
        raise ValueError(f"cannot copy the lessons to {folder!r}: it is not below this server's folder")
    return target / FOLDER


class LessonsHandler(APIHandler):
    """GET and POST chunkscope/lessons"""

    @property
    def _root(self) -> Path:
        return Path(self.settings["server_root_dir"]).expanduser()

    @web.authenticated
    def get(self) -> None:
        """Send the list."""
        self.finish(json.dumps(list_lessons(self._root)))

    @web.authenticated
    def post(self) -> None:
        """Copy the lessons to the folder that the body names, over nothing that is there; send the list."""
        body = self.get_json_body() or {}
        try:
            target = copy_below(self._root, str(body.get("folder") or ""))
            copies = copy_lessons(target)
        except (ValueError, CannotRun) as error:
            raise web.HTTPError(400, str(error)) from None
        root = self._root.resolve()
        rows = [{"path": path.relative_to(root).as_posix(), "title": _title(path)} for path in copies]
        self.finish(json.dumps(rows))
