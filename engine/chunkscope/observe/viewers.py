"""How viewers are found: installed packages name them in the entry point group `chunkscope.viewers`.

`live` is attached at the first run inside a notebook's kernel; `cell` shows a run in a cell; `html` makes the pages of
plans, explanations and runs. The engine runs without any of them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

__all__ = ["VIEWS", "attach_live", "page", "view", "viewer"]

VIEWS = (
    "timeline", "graph_view", "chunks_view", "replay", "memory_view", "profile_view", "explain_view", "whatif_view",
    "compare_view",
)  # fmt: skip
"""Pictures that an installed viewer adds, each a method of runs and recordings."""

_log = logging.getLogger("chunkscope.observe")
_attached = False


@lru_cache
def viewer(name: str) -> Callable[..., Any] | None:
    """The installed viewer of this name, or None. Cost: the first time, a scan of the installed packages."""
    from importlib.metadata import entry_points  # not needed to import the engine

    for point in entry_points(group="chunkscope.viewers", name=name):
        found: Callable[..., Any] = point.load()
        return found
    return None


def page(value: Any) -> str | None:
    """The HTML page of a plan, an explanation or a run; None where no display is installed, so that text is shown."""
    show = viewer("html")
    return None if show is None else str(show(value))


def view(run: Any, name: str) -> Callable[..., Any]:
    """The method of a run or recording that shows it in a cell. Raises AttributeError for other names."""
    if name not in VIEWS:
        raise AttributeError(f"a {type(run).__name__} has no attribute {name!r}")
    show = viewer("cell")
    if show is None:
        raise AttributeError(
            f"{name}() needs a viewer for cells: install chunkscope[lab], or use describe() for the same in words"
        )
    return partial(show, run, name)


def attach_live() -> None:
    """Attach the live viewer if this is a notebook's kernel; once. A viewer that fails is logged, never raised."""
    global _attached
    if _attached or "ipykernel" not in sys.modules:
        return
    _attached = True
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        return
    try:
        attach = viewer("live")
        if attach is not None:
            attach()
    except Exception:
        _log.exception("the live viewer could not be attached; runs go on without it")
