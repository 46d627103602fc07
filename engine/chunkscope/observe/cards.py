"""The card under the traceback: in a notebook, an exception that came out of a task is shown with its cause.

IPython tells when a cell has run, and hands over the exception that ended it; the traceback has been printed by then
and stays as it is. Nothing of IPython's or the user's is replaced.
"""

from __future__ import annotations

import logging
from typing import Any

from chunkscope.events import FAILURE, Failure
from chunkscope.observe.viewers import page

__all__ = ["attach_cards", "failure_of"]

_log = logging.getLogger("chunkscope.observe")
_attached: set[int] = set()
DEEPEST = 20


def attach_cards(shell: Any) -> None:
    """Show cards for the cells of an IPython shell that has a front end; once for each shell."""
    if id(shell) in _attached:
        return
    _attached.add(id(shell))
    shell.events.register("post_run_cell", _after_cell)


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


def _after_cell(result: Any) -> None:
    try:
        failure = failure_of(getattr(result, "error_in_exec", None))
        html = None if failure is None else page(failure)
        if failure is None or html is None:
            return
        from IPython.display import publish_display_data

        text = failure.describe(interactive=True)
        publish_display_data({"text/html": html, "text/plain": text})  # type: ignore[no-untyped-call]
    except Exception:
        _log.exception("the card of a failed task could not be shown")
