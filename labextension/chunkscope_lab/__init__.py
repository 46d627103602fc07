"""The panel's server side: static files, recordings, lessons and process figures; no engine work."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

__all__: list[str] = []


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "chunkscope-lab"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "chunkscope_lab"}]


def _load_jupyter_server_extension(server_app: ServerApp) -> None:
    from chunkscope_lab.extension import load

    load(server_app)
