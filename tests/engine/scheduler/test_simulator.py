from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.graph import Graph
from chunkscope.scheduler import forecast, order, simulate
from chunkscope.scheduler.simulator import critical_path
from tests.engine.scheduler.graphs import graphs, makers, table, tree


def seconds(graph: Graph, random: object) -> list[float]:
    return [float(random.randrange(0, 9)) for _ in range(graph.ntasks)]  # type: ignore[attr-defined]


@given(graphs(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_a_schedule_could_happen(graph: Graph, lanes: int, random: object) -> None:
    """Each task once, after its inputs, for its duration, on a lane that does nothing else meanwhile."""
    durations = seconds(graph, random)
    overhead = float(random.randrange(3))  # type: ignore[attr-defined]
    run = simulate(graph, order(graph), lanes, durations, overhead)
    assert sorted(run.task.tolist()) == list(range(graph.ntasks))
    stop_of = dict(zip(run.task.tolist(), run.stop.tolist(), strict=True))
    for task, start, stop, ready in zip(
        run.task.tolist(), run.start.tolist(), run.stop.tolist(), run.ready.tolist(), strict=True
    ):
        assert stop == start + durations[task]
        assert ready == max([stop_of[other] for other in makers(graph)[task]], default=0.0)
        assert start >= ready + overhead
    for lane in range(lanes):
        mine = np.flatnonzero(run.lane == lane)
        assert (run.start[mine][1:] >= run.stop[mine][:-1] + overhead).all()
    assert run.makespan == max(stop_of.values())
    assert run.lane.max() < lanes


@given(graphs(), st.integers(1, 7), st.randoms(use_true_random=False))
def test_work_and_critical_path_bound_the_time(graph: Graph, lanes: int, random: object) -> None:
    """No lane idles while a task is ready, so Graham's bounds hold."""
    run = simulate(graph, order(graph), lanes, seconds(graph, random))
    assert run.makespan >= max(run.critical_path_seconds, run.busy_seconds / lanes) - 1e-9
    rest = 1 - 1 / lanes
    assert run.makespan <= run.busy_seconds / lanes + rest * run.critical_path_seconds + 1e-9
    if lanes == 1:
        assert run.makespan == run.busy_seconds


@given(graphs(), st.randoms(use_true_random=False))
def test_the_critical_path_is_the_longest_chain(graph: Graph, random: object) -> None:
    durations = seconds(graph, random)
    total, path = critical_path(graph, durations)
    needs = makers(graph)
    assert total == sum(durations[task] for task in path)
    assert all(before in needs[after] for before, after in pairwise(path))
    until: list[float] = []
    for task in range(graph.ntasks):
        until.append(durations[task] + max([until[other] for other in needs[task]], default=0.0))
    assert total == max(until)
    lanes = graph.ntasks  # with a lane for everybody nothing but the chain counts
    assert simulate(graph, order(graph), lanes, durations).makespan == total


@given(graphs(), st.integers(1, 5), st.integers(0, 50), st.randoms(use_true_random=False))
def test_room_is_kept(graph: Graph, lanes: int, spare: int, random: object) -> None:
    ranks = order(graph)
    room = forecast(graph, ranks).floor_bytes + spare
    durations = seconds(graph, random)
    run = simulate(graph, ranks, lanes, durations, room=room)
    assert run.peak_bytes <= room
    assert len(run.task) == graph.ntasks
    alone = simulate(graph, ranks, 1, durations)
    assert alone.peak_bytes == forecast(graph, ranks).peak_bytes


def test_the_same_twice() -> None:
    graph = tree(40, 3)
    durations = [(7 * task) % 5 + 0.5 for task in range(graph.ntasks)]
    first, second = (simulate(graph, order(graph), 3, durations, 0.25) for _ in range(2))
    assert first.task.tolist() == second.task.tolist()
    assert first.lane.tolist() == second.lane.tolist()
    assert first.start.tolist() == second.start.tolist()


@pytest.mark.parametrize(("lanes", "makespan"), [(1, 15.0), (2, 9.0), (3, 7.0), (5, 5.0), (64, 5.0)])
def test_the_longest_task_bounds_the_speed_up(lanes: int, makespan: float) -> None:
    """Five tasks of one to five seconds: three times as fast at best, however many lanes; longest first is better."""
    graph = table([[]] * 5, list(range(5)))
    run = simulate(graph, order(graph), lanes, [1, 2, 3, 4, 5])
    assert run.makespan == makespan
    assert run.speed_up == 15 / makespan
    longest_first = simulate(graph, order(graph), lanes, [5, 4, 3, 2, 1])
    assert longest_first.makespan == max(5, -(-15 // lanes))


def test_an_empty_graph_takes_no_time() -> None:
    from chunkscope.graph import GraphBuilder

    empty = GraphBuilder().freeze(np.zeros(0))
    run = simulate(empty, order(empty), 2, [])
    assert (run.makespan, run.peak_bytes, run.speed_up, run.critical_path) == (0.0, 0, 1.0, [])


def test_the_lowest_free_lane_is_next() -> None:
    graph = table([[], [], [0, 1]], [2])
    run = simulate(graph, order(graph), 3, [2, 1, 1])
    assert dict(zip(run.task.tolist(), run.lane.tolist(), strict=True)) == {0: 0, 1: 1, 2: 0}
