"""A run that grows: a further segment reads blocks of the first while the run goes on."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from chunkscope.executors import Run, drive_alone
from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState
from chunkscope.scheduler import order


class Collect:
    def __init__(self) -> None:
        self.blocks: dict[int, Any] = {}

    def put(self, position: int, block: Any) -> None:
        self.blocks[position] = block

    def fail(self, error: BaseException) -> None:
        raise AssertionError(error)


def number(block: int) -> int:
    return block + 1


def test_a_segment_that_a_task_adds() -> None:
    results: list[int] = []
    entered = threading.Event()

    def add_segment(block: int, x: int) -> int:
        """Runs in the first segment and adds a second one, whose task reads this task's own block."""
        more = GraphBuilder(first_task=run.log.ntasks, first_slot=4)
        made = more.add(Layer("", "double", lambda i, y: results.append(2 * y), ()), [np.array(3)], nbytes=8)
        graph = more.freeze(made[0][:0] if made[0].ndim else np.zeros(0, dtype=np.int64))
        run.extend(graph, order(graph))
        entered.set()
        return x * 10

    build = GraphBuilder()
    (x,) = build.add(Layer("", "number", number, (3,)), nbytes=8)
    (y,) = build.add(Layer("", "grow", add_segment, ()), [x[2]], nbytes=8)
    graph = build.freeze(np.append(x, y))
    log = RunLog(0, graph, executor="sync")
    taker = Collect()
    run = Run(graph, order(graph), log, [taker], [4], max_lanes=1)
    drive_alone(run, "main")
    assert entered.is_set()
    assert taker.blocks == {0: 1, 1: 2, 2: 3, 3: 30}
    assert results == [60]
    assert log.state is RunState.FINISHED and log.ntasks == log.nfinished == 5
    assert [g.first_task for g in log.graphs] == [0, 4]
