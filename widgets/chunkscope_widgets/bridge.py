"""The kernel's end of the panel: found through the entry point `chunkscope.viewers`, attached at the first compute.

Two comms. The push comm has a fixed id and is never opened: pages listen for the id, so that one that joins late or
after a reload just hears the next message, and a front end without the panel drops them unread. The request comm is
opened by the page; only its handler replies on it, so that its messages stay on the subshell that asked.
"""

from __future__ import annotations

import logging
import threading
import uuid
from typing import Any, Protocol

from chunkscope.observe import runs
from chunkscope_widgets import controls, objects, questions, workers
from chunkscope_widgets.board import Board
from chunkscope_widgets.requests import answer
from chunkscope_widgets.sender import Sender

__all__ = ["CONTROL_TARGET", "PUSH_ID", "PUSH_TARGET", "attach", "board", "sender", "tell"]

PUSH_TARGET = "chunkscope"
PUSH_ID = "chunkscope-live"
CONTROL_TARGET = "chunkscope.ctl"

_log = logging.getLogger("chunkscope.widgets")
_lock = threading.Lock()
_board = Board()
_sender: Sender | None = None
_push: Any = None


class Comm(Protocol):
    """The part of a Jupyter comm that is used."""

    def send(
        self, data: dict[str, Any] | None = None, metadata: None = None, buffers: list[bytes] | None = None
    ) -> None:
        """Send one message to the page."""

    def on_msg(self, callback: Any) -> None:
        """Have `callback(message)` called for each message of the page."""


def sender() -> Sender:
    """The sender of this process: one for the panel and all cells."""
    global _sender
    with _lock:
        if _sender is None:
            _sender = Sender(uuid.uuid4().hex, _board)
        return _sender


def board() -> Board:
    """What this process shows beside its runs."""
    return _board


def tell() -> None:
    """Send what is new on the board soon, if a page or a cell may listen."""
    with _lock:
        current = _sender
    if current is not None:
        current.stir()


def attach() -> None:
    """Push every run of this process to the pages of its kernel, and answer their questions. Twice is allowed."""
    global _push
    import comm

    with _lock:
        if _push is not None:
            return
        _push = comm.create_comm(target_name=PUSH_TARGET, comm_id=PUSH_ID, primary=False)
    comm.get_comm_manager().register_target(CONTROL_TARGET, _opened)
    objects.attach(_board, tell)
    current = sender()
    questions.register(_board)
    controls.register(_board, current)
    workers.attach(_board, tell)
    current.add(lambda header, buffers: _push.send(header, buffers=buffers))
    for log in runs():
        if log.stopped is None:
            current.watch(log)
    current.stir()


def _opened(comm: Comm, message: dict[str, Any]) -> None:
    """A page has opened its request comm."""

    def asked(message: dict[str, Any]) -> None:
        try:
            header, buffers = answer(message["content"]["data"], sender().session, _board)
            comm.send(header, buffers=buffers)
        except Exception:
            _log.exception("a page's question could not be answered")

    comm.on_msg(asked)
