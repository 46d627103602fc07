"""The card above the traceback: in a notebook, an exception that came out of a task is shown with its cause.

IPython asks an exception for its own traceback by `_render_traceback_`. Ours show the card first, then give back
what IPython would have printed. An exception of the user's that was raised from such a one gets the card below its
traceback: IPython tells when a cell has run. Nothing of IPython's and no class of the user's is replaced.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from chunkscope.events import FAILURE, Failure
from chunkscope.observe.viewers import page

__all__ = ["attach_cards", "failure_of", "render_traceback", "with_card"]

_log = logging.getLogger("chunkscope.observe")
_attached: set[int] = set()
_shown: list[int] = []
"""The exceptions that this cell has looked at already, by id."""
DEEPEST = 20


def attach_cards() -> None:
    """Show cards for the cells of this notebook's kernel; once. Does nothing where there is no front end."""
    if _attached or "ipykernel" not in sys.modules:
        return
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or getattr(shell, "kernel", None) is None:
        return
    _attached.add(id(shell))
    shell.events.register("pre_run_cell", _before_cell)
    shell.events.register("post_run_cell", _after_cell)


def with_card(error: BaseException) -> None:
    """Have IPython show the card of this exception, which carries its failure, above its traceback."""
    if _attached:
        error.__dict__["_render_traceback_"] = render_traceback


def render_traceback() -> list[str]:
    """The lines of the traceback that IPython is about to print, as IPython makes them; shows the card first."""
    shell = sys.modules["IPython"].get_ipython()
    error = sys.exc_info()[1] or getattr(sys, "last_value", None)
    assert error is not None
    _show(error)
    lines: list[str] = shell.InteractiveTB.structured_traceback(
        type(error), error, error.__traceback__, tb_offset=1
    )
    return lines


def failure_of(error: BaseException | None) -> Failure | None:
    """The failed task that an exception comes from, or one that it was raised from or during."""
    for _ in range(DEEPEST):
        if error is None:
            return None
        found = getattr(error, FAILURE, None)
        if isinstance(found, Failure):
            return found
        error = error.__cause__ or error.__context__
    return None


def _before_cell(info: Any) -> None:
    _shown.clear()


def _after_cell(result: Any) -> None:
    error = getattr(result, "error_in_exec", None)
    if error is not None:
        _show(error)


def _show(error: BaseException) -> None:
    """Show the card of an exception, once a cell: IPython asks for the traceback again, for its history."""
    if id(error) in _shown:
        return
    _shown.append(id(error))
    try:
        failure = failure_of(error)
        html = None if failure is None else page(failure)
        if failure is None or html is None:
            return
        from IPython.display import publish_display_data

        text = failure.describe(interactive=True)
        publish_display_data({"text/html": html, "text/plain": text})  # type: ignore[no-untyped-call]
    except Exception:
        _log.exception("the card of a failed task could not be shown")
