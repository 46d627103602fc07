"""A Jupyter server with our extension; its fixtures start one for each test, of this folder only."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  # fixtures and hooks, found by name


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """The server's settings: our extension is on."""
    return {"ServerApp": {"jpserver_extensions": {"chunkscope_lab": True}}}
