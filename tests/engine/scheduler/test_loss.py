"""Workers that die, reports that come twice or too late, several runs on the same workers: both faces agree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.errors import IllegalTransition
from chunkscope.graph import Graph
from chunkscope.scheduler import Done, Lost, TaskState, order
from tests.engine.scheduler.graphs import graphs
from tests.engine.scheduler.pair import Pair


def lose(pair: Pair, batch: list[int], now: float) -> None:
    pair.machine.lose(batch)
    pair.compare(pair.tell(Lost(tuple(batch)), now), [])


def refused(pair: Pair, task: int, now: float) -> None:
    """That the task is done, or lost, is told although it does not run: neither face takes it, nothing changes."""
    for hot, message in (
        (lambda: pair.machine.advance([task], now, 0), Done((task,))),
        (lambda: pair.machine.lose([task]), Lost((task,))),
    ):
        with pytest.raises(IllegalTransition):
            hot()
        with pytest.raises(IllegalTransition):
            pair.reference.handle(message, now)
        pair.compare([], [])


@given(st.lists(graphs(max_layers=3, max_width=4), min_size=1, max_size=3), st.data())
def test_runs_side_by_side_on_workers_that_die(runs: list[Graph], data: st.DataObject) -> None:
    pairs = [Pair(graph, order(graph), None, True) for graph in runs]
    for pair in pairs:
        pair.advance([], 0.0, 0, None)
    work: dict[int, tuple[int, list[int]]] = {}  # what each worker has: a run, and tasks of it
    finished: list[list[int]] = [[] for _ in runs]
    started = [0 for _ in runs]
    rooms = st.none() | st.integers(0, 60)

    def take(worker: int, run: int, want: int, room: int | None, now: float) -> None:
        batch = pairs[run].advance([], now, want, room)
        started[run] += len(batch)
        if batch:
            work[worker] = (run, batch)

    def report(worker: int, count: int, now: float) -> None:
        """The first so many of its tasks are done; the rest is lost with it, or goes back."""
        run, batch = work.pop(worker)
        done, rest = batch[:count], batch[count:]
        pairs[run].advance(done, now, 0, None)
        finished[run] += done
        if rest:
            lose(pairs[run], rest, now)

    step = 0
    for step in range(1, data.draw(st.integers(1, 40), label="steps")):
        worker, now = data.draw(st.integers(0, 3), label="worker"), float(step)
        what = data.draw(st.sampled_from(["take"] * 3 + ["report"] * 2 + ["die", "again"]), label="what")
        if what == "take" and worker not in work:
            run = data.draw(st.integers(0, len(runs) - 1), label="run")
            take(worker, run, data.draw(st.integers(1, 4), label="want"), data.draw(rooms, label="room"), now)
        elif what == "report" and worker in work:
            report(worker, data.draw(st.integers(0, len(work[worker][1])), label="done"), now)
        elif what == "die" and worker in work:
            report(worker, 0, now)
        elif what == "again":
            run = data.draw(st.integers(0, len(runs) - 1), label="run")
            task = data.draw(st.integers(0, runs[run].ntasks - 1), label="task")
            if pairs[run].machine.state(task) is not TaskState.RUNNING:
                refused(pairs[run], task, now)
    while not all(pair.machine.finished for pair in pairs):
        step += 1
        for worker in list(work):
            report(worker, len(work[worker][1]), float(step))
        for run, pair in enumerate(pairs):
            if not pair.machine.finished:
                take(10 + run, run, 3, None, float(step))
    for run, graph in enumerate(runs):
        assert sorted(finished[run]) == list(range(graph.ntasks))  # once each, however often it was begun
        assert started[run] >= graph.ntasks
