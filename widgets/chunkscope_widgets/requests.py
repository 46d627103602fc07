"""Answers what a page asks: the list of runs, all of one run, why a task is where it is, and what topics answer.

Questions are JSON objects `{"id": …, "ask": "runs" | "run" | "why", "run": …, "task": …}`; an answer is a packet that
carries the same id. Nothing here changes a run. A question that a topic answers gets its words under "reply".
"""

from __future__ import annotations

import logging
from typing import Any

from chunkscope.observe import RunLog, runs
from chunkscope.observe.feed import Feed
from chunkscope.observe.why import Why
from chunkscope.observe.wire import Message, pack
from chunkscope_widgets.board import Board, Handler
from chunkscope_widgets.sender import run_list, topics

__all__ = ["answer"]

BEYOND = ("place", "fused", "again")
"""What of a task's reasons a page cannot tell from the rows alone."""

_log = logging.getLogger("chunkscope.widgets")


def answer(question: dict[str, Any], session: str, board: Board) -> tuple[dict[str, Any], list[bytes]]:
    """The answer's JSON header and buffers. A question that cannot be answered gets its reason under "error"."""
    messages: list[Message] = []
    extra: dict[str, Any] = {}
    try:
        asked = question.get("ask")
        handler = board.handler(asked)
        if asked == "runs":
            messages.append(run_list(session))
            extra.update(topics(board.everything(), session))
        elif asked == "run":
            messages += Feed(_find(question), session).everything()
        elif asked == "why":
            why = _why(question)
            extra |= {"why": why, "beyond": " ".join(why.parts[one] for one in BEYOND if one in why.parts)}
        elif handler is not None:
            extra["reply"] = _reply(handler, question)
            extra.update(topics(board.everything(), session))
        else:
            choices = ", ".join(map(repr, ["run", "runs", "why", *board.asks()]))
            raise ValueError(f"cannot answer {asked!r}; ask for one of {choices}")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        extra["error"] = str(error)
    header, buffers = pack(messages)
    return {**header, **extra, "id": question.get("id")}, buffers


def _reply(handler: Handler, question: dict[str, Any]) -> dict[str, Any]:
    """What a topic answers. Raises ValueError with the text of whatever it raised."""
    try:
        return handler(question)
    except Exception as error:
        _log.exception("%r could not be answered", question.get("ask"))
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _find(question: dict[str, Any]) -> RunLog:
    number = question.get("run")
    for log in runs():
        if log.number == number:
            return log
    known = [log.number for log in runs()]
    kept = f"runs {known[0]} to {known[-1]} are kept" if known else "no run is kept"
    raise ValueError(f"no run {number!r} here: {kept}")


def _why(question: dict[str, Any]) -> Why:
    log = _find(question)
    shown = question.get("task")
    if not isinstance(shown, int) or not 0 <= shown < log.ntasks:
        raise ValueError(f"run {log.number} has no task {shown!r}; its tasks are 0 to {log.ntasks - 1}")
    return log.why(shown)
