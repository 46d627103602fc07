"""Answers about one run that take a moment: its account in words, and what it would take otherwise.

They are registered when the panel attaches, and import what they need when somebody asks. They run on the subshell of
the page that asked, never on the thread that computes.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chunkscope.observe import RunLog, runs
from chunkscope_widgets.board import Board

__all__ = ["explain", "register"]


def register(board: Board) -> None:
    """Have the board answer `explain {run}` and `whatif {run, size, workers, memory}`."""
    board.handle("explain", explain)


def explain(question: dict[str, Any]) -> dict[str, Any]:
    """The account of a run: its chapters, as recordings carry them too."""
    from chunkscope.observe.account import account

    told = account(find(question))
    return {
        "run": told.run,
        "state": told.state,
        "kinds": [finding.kind for finding in told.findings],
        "chapters": [asdict(chapter) for chapter in told.chapters],
    }


def find(question: dict[str, Any]) -> RunLog:
    """The run that a question is about. Raises ValueError where it is not kept any more."""
    number = question.get("run")
    for log in runs():
        if log.number == number:
            return log
    raise ValueError(f"run {number!r} is not kept here any more")
