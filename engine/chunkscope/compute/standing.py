"""Where the blocks of a lazy value stand at this moment: stored, being made, spilled, lost, or nowhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from chunkscope.compute.protocol import is_collection
from chunkscope.compute.shown import Shown, namespace
from chunkscope.compute.sources import changed_files
from chunkscope.expr import Expr, Stored
from chunkscope.observe import RunLog, runs
from chunkscope.observe.concerns import Concern, How

__all__ = ["Standing", "glance", "standing_of", "stored_in"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a value now. Nothing is computed to tell it, and nothing is kept alive."""

    blocks: tuple[str, ...] | None
    """The state of each stored block, in C order: "pending", "stored", "spilled", "lost", "failed", or "none" for one
    that was never made as its run had failed or was cancelled; None: not kept."""
    counts: dict[str, int]
    """How many stored blocks are in each state."""
    nbytes: int
    """Bytes of the blocks that are there."""
    run: RunLog | None
    """The run that makes it, or made it last."""
    concern: Concern | None
    changed: tuple[str, ...]
    """Names of files that it reads, or was read from, and that have changed since."""
    renamed: str
    """A variable that was this value when it was shown, and is another one now; empty where there is none."""

    @property
    def how(self) -> How | None:
        """What becomes of the blocks that its run makes."""
        return None if self.concern is None else self.concern.how

    def describe(self) -> str:
        """The same in words."""
        said = [f"{count:,} {state}" for state, count in self.counts.items()] or [_after(self)]
        if self.changed:
            said.append(f"stale: {', '.join(self.changed[:3])} changed since")
        if self.renamed:
            said.append(f"stale: {self.renamed} is another value now")
        return "; ".join(said)


def standing_of(shown: Shown) -> Standing | None:
    """Where a shown value stands, or None where nobody holds it any more."""
    expr = shown.expr
    if expr is None:
        return None
    leaf = stored_in(expr)
    run, concern = _run_of(expr, leaf)
    states = None if leaf is None else _states(leaf, run, concern)
    _, nbytes, changed, renamed = glance(shown)
    return Standing(states, dict(Counter(states or ())), nbytes, run, concern, changed, renamed)


def glance(shown: Shown) -> tuple[dict[str, int], int, tuple[str, ...], str]:
    """What can change of a value without a run: the number of blocks in each state, bytes, changed files, its name."""
    expr = shown.expr
    if expr is None:
        return {}, 0, (), ""
    leaf = stored_in(expr)
    refs = () if leaf is None else leaf.refs
    counts = Counter(map(state_of, refs))
    nbytes = sum(ref.nbytes for ref in refs if state_of(ref) == "stored")
    return dict(counts), nbytes, tuple(changed_files(expr)), _renamed(shown, expr)


def stored_in(expr: Expr) -> Stored | None:
    """The leaf that holds the blocks of a persisted value; None for any other."""
    inner = expr if isinstance(expr, Stored) else getattr(expr, "stored", None)
    return inner if isinstance(inner, Stored) else None


def state_of(ref: Any) -> str:
    """The state of one stored block."""
    found = getattr(ref, "standing", None)
    return str(found) if found is not None else "stored" if ref.done else "pending"


def _states(leaf: Stored, run: RunLog | None, concern: Concern | None) -> tuple[str, ...]:
    """The state of each block. A run that fails takes all that it has not made with it: only one task is to blame."""
    states = [state_of(ref) for ref in leaf.refs]
    if run is not None and concern is not None and "failed" in states:
        tasks = concern.tasks(run.graphs[0])
        blamed = -1 if run.error is None else run.error.task
        for block in range(len(states)):
            if states[block] == "failed" and (tasks is None or tasks[block] != blamed):
                states[block] = "none"
    return tuple(states)


def _run_of(expr: Expr, leaf: Stored | None) -> tuple[RunLog | None, Concern | None]:
    """The newest run that makes the value; for a persisted one the run that filled its blocks."""
    wanted = (expr,) if leaf is None else (leaf,)
    for run in reversed(runs()):
        for concern in run.concerns:
            if concern.about(*wanted):
                return run, concern
    return None, None


def _renamed(shown: Shown, expr: Expr) -> str:
    variables = namespace()
    others = []
    for name in shown.names:
        value = variables.get(name)
        if value is None or not is_collection(value) or value.__chunkscope_expr__() is not expr:
            others.append(name)
    return others[0] if len(others) == len(shown.names) and others else ""


def _after(standing: Standing) -> str:
    if standing.run is None or standing.concern is None:
        return "not computed"
    number = standing.run.number
    if standing.concern.how == "inside":
        where = f" inside {standing.concern.op}" if standing.concern.op else " in another form"
        return f"made{where} in run {number}, not kept"
    return f"computed in run {number}, not kept"
