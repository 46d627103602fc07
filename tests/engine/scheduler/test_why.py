from __future__ import annotations

from chunkscope.scheduler import Machine, order
from tests.engine.scheduler.graphs import table


def machine(lanes: int = 2, **options: int) -> Machine:
    """Three sources, then task 3 reads 0 and 1, task 4 reads 2 and 3."""
    graph = table([[], [], [], [0, 1], [3, 2]], [4], nbytes=1024)
    return Machine(graph, order(graph), lanes=lanes, **options)


def test_waiting_names_the_inputs() -> None:
    run = machine()
    run.advance([], 0.0, 2)
    assert run.why(3) == "call[3] waits for 2 of its inputs: call[0] (running) and call[1] (running)."
    run.advance([1], 0.0, 0)
    assert run.why(3) == "call[3] waits for one of its inputs: call[0] (running)."


def test_many_inputs_are_counted() -> None:
    graph = table([[], [], [], [], [0, 1, 2, 3]], [4])
    why = Machine(graph, order(graph)).why(4)
    assert (
        why
        == "call[4] waits for 4 of its inputs: call[0] (ready), call[1] (ready), call[2] (ready) and 1 more."
    )


def test_held() -> None:
    run = machine()
    run.hold([0])
    run.hold([0, 3])
    assert run.why(0) == "call[0] is held until 2 blocks of another run can be had."
    assert run.why(3) == (
        "call[3] waits for 2 of its inputs: call[0] (waiting) and call[1] (ready) "
        "and is held until a block of another run can be had."
    )


def test_ready_for_a_lane() -> None:
    run = machine(lanes=1)
    assert (
        run.why(2)
        == "call[2] is ready and starts when a lane asks: 2 ready tasks come before it in the order."
    )
    run.advance([], 0.0, 1)
    assert run.why(1) == "call[1] waits for a lane: the only lane is busy; it is the next."
    assert (
        run.why(2)
        == "call[2] waits for a lane: the only lane is busy; one ready task comes before it in the order."
    )


def test_memory_in_numbers() -> None:
    run = machine()
    assert run.advance([], 0.0, 2, room=1500) == [0]
    assert run.why(1) == "call[1] waits for memory: it needs 1.00 KiB, 476 B are free."
    assert run.why(2) == (
        "call[2] is ready, but call[1] comes first and waits for memory (1.00 KiB needed, 476 B free): "
        "nothing overtakes a task that waits for memory."
    )
    assert run.advance([], 0.0, 1, room=4096) + run.advance([], 0.0, 1, room=4096) == [1, 2]
    assert run.why(1).startswith("call[1] runs")


def test_a_budget_in_numbers() -> None:
    """Out of order only beside what is still to come: the floor is three blocks, so one is spare."""
    run = machine(budget=4 * 1024)
    assert run.advance([], 0.0, 2) == [0, 1]
    assert run.advance([], 0.0, 1) == []
    assert run.why(2) == "call[2] waits for memory: it needs 1.00 KiB, 0 B are free."


def test_chosen() -> None:
    run = machine()
    run.advance([], 0.0, 2)
    assert run.why(1) == (
        "call[1] runs: it came first of all that was ready (number 2 of 5 in the order); call[3] needs it."
    )
    assert run.advance([0, 1], 1.0, 2) == [3, 2]
    assert run.why(0).endswith("; what it made is still needed.")
    run.advance([3, 2], 2.0, 1)
    assert run.why(0).endswith("call[3] needs it; what it made went with its last reader.")
    run.advance([4], 3.0, 1)
    assert run.why(4) == (
        "call[4] has finished: it came first of all that was ready (number 5 of 5 in the order); "
        "it is an output; what it made is still needed."
    )


def test_never() -> None:
    run = machine()
    run.advance([], 0.0, 2)
    run.fail(1, 1.0)
    assert run.why(1) == "call[1] failed: its kernel raised."
    assert run.why(4) == "call[4] will never run: call[1] failed, and it depends on that."
    run.cancel(2.0)
    assert run.why(2) == "call[2] will never run: the run was cancelled before it started."
