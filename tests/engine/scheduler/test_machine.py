"""The machine against the reference: the same tasks, slots and states, whatever happens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.errors import GraphError, IllegalTransition
from chunkscope.graph import Graph, GraphBuilder, Layer
from chunkscope.scheduler import (
    Cancelled,
    Failed,
    Held,
    LetGo,
    Lost,
    Machine,
    Taken,
    TaskState,
    forecast,
    order,
)
from chunkscope.scheduler.tables import needs
from tests.engine.scheduler.graphs import graphs, kernel, readers, table, tree
from tests.engine.scheduler.pair import Pair


@given(graphs(), st.data())
def test_machine_and_reference_agree(graph: Graph, data: st.DataObject) -> None:
    """Random completion orders, batches, rooms, budgets, holds, failures, takes, dead workers and cancellations."""
    ranks = order(graph)
    keep = data.draw(st.booleans(), label="keep")
    floor = forecast(graph, ranks, keep_outputs=keep).floor_bytes
    budget = data.draw(st.none() | st.integers(0, 3 * floor + 10), label="budget")
    pair = Pair(graph, ranks, budget, keep)
    rooms = st.none() | st.integers(0, 60)
    held: list[int] = []
    running = pair.advance([], 0.0, data.draw(st.integers(0, 4), label="want"), None)
    for step in range(1, 60):
        now = float(step)
        if not running and not held and pair.machine.finished:
            break
        what = data.draw(
            st.sampled_from(
                ["advance"] * 6 + ["batch"] * 3 + ["hold", "let go", "fail", "lose", "take", "cancel"]
            ),
            label="what",
        )
        if what == "advance":
            done = data.draw(st.lists(st.sampled_from(running), unique=True) if running else st.just([]))
            want = data.draw(st.integers(0, 4), label="want")
            started = pair.advance(done, now, want, data.draw(rooms, label="room"))
            running = [task for task in running if task not in done] + started
        elif what == "batch" and pair.machine.nready and not running:
            batch = pair.advance([], now, data.draw(st.integers(1, 3)), None)
            asked = data.draw(st.sets(st.sampled_from(range(graph.nslots)), max_size=3), label="asked")
            followers = set(
                pair.prolong(batch, data.draw(st.integers(0, 3)), data.draw(st.integers(1, 9)), asked)
            )
            n = data.draw(st.integers(0, len(batch)), label="how many of the batch were done")
            begun = batch[n] if n < len(batch) and batch[n] in followers else None
            if n:
                pair.follow(batch[:n], followers, [now + 0.01 * place for place in range(n)], begun)
            running += [task for task in batch[n:] if task not in followers or task == begun]
        elif what == "hold":
            unstarted = (TaskState.WAITING, TaskState.READY)
            open_tasks = [task for task in range(graph.ntasks) if pair.machine.state(task) in unstarted]
            if open_tasks:
                task = data.draw(st.sampled_from(open_tasks))
                pair.machine.hold([task])
                pair.compare(pair.tell(Held((task,)), now), [])
                held.append(task)
        elif what == "let go" and held:
            task = held.pop(data.draw(st.integers(0, len(held) - 1)))
            if task in pair.reference.state.holds:
                pair.machine.let_go(task, now)
                pair.compare(pair.tell(LetGo(task), now), [])
            else:  # it was skipped or cancelled meanwhile, and its holds went with it
                with pytest.raises(IllegalTransition):
                    pair.machine.let_go(task, now)
                with pytest.raises(IllegalTransition):
                    pair.reference.handle(LetGo(task), now)
        elif what == "fail" and running:
            task = running.pop(data.draw(st.integers(0, len(running) - 1)))
            gone = pair.machine.fail(task, now)
            pair.compare(pair.tell(Failed(task), now), pair.machine.freed)
            assert all(pair.machine.state(other) is TaskState.SKIPPED for other in gone)
        elif what == "lose" and running:
            lost = data.draw(st.lists(st.sampled_from(running), unique=True), label="lost")
            pair.machine.lose(lost)
            pair.compare(pair.tell(Lost(tuple(lost)), now), [])
            running = [task for task in running if task not in lost]
        elif what == "take" and keep:
            slot = int(data.draw(st.sampled_from(graph.outputs.tolist())))
            pair.machine.take([slot])
            pair.compare(pair.tell(Taken((slot,)), now), pair.machine.freed)
        elif what == "cancel" and data.draw(st.integers(0, 3)) == 0:
            pair.machine.cancel(now)
            pair.compare(pair.tell(Cancelled(), now), pair.machine.freed)
        for task in range(graph.ntasks):
            assert pair.machine.why(task).endswith(".")


@given(graphs(), st.integers(1, 6), st.booleans(), st.randoms(use_true_random=False))
def test_a_slot_goes_exactly_with_its_last_reader(
    graph: Graph, lanes: int, keep: bool, random: object
) -> None:
    ranks = order(graph)
    machine = Machine(graph, ranks, lanes=lanes, keep_outputs=keep)
    users = readers(graph)
    kept = set(graph.outputs.tolist()) if keep else set()
    running = machine.advance([], 0.0, lanes)
    finished: set[int] = set()
    gone: set[int] = set()
    while running:
        task = running.pop(random.randrange(len(running)))  # type: ignore[attr-defined]
        assert all(machine.maker_of(slot) in finished for slot in graph.inputs_of(task))
        assert gone.isdisjoint(graph.inputs_of(task))
        started = machine.advance([task], 1.0, 1)
        finished.add(task)
        expected = {
            slot
            for slot in range(graph.nslots)
            if slot not in kept and machine.maker_of(slot) in finished and users[slot] <= finished
        }
        assert set(machine.freed) == expected - gone
        assert len(machine.freed) == len(set(machine.freed))
        gone = expected
        running.extend(started)
    assert machine.finished
    if keep:
        machine.take(kept)
        assert set(machine.freed) == kept


@given(graphs(), st.integers(1, 6), st.booleans(), st.integers(0, 40), st.randoms(use_true_random=False))
def test_a_budget_above_the_floor_is_kept(
    graph: Graph, lanes: int, keep: bool, spare: int, random: object
) -> None:
    """However lanes race: stored blocks and what running tasks asked for never exceed the budget, and the run ends."""
    ranks = order(graph)
    budget = forecast(graph, ranks, keep_outputs=keep).floor_bytes + spare
    machine = Machine(graph, ranks, lanes=lanes, budget=budget, keep_outputs=keep)
    need = needs(graph).tolist()
    stored: set[int] = set()
    running = machine.advance([], 0.0, lanes)
    while running:
        held = sum(int(graph.slot_bytes[slot]) for slot in stored)
        assert held + sum(need[task] for task in running) <= budget
        task = running.pop(random.randrange(len(running)))  # type: ignore[attr-defined]
        running.extend(machine.advance([task], 1.0, lanes - len(running)))
        stored.update(machine.slots_of(task))
        stored.difference_update(machine.freed)
    assert machine.finished


@given(graphs(), st.integers(1, 600))
def test_one_lane_follows_the_order(graph: Graph, want: int) -> None:
    """One at a time is the static order; batches only take ready tasks ahead."""
    ranks = order(graph)
    machine = Machine(graph, ranks)
    seen: list[int] = []
    running = machine.advance([], 0.0, 1)
    while running:
        seen.extend(running)
        running = machine.advance(running, 0.0, 1)
    assert [int(ranks[task]) for task in seen] == list(range(graph.ntasks))
    machine = Machine(graph, ranks)
    count = 0
    running = machine.advance([], 0.0, want)
    while running:
        count += len(running)
        assert [ranks[task] for task in running] == sorted(ranks[task] for task in running)
        running = machine.advance(running, 0.0, want)
    assert count == graph.ntasks and machine.finished


@given(st.data())
def test_segments_run_as_one_graph(data: st.DataObject) -> None:
    """A second segment may read what the first one keeps, whether made already or not."""
    first = data.draw(graphs(max_layers=3))
    machine = Machine(first, order(first))
    running = machine.advance([], 0.0, 2)
    for _ in range(data.draw(st.integers(0, 6))):
        if running:
            running.extend(machine.advance([running.pop(0)], 1.0, 1))
    second = data.draw(
        graphs(
            max_layers=2,
            first_task=first.ntasks,
            first_slot=first.nslots,
            outer_slots=tuple(set(first.outputs.tolist())),
        )
    )
    before = machine.nstarted
    machine.extend(second, order(second))
    assert machine.ntasks == first.ntasks + second.ntasks and machine.nstarted == before
    running.extend(machine.advance([], 2.0, 1))
    finished = {task for task in range(machine.ntasks) if machine.state(task) is TaskState.FINISHED}
    while running:
        task = running.pop(0)
        assert all(machine.maker_of(slot) in finished for slot in machine.inputs_of(task))
        finished.add(task)
        running.extend(machine.advance([task], 3.0, 2))
        for slot in range(first.nslots):
            if slot in machine.freed:
                assert slot not in first.outputs
    assert machine.finished and len(finished) == machine.ntasks
    machine.take(first.outputs.tolist())
    assert set(first.outputs.tolist()) == set(machine.freed)


def test_a_segment_waits_for_a_task_that_still_runs_and_keeps_its_block() -> None:
    first = table([[], [0]], [1])
    machine = Machine(first, order(first), keep_outputs=False)
    assert machine.advance([], 0.0, 1) == [0]
    build = GraphBuilder(first_task=2, first_slot=2)
    (x,) = build.add(Layer("more", "more", kernel, ()), [np.array(0)])
    second = build.freeze(x)
    machine.extend(second, order(second))
    assert machine.advance([0], 1.0, 5) == [1, 2]
    assert machine.freed == []
    assert machine.advance([1], 2.0, 5) == [] and machine.freed == [1]
    assert machine.advance([2], 3.0, 5) == [] and sorted(machine.freed) == [0, 2]


def test_a_segment_saves_a_slot_that_was_given_up_before_it_was_made() -> None:
    first = table([[]], [0])
    machine = Machine(first, order(first))
    assert machine.advance([], 0.0, 1) == [0]
    machine.take([0])
    assert machine.freed == []
    build = GraphBuilder(first_task=1, first_slot=1)
    (x,) = build.add(Layer("more", "more", kernel, ()), [np.array(0)])
    second = build.freeze(x)
    machine.extend(second, order(second))
    assert machine.advance([0], 1.0, 1) == [1] and machine.freed == []
    assert machine.advance([1], 2.0, 1) == [] and machine.freed == [0]


def test_a_held_source_is_passed_over() -> None:
    graph = table([[], [], []], [0, 1, 2])
    machine = Machine(graph, order(graph))
    assert machine.advance([], 0.0, 1) == [0]
    machine.hold([1])
    assert machine.advance([0], 1.0, 1) == [2]
    machine.hold([1])
    machine.let_go(1, 1.5)
    assert machine.advance([2], 2.0, 1) == []
    machine.let_go(1, 2.5)
    assert machine.ready_at[1] == 2.5 and machine.nready == 1
    assert machine.advance([], 3.0, 1) == [1] and machine.nready == 0
    assert machine.advance([1], 3.0, 1) == [] and machine.finished


def test_two_failures_skip_a_common_dependent_once() -> None:
    graph = table([[], [], [0, 1], [2]], [3])
    machine = Machine(graph, order(graph))
    assert machine.advance([], 0.0, 2) == [0, 1]
    machine.hold([2])
    assert machine.fail(0, 1.0) == [2, 3]
    assert machine.fail(1, 1.0) == []
    assert (machine.nfailed, machine.nskipped, machine.finished) == (2, 2, True)
    with pytest.raises(
        IllegalTransition, match="task 2 is skipped: LET_GO is not possible there, it is final"
    ):
        machine.let_go(2)


def test_extend_refuses_what_cannot_be() -> None:
    first = table([[], [0]], [1])
    machine = Machine(first, order(first))
    with pytest.raises(GraphError, match="begins there, not at task 0"):
        machine.extend(first, order(first))
    for task in range(2):
        machine.advance([task - 1] if task else [], 0.0, 1)
    machine.advance([1], 0.0, 1)
    build = GraphBuilder(first_task=2, first_slot=2)
    (x,) = build.add(Layer("more", "more", kernel, ()), [np.array(0)])
    with pytest.raises(GraphError, match="slot 0, which is gone"):
        machine.extend(build.freeze(x), np.zeros(1, dtype=np.int64))
    assert machine.ntasks == 2
    machine.cancel(1.0)
    with pytest.raises(IllegalTransition, match="cancelled"):
        machine.extend(build.freeze(x), np.zeros(1, dtype=np.int64))


def test_ranks_must_be_an_order() -> None:
    graph = tree(4)
    with pytest.raises(GraphError, match="not an order of 7 tasks"):
        Machine(graph, np.zeros(7, dtype=np.int64))


@pytest.mark.parametrize("done", [[1], [2], [0, 0], [0, 1], [99], [99, 0], [0, 99]])
def test_an_illegal_report_changes_nothing(done: list[int]) -> None:
    graph = tree(2)
    machine = Machine(graph, order(graph))
    assert machine.advance([], 0.0, 1) == [0]
    states = [machine.state(task) for task in range(3)]
    for want in (1, 2):
        with pytest.raises(IllegalTransition):
            machine.advance(done, 1.0, want)
    assert [machine.state(task) for task in range(3)] == states
    assert (machine.nready, machine.nrunning, machine.nfinished) == (1, 1, 0)
    assert machine.advance([0], 1.0, 1) == [1]


def test_other_illegal_stimuli_change_nothing() -> None:
    graph = tree(2)
    machine = Machine(graph, order(graph))
    machine.advance([], 0.0, 1)
    with pytest.raises(IllegalTransition, match="task 0 is running: HOLD is not possible"):
        machine.hold([1, 0])
    with pytest.raises(IllegalTransition, match="task 2 is waiting: FAIL is not possible"):
        machine.fail(2, 0.0)
    with pytest.raises(IllegalTransition, match="task 1 is ready: LET_GO is not possible"):
        machine.let_go(1)
    with pytest.raises(IllegalTransition, match="cannot take slot 0: it is no output"):
        machine.take([2, 0])
    assert [machine.state(task).value for task in range(3)] == ["running", "ready", "waiting"]
    assert machine.advance([0], 1.0, 1) == [1] and machine.advance([1], 1.0, 1) == [2]
    assert machine.advance([2], 1.0, 1) == [] and machine.is_stored(2)


def test_what_a_dead_worker_ran_is_run_again() -> None:
    graph = table([[], [], [0, 1]], [2])
    machine = Machine(graph, order(graph), lanes=2)
    assert machine.advance([], 0.0, 2) == [0, 1]
    with pytest.raises(IllegalTransition, match="task 2 is waiting: LOSE is not possible"):
        machine.lose([0, 2])
    with pytest.raises(IllegalTransition, match="lost twice"):
        machine.lose([0, 0])
    machine.lose([0])
    assert (machine.nready, machine.nrunning) == (1, 1)
    assert machine.advance([1], 1.0, 2) == [0]
    assert machine.advance([0], 2.0, 2) == [2]


def test_room_is_for_the_first_in_order_and_nothing_overtakes_it() -> None:
    graph = table([[], [], [0, 1]], [2], nbytes=[100, 10, 1])
    machine = Machine(graph, order(graph), lanes=3)
    assert machine.advance([], 0.0, 3, room=5) == [0]  # nothing runs: one starts anyway
    assert machine.advance([], 0.0, 3, room=9) == []
    assert machine.advance([], 0.0, 3, room=10) == [1]
