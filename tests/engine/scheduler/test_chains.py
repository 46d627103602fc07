"""Batches that go on along chains: what may follow, what may not, and what becomes of them."""

from __future__ import annotations

import pytest

from chunkscope.errors import IllegalTransition
from chunkscope.graph import Graph
from chunkscope.scheduler import Machine, TaskState, order
from tests.engine.scheduler.graphs import table

CHAIN = table([[], [0], [1], [2]], [3])
NOBODY = [0] * 10


def started(graph: Graph, want: int = 1, budget: int | None = None) -> tuple[Machine, list[int]]:
    machine = Machine(graph, order(graph), budget=budget, keep_outputs=False)
    return machine, machine.advance([], 0.0, want)


def test_a_batch_goes_on_along_a_chain_and_is_reported_as_one() -> None:
    machine, batch = started(CHAIN)
    followers = machine.prolong(batch, 0, 10, NOBODY)
    assert (batch, followers) == ([0, 1, 2, 3], [1, 2, 3])
    assert [machine.state(task) for task in (0, 1)] == [TaskState.RUNNING, TaskState.WAITING]
    machine.follow(batch, followers, [1.0, 2.0, 3.0, 4.0])
    assert machine.finished and machine.freed == [0, 1, 2, 3]
    assert machine.ready_at.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_batch_takes_ready_tasks_with_the_one_that_reads_them() -> None:
    machine, batch = started(table([[], [], [0, 1], [], [], [3, 4], [2, 5]], [6]))
    assert machine.prolong(batch, 9, 9, NOBODY) == [2, 5, 6]
    assert batch == [0, 1, 2, 3, 4, 5, 6]


def test_a_batch_is_no_longer_than_it_should_be() -> None:
    machine, batch = started(CHAIN)
    assert machine.prolong(batch, 0, 3, NOBODY) == [1, 2]


def test_what_several_read_and_what_somebody_waits_for_keeps_nobody_waiting() -> None:
    machine, batch = started(table([[], [0], [0]], [1, 2]))
    assert machine.prolong(batch, 0, 9, NOBODY) == []
    machine, batch = started(CHAIN)
    assert machine.prolong(batch, 0, 9, [0, 1, 0, 0]) == [1]


def test_a_task_that_waits_for_another_lane_or_is_held_does_not_follow() -> None:
    machine, batch = started(table([[], [], [0, 1]], [2]))
    assert machine.advance([], 0.0, 1) == [1]
    assert machine.prolong(batch, 0, 9, NOBODY) == []
    machine, batch = started(CHAIN)
    machine.hold([1])
    assert machine.prolong(batch, 0, 9, NOBODY) == []


def test_followers_keep_a_budget() -> None:
    machine, batch = started(CHAIN, budget=2)  # each makes one byte, and reads one
    assert machine.prolong(batch, 0, 9, NOBODY) == []
    machine, batch = started(CHAIN, budget=4)
    assert machine.prolong(batch, 0, 9, NOBODY) == [1, 2]


def test_a_batch_that_was_cut_short_leaves_its_followers_as_they_were() -> None:
    machine, batch = started(CHAIN)
    followers = machine.prolong(batch, 0, 9, NOBODY)
    machine.follow(batch[:2], followers, [1.0, 2.0])
    assert machine.state(2) is TaskState.READY and machine.nready == 1
    assert machine.advance([], 3.0, 1) == [2]


def test_a_lost_batch_costs_what_had_started_alone() -> None:
    machine, batch = started(CHAIN)
    machine.prolong(batch, 0, 9, NOBODY)
    machine.lose([0])
    assert machine.advance([], 1.0, 1) == [0]
    machine.advance([0], 2.0, 0)
    assert machine.state(1) is TaskState.READY


def test_a_follower_that_raises_has_started() -> None:
    machine, batch = started(CHAIN)
    followers = machine.prolong(batch, 0, 9, NOBODY)
    machine.follow([0, 1], followers, [1.0, 2.0], 2)
    assert machine.state(2) is TaskState.RUNNING
    assert machine.fail(2, 3.0) == [3] and machine.finished


def test_what_cannot_be_is_refused() -> None:
    machine, batch = started(CHAIN)
    followers = machine.prolong(batch, 0, 9, NOBODY)
    with pytest.raises(IllegalTransition, match="task 1 is waiting: DONE is not possible"):
        machine.follow([0, 1], [], [1.0, 2.0])
    with pytest.raises(IllegalTransition, match="task 0 is running"):
        machine.follow([0], [0], [1.0])
    machine.follow([0], followers, [1.0])
    with pytest.raises(IllegalTransition, match="task 1 is ready"):
        machine.follow([1], followers, [2.0])
