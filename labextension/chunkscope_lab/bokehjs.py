"""Serves the BokehJS of the installed Bokeh, so that figures and library always have the same version."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

__all__ = ["BokehHandler", "bokeh_folder"]


def bokeh_folder() -> Path | None:
    """The folder of BokehJS's scripts, or None where Bokeh is not installed. Bokeh itself is not imported."""
    found = importlib.util.find_spec("bokeh")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "server" / "static" / "js"
    return folder if folder.is_dir() else None


class BokehHandler(JupyterHandler):
    """GET chunkscope/bokehjs/NAME.js"""

    @web.authenticated
    def get(self, name: str) -> None:
        """Send one script."""
        folder = bokeh_folder()
        path = None if folder is None else folder / name
        if path is None or not path.is_file():
            raise web.HTTPError(404, f"no {name} here: it comes with Bokeh, which chunkscope[lab] installs")
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(path.read_bytes())
