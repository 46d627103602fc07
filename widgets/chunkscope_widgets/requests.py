"""Answers what a page asks: the list of runs, all of one run, why a task is where it is.

Questions are JSON objects `{"id": …, "ask": "runs" | "run" | "why", "run": …, "task": …}`; an answer is a packet that
carries the same id. Nothing here changes a run.
"""

from __future__ import annotations

from typing import Any

from chunkscope.observe import RunLog, runs
from chunkscope.observe.feed import Feed
from chunkscope.observe.wire import Message, pack
from chunkscope_widgets.sender import run_list

__all__ = ["answer"]


def answer(question: dict[str, Any], session: str) -> tuple[dict[str, Any], list[bytes]]:
    """The answer's JSON header and buffers. A question that cannot be answered gets its reason under "error"."""
    messages: list[Message] = []
    extra: dict[str, Any] = {}
    try:
        asked = question.get("ask")
        if asked == "runs":
            messages.append(run_list(session))
        elif asked == "run":
            messages += Feed(_find(question), session).everything()
        elif asked == "why":
            extra["why"] = _why(question)
        else:
            raise ValueError(f"cannot answer {asked!r}; ask for 'runs', 'run' or 'why'")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        extra["error"] = str(error)
    header, buffers = pack(messages)
    return {**header, **extra, "id": question.get("id")}, buffers


def _find(question: dict[str, Any]) -> RunLog:
    number = question.get("run")
    for log in runs():
        if log.number == number:
            return log
    known = [log.number for log in runs()]
    kept = f"runs {known[0]} to {known[-1]} are kept" if known else "no run is kept"
    raise ValueError(f"no run {number!r} here: {kept}")


def _why(question: dict[str, Any]) -> str:
    log = _find(question)
    shown = question.get("task")
    if not isinstance(shown, int) or not 0 <= shown < log.ntasks:
        raise ValueError(f"run {log.number} has no task {shown!r}; its tasks are 0 to {log.ntasks - 1}")
    return log.why(shown)
