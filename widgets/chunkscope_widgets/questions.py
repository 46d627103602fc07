"""Answers about one run that take a moment: its account in words, and what it would take otherwise.

They are registered when the panel attaches, and import what they need when somebody asks. They run on the subshell of
the page that asked, never on the thread that computes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from chunkscope.observe import RunLog, RunState, runs
from chunkscope_widgets.board import Board

if TYPE_CHECKING:
    from chunkscope.diagnostics.cases import Case
    from chunkscope.diagnostics.tuning import Tuning

__all__ = ["explain", "find", "register", "what_if"]

WORKERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Workers that the slider has."""
LEVELS = 7
"""Memory budgets that the slider has, beside none."""
MOST_KEPT = 3
"""Runs whose model is kept."""

_lock = threading.Lock()
_models: OrderedDict[tuple[int, float], Tuning] = OrderedDict()


def register(board: Board) -> None:
    """Have the board answer `explain {run}` and `whatif {run, size, workers, memory, along}`."""
    board.handle("explain", explain)
    board.handle("whatif", what_if)


def find(question: dict[str, Any]) -> RunLog:
    """The run that a question is about. Raises ValueError where it is not kept any more."""
    number = question.get("run")
    for log in runs():
        if log.number == number:
            return log
    raise ValueError(f"run {number!r} is not kept here any more")


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


def what_if(question: dict[str, Any]) -> dict[str, Any]:
    """One setting foretold beside the measured run; with `along`, every value of one slider too.

    `size`: chunks so many times as large; `workers`; `memory`: bytes, None for no limit; `along`: "size", "workers" or
    "memory".
    """
    from chunkscope.diagnostics.prediction import notes
    from chunkscope.executors import default_workers

    run = find(question)
    model = _model(run)
    size = float(question.get("size", 1.0))
    workers = int(question.get("workers") or model.lanes)
    memory = question.get("memory")
    budget = None if memory is None else int(memory)
    levels = _levels(model)
    reply: dict[str, Any] = {
        "run": run.number,
        "measured": {"seconds": run.seconds, "peak": run.peak_bytes, "ntasks": run.ntasks},
        "setting": {"size": 1.0, "workers": model.lanes, "memory": run.budget},
        "sizes": list(model.sizes),
        "chunks": [_words(model.chunk(one)) for one in model.sizes],
        "workers": sorted({*WORKERS, model.lanes}),
        "cores": default_workers(),
        "levels": levels,
        "case": _case(model.case(size, workers, budget)),
        "notes": list(notes(model.costs, [run], [workers], advice=False)),
    }
    along = question.get("along")
    if along == "size":
        reply["curve"] = [_case(model.case(one, workers, budget)) for one in model.sizes]
    elif along == "workers":
        reply["curve"] = [_case(model.case(size, one, budget)) for one in reply["workers"]]
    elif along == "memory":
        reply["curve"] = [_case(model.case(size, workers, one)) for one in [*levels, None]]
    return reply


def _model(run: RunLog) -> Tuning:
    """The model of a run, made once."""
    from chunkscope.diagnostics.tuning import Tuning

    key = (run.number, run.wall_started)
    with _lock:
        found = _models.get(key)
        if found is None:
            if run.state is not RunState.FINISHED:
                raise ValueError(
                    f"run {run.number} is {run.state.value}: only a finished run tells what tasks cost"
                )
            found = _models[key] = Tuning(run)
            while len(_models) > MOST_KEPT:
                _models.popitem(last=False)
        _models.move_to_end(key)
        return found


def _levels(model: Tuning) -> list[int]:
    """Budgets from the least that the run needs to what lets every lane work, and the run's own."""
    floor, top = model.bounds
    steps = LEVELS - 1
    found = {int(floor * (max(top, floor + 1) / max(floor, 1)) ** (i / steps)) for i in range(LEVELS)}
    found |= {floor, top} | ({model.run.budget} if model.run.budget is not None else set())
    return sorted(one for one in found if one > 0)


def _words(chunk: tuple[int, ...] | None) -> str:
    return "" if chunk is None else " × ".join(f"{n:,}" for n in chunk)


def _case(case: Case) -> dict[str, Any]:
    return {
        "workers": case.workers,
        "memory": case.budget,
        "ntasks": case.ntasks,
        "block": case.block_bytes,
        "seconds": case.seconds,
        "peak": case.peak_bytes,
        "floor": case.floor_seconds,
        "spread": case.spread,
    }
