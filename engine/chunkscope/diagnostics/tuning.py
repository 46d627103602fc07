"""One past run under other settings: chunks, workers, memory. What was worked out once is kept for the next question.

What the sliders of the What-if view ask, many times a second: nothing here touches the run or its data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.diagnostics.cases import Case
from chunkscope.diagnostics.recut import Cut, can_cut, chunk_of, recut
from chunkscope.diagnostics.task_costs import FIXED_SECONDS, learn
from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.observe import RunLog, RunState
from chunkscope.scheduler import forecast, order, simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SIZES", "Tuning", "band"]

SIZES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Chunks that can be asked for, in chunks of the run."""
MOST_TASKS = 200_000
"""More tasks are not modelled: an answer would take longer than somebody waits."""
MOST_KEPT = 500
MOST_SCALE = 3.0
SPREAD_SAME = 0.15
"""By what share three of four predictions missed, in runs on other workers: tests/benchmarks, row "what-if"."""
SPREAD_CUT = 0.35
"""The same for each doubling of the chunks' size, or halving."""


class Tuning:
    """The model of one run. `also`: other runs of the same work, to learn from; runs on one lane tell most.

    >>> import chunkscope.array as ca
    >>> from chunkscope import simulate as model
    >>> run = model((ca.ones((80, 10), chunks=(10, 10)) + 1).sum(), workers=1, cost={"sum-partial": 1.0, "sum": 0.0})
    >>> tuning = Tuning(run)
    >>> [round(tuning.case(workers=count).seconds or 0) for count in (1, 2, 4)]
    [8, 4, 2]
    """

    def __init__(self, run: RunLog, also: Sequence[RunLog] = ()) -> None:
        if run.state is not RunState.FINISHED:
            raise ConfigError(f"run {run.number} has not finished: it is no measure of what its tasks cost")
        if run.ntasks > MOST_TASKS:
            raise ConfigError(
                f"run {run.number} has {run.ntasks:,} tasks; {MOST_TASKS:,} can be modelled at most"
            )
        self.run = run
        self.costs = learn([run, *also], exact=run)
        self.lanes = max(run.workers, run.peak_concurrency, 1)
        self.sizes = SIZES if can_cut(run.graph) else (1.0,)
        self._modelled = run.executor == "simulated"
        self.scale = 1.0
        """What the model leaves out, as a factor: so that the run itself comes out as it was measured."""
        self._alone = self.costs.durations(run.graph, 1)
        self._cuts: dict[float, Cut] = {}
        self._ranks: dict[float, NDArray[np.int64]] = {}
        self._cases: dict[tuple[float, int, int | None], Case] = {}
        here = self._foretold(1.0, self.lanes, run.budget)
        if here.seconds and not self._modelled:
            self.scale = min(max(run.seconds / here.seconds, 1 / MOST_SCALE), MOST_SCALE)
            scaled = replace(
                here, seconds=here.seconds * self.scale, floor_seconds=here.floor_seconds * self.scale
            )
            self._cases[1.0, self.lanes, run.budget] = scaled

    def case(self, size: float = 1.0, workers: int | None = None, budget: int | None = None) -> Case:
        """The run in chunks `size` times as large, on `workers` lanes, with so many bytes. 50 ms for 10⁴ tasks."""
        if size not in self.sizes:
            raise ConfigError(f"size={size!r} is not modelled for this run; use one of {self.sizes}")
        lanes = self.lanes if workers is None else workers
        if type(lanes) is not int or not 1 <= lanes <= 1024:
            raise ConfigError(f"workers={lanes!r} is not a number of workers; use an integer from 1 to 1024")
        asked = (size, lanes, budget)
        found = self._cases.get(asked)
        if found is None:
            found = self._foretold(*asked)
            if len(self._cases) >= MOST_KEPT:
                self._cases.clear()
            self._cases[asked] = found
        return found

    def chunk(self, size: float) -> tuple[int, ...] | None:
        """The shape of the chunks at this size; None where the run's operations make no arrays."""
        return chunk_of(self._cut(size).graph)

    @cached_property
    def bounds(self) -> tuple[int, int]:
        """The fewest bytes with which the run can go on at all, and those that let all its lanes work."""
        expected = forecast(self._cut(1.0).graph, self._order(1.0), self.lanes, keep_outputs=False)
        return expected.floor_bytes, max(expected.peak_bytes, expected.floor_bytes)

    def _cut(self, size: float) -> Cut:
        if size not in self._cuts:
            cut = recut(self.run.graph, size)
            if cut.graph.ntasks > MOST_TASKS:
                raise ConfigError(
                    f"{cut.graph.ntasks:,} tasks are too many to model; at most {MOST_TASKS:,} are"
                )
            self._cuts[size] = cut
        return self._cuts[size]

    def _order(self, size: float) -> NDArray[np.int64]:
        if size not in self._ranks:
            self._ranks[size] = order(self._cut(size).graph)
        return self._ranks[size]

    def _foretold(self, size: float, lanes: int, budget: int | None) -> Case:
        cut, ranks = self._cut(size), self._order(size)
        graph = cut.graph
        fixed = np.minimum(FIXED_SECONDS, 0.5 * self._alone)
        crowd = lanes if self._modelled else min(lanes, default_workers())
        durations = cut.seconds(self._alone, fixed) * (1 + self.costs.crowding * (crowd - 1))
        expected = forecast(graph, ranks, lanes, keep_outputs=False)
        measured = size == 1.0 and lanes == self.lanes and budget == self.run.budget
        seconds: float | None = None
        peak, floor = expected.floor_bytes, 0.0
        if budget is None or expected.floor_bytes <= budget:
            overhead = self.costs.overhead
            schedule = simulate(graph, ranks, lanes, durations, overhead, keep_outputs=False)
            if (
                budget is not None and schedule.peak_bytes > budget
            ):  # only then is anything held back, at thrice the cost
                schedule = simulate(graph, ranks, lanes, durations, overhead, budget, keep_outputs=False)
            seconds = self.scale * (schedule.makespan + self.costs.outside)
            # a real run on several lanes is held to its forecast, which costs it little time
            peak = min(schedule.peak_bytes, expected.peak_bytes)
            floor = self.scale * schedule.critical_path_seconds
        return Case(
            None if size == 1.0 else f"{size:g}×",
            lanes,
            budget,
            graph.ntasks,
            int(graph.slot_bytes.max(initial=0)),
            seconds,
            peak,
            floor,
            self.run.seconds if measured else None,
            self.run.peak_bytes if measured else None,
            0.0 if measured else band(size, lanes, self.lanes),
        )


def band(size: float, lanes: int, measured_lanes: int) -> float:
    """By what share three of four predictions of this kind miss: 0.2 is a fifth too long or too short."""
    steps = abs(float(np.log2(size)))
    other = 0.0 if lanes == measured_lanes else SPREAD_SAME
    return min(float(np.hypot(SPREAD_SAME + other, SPREAD_CUT * steps)), 0.9)
