"""Lists and sends the recordings (`*.chunkscope`) below the server's root folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from jupyter_server.base.handlers import APIHandler
from tornado import web

__all__ = ["RecordingHandler", "RecordingsHandler", "find_recording", "list_recordings"]

SUFFIX = ".chunkscope"
LARGEST_BYTES = 256 * 1024**2
MOST_LISTED = 500
MOST_FOLDERS = 2_000


def list_recordings(root: Path) -> list[dict[str, str | int | float]]:
    """Path below `root`, size and time of change of each recording, newest first. Hidden folders are left out."""
    found: list[dict[str, str | int | float]] = []
    for path in _walk(root):
        status = path.stat()
        name = path.relative_to(root).as_posix()
        found.append({"path": name, "bytes": status.st_size, "modified": status.st_mtime})
    return sorted(found, key=lambda entry: entry["modified"], reverse=True)[:MOST_LISTED]


def find_recording(root: Path, name: str) -> Path:
    """The file of a recording below `root`. Raises ValueError for any other path, links out of `root` included."""
    path = (root / name).resolve()
    if path.suffix != SUFFIX or not path.is_relative_to(root.resolve()) or not path.is_file():
        raise ValueError(f"no recording {name!r} in this server's folder")
    if path.stat().st_size > LARGEST_BYTES:
        raise ValueError(f"{name!r} is larger than {LARGEST_BYTES // 1024**2} MiB")
    return path


def _walk(root: Path) -> Iterator[Path]:
    for count, (folder, folders, files) in enumerate(os.walk(root)):
        if count >= MOST_FOLDERS:
            return
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        yield from (Path(folder) / name for name in sorted(files) if name.endswith(SUFFIX))


class RecordingsHandler(APIHandler):
    """GET chunkscope/recordings"""

    @web.authenticated
    def get(self) -> None:
        """Send the list."""
        self.finish(json.dumps(list_recordings(Path(self.settings["server_root_dir"]).expanduser())))


class RecordingHandler(APIHandler):
    """GET chunkscope/recordings/PATH"""

    @web.authenticated
    def get(self, name: str) -> None:
        """Send one recording."""
        try:
            path = find_recording(Path(self.settings["server_root_dir"]).expanduser(), name)
        except ValueError as error:
            raise web.HTTPError(404, str(error)) from None
        self.finish(path.read_bytes(), set_content_type="application/octet-stream")
