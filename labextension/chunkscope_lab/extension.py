"""Registers the routes of the server side under `chunkscope/`, below any base URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from chunkscope_lab.bokehjs import BokehHandler
from chunkscope_lab.lessons import LessonsHandler
from chunkscope_lab.processes import ProcessesHandler
from chunkscope_lab.recordings import RecordingHandler, RecordingsHandler

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__ = ["load"]


def load(server: ServerApp) -> None:
    """Add the routes to the server."""
    application = server.web_app
    base = application.settings["base_url"]

    def route(*parts: str) -> str:
        return str(url_path_join(base, "chunkscope", *parts))

    application.add_handlers(  # type: ignore[no-untyped-call]
        ".*$",
        [
            (route("bokehjs", r"([\w.-]+\.js)"), BokehHandler),
            (route("recordings"), RecordingsHandler),
            (route("recordings", r"(.+)"), RecordingHandler),
            (route("lessons"), LessonsHandler),
            (route("processes", r"([\w-]+)"), ProcessesHandler),
        ],
    )
