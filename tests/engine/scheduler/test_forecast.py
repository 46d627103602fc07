from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.graph import Graph, GraphBuilder, Layer
from chunkscope.scheduler import Machine, forecast, order
from chunkscope.scheduler.forecast import BATCH_BYTES
from chunkscope.scheduler.tables import needs
from tests.engine.scheduler.graphs import graphs, kernel, readers, table, tree


@given(graphs(), st.booleans())
def test_a_run_with_one_lane_uses_what_was_forecast(graph: Graph, keep: bool) -> None:
    """With exact sizes the measured curve is the forecast curve, step by step, and so is the peak."""
    ranks = order(graph)
    memory = forecast(graph, ranks, keep_outputs=keep)
    machine = Machine(graph, ranks, keep_outputs=keep)
    need = needs(graph)
    held = 0
    curve, during = [], []
    running = machine.advance([], 0.0, 1)
    while running:
        (task,) = running
        during.append(held + int(need[task]))
        running = machine.advance([task], 0.0, 1)
        held += sum(int(graph.slot_bytes[slot]) for slot in machine.slots_of(task))
        held -= sum(int(graph.slot_bytes[slot]) for slot in machine.freed)
        curve.append(held)
    assert memory.curve.tolist() == curve
    assert memory.during.tolist() == during
    assert memory.peak_bytes == memory.floor_bytes == max(during)
    assert during[ranks[memory.peak_task]] == max(during)
    assert memory.output_bytes == (curve[-1] if keep else 0)


@given(graphs(), st.booleans())
def test_the_curve_from_its_definition(graph: Graph, keep: bool) -> None:
    """A block is there from the step that makes it to the last step that reads it, or for good if it was asked for."""
    ranks = order(graph).tolist()
    users = readers(graph)
    kept = set(graph.outputs.tolist()) if keep else set()
    curve = [0] * graph.ntasks
    for slot in range(graph.nslots):
        first = ranks[int(graph.slot_task[slot])]
        last = graph.ntasks if slot in kept else max([ranks[task] for task in users[slot]], default=first)
        for step in range(first, last):
            curve[step] += int(graph.slot_bytes[slot])
    assert forecast(graph, order(graph), keep_outputs=keep).curve.tolist() == curve


@given(graphs(), st.integers(1, 6), st.booleans(), st.randoms(use_true_random=False))
def test_bounds_for_several_lanes(graph: Graph, lanes: int, keep: bool, random: object) -> None:
    """`bound_bytes` holds for any race of lanes; `peak_bytes` for a run whose budget it is."""
    ranks = order(graph)
    memory = forecast(graph, ranks, lanes, keep_outputs=keep)
    need = needs(graph).tolist()
    assert memory.floor_bytes <= memory.peak_bytes <= memory.bound_bytes
    for budget, limit in ((None, memory.bound_bytes), (memory.peak_bytes, memory.peak_bytes)):
        machine = Machine(graph, ranks, lanes=lanes, budget=budget, keep_outputs=keep)
        stored: set[int] = set()
        running = machine.advance([], 0.0, lanes)
        while running:
            held = sum(int(graph.slot_bytes[slot]) for slot in stored)
            assert held + sum(need[task] for task in running) <= limit
            task = running.pop(random.randrange(len(running)))  # type: ignore[attr-defined]
            running.extend(machine.advance([task], 1.0, lanes - len(running)))
            stored.update(machine.slots_of(task))
            stored.difference_update(machine.freed)
        assert machine.finished


def test_side_by_side_adds_the_steps_that_follow() -> None:
    graph = table([[] for _ in range(8)], range(8), nbytes=[5_000_000] * 8, scratch=1_000_000)
    memory = forecast(graph, order(graph), lanes=2, keep_outputs=False)
    assert memory.curve.tolist() == [0] * 8
    assert memory.during.tolist() == [6_000_000] * 8
    # the step, one beside it, one that is left, and one more of each lane
    assert memory.peak_bytes == 6_000_000 + 6_000_000 + 5_000_000 + 2 * 5_000_000
    small = table([[], [], [], []], [0, 1, 2, 3], nbytes=[5, 1, 7, 2])
    beside = forecast(small, order(small), lanes=2)
    assert beside.peak_bytes == beside.bound_bytes == 15


def test_what_is_held_already_counts() -> None:
    graph = tree(4)
    ranks = order(graph)
    alone, beside = forecast(graph, ranks), forecast(graph, ranks, held_bytes=1000)
    assert beside.peak_bytes == alone.peak_bytes + 1000
    assert (beside.curve - alone.curve == 1000).all()


def test_inputs_from_earlier_segments_are_not_counted_twice() -> None:
    build = GraphBuilder(first_task=3, first_slot=5)
    (x,) = build.add(Layer("x", "x", kernel, (2,)), [np.array([0, 4])], nbytes=10)
    memory = forecast(build.freeze(x), np.array([0, 1]), held_bytes=7)
    assert memory.curve.tolist() == [17, 27] and memory.peak_task == 4


def test_an_empty_graph_needs_nothing() -> None:
    memory = forecast(GraphBuilder().freeze(np.zeros(0)), np.zeros(0, dtype=np.int64))
    assert (memory.peak_bytes, memory.peak_task, memory.curve.tolist()) == (0, -1, [])


def test_sizes_above_what_floats_hold_are_exact() -> None:
    graph = table([[], [0]], [1], nbytes=[2**53 + 1, 1])
    assert forecast(graph, order(graph)).curve.tolist() == [2**53 + 1, 1]


@given(graphs(), st.integers(1, 9))
def test_lanes_that_keep_pace_from_the_definition(graph: Graph, lanes: int) -> None:
    """Beside each step run the next `lanes - 1` in order, as many more have left their outputs, and the rest fits."""
    ranks = order(graph)
    memory = forecast(graph, ranks, lanes)
    need, outs = [0] * graph.ntasks, [0] * graph.ntasks
    for task, size in enumerate(needs(graph).tolist()):
        need[int(ranks[task])] = size
        outs[int(ranks[task])] = size - int(graph.scratch[task])
    during = memory.during.tolist()
    paced = max(
        max(during[step:])
        + sum(need[step + 1 : step + lanes])
        + sum(outs[step + lanes : step + 2 * lanes - 1])
        for step in range(graph.ntasks)
    )
    late = lanes * max(0, BATCH_BYTES - max(need)) if lanes > 1 else 0
    assert memory.peak_bytes == min(paced + late, memory.bound_bytes)
