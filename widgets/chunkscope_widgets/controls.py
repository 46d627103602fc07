"""What a page asks the kernel to do about runs: forget some, hand one over as a file, speak more or less often.

Nothing here touches a run that is going on.
"""

from __future__ import annotations

import base64
from typing import Any

from chunkscope.observe import RunLog, forget, runs
from chunkscope.observe.recording import record
from chunkscope.observe.sampling import pause
from chunkscope_widgets.board import Board
from chunkscope_widgets.sender import Sender

__all__ = ["LARGEST_FILE", "register", "run_file"]

LARGEST_FILE = 64 * 1024**2
"""Bytes of a run's file that are sent to a page; `run.save(path)` writes larger ones."""


def register(board: Board, sender: Sender) -> None:
    """Have the board answer `forget {runs}`, `file {run, format}` and `pace {per_second, sampling}`."""

    def pace(question: dict[str, Any]) -> dict[str, Any]:
        pause(question.get("sampling") is False)
        return {"per_second": sender.pace(float(question["per_second"]))}

    board.handle("forget", _forget)
    board.handle("file", _file)
    board.handle("pace", pace)


def run_file(log: RunLog, format: str) -> bytes:
    """A run as the bytes of a file: "recording" (`load` reads it) or "html" (needs nothing else)."""
    if format == "recording":
        return record(log).to_bytes()
    if format == "html":
        from chunkscope_widgets.report import page

        return page(log).encode()
    raise ValueError(f"cannot write a run as {format!r}; choose 'recording' or 'html'")


def _forget(question: dict[str, Any]) -> dict[str, Any]:
    return {"forgotten": forget(int(number) for number in question["runs"])}


def _file(question: dict[str, Any]) -> dict[str, Any]:
    number = question.get("run")
    log = next((log for log in runs() if log.number == number), None)
    if log is None:
        raise ValueError(f"run {number!r} is not kept here any more")
    data = run_file(log, str(question.get("format")))
    if len(data) > LARGEST_FILE:
        raise ValueError(
            f"run {number} takes {len(data):,} bytes as a file, and at most {LARGEST_FILE:,} are sent to a page;"
            " run.save(path) writes it where the kernel runs"
        )
    return {"file": base64.b64encode(data).decode("ascii")}
