"""Both faces of the scheduler side by side, for tests that tell them the same."""

from __future__ import annotations

import numpy as np

from chunkscope.graph import Graph
from chunkscope.scheduler import (
    Asked,
    Done,
    Drop,
    Follow,
    Followed,
    Longer,
    Machine,
    Reference,
    Run,
    TaskState,
)


class Pair:
    """Both faces, told the same, compared after every step."""

    def __init__(self, graph: Graph, ranks: np.ndarray, budget: int | None, keep: bool) -> None:
        self.machine = Machine(graph, ranks, budget=budget, keep_outputs=keep)
        self.reference = Reference(graph, ranks, budget=budget, keep_outputs=keep)
        self.graph = graph
        self.compare([], [])

    def tell(self, message: object, now: float) -> list[Drop | Run]:
        actions, _ = self.reference.handle(message, now)  # type: ignore[arg-type]
        return list(actions)  # type: ignore[arg-type]

    def compare(self, expected: list[Drop | Run], freed: list[int]) -> None:
        state = self.reference.state
        assert {task: self.machine.state(task) for task in range(self.graph.ntasks)} == dict(state.tasks)
        assert sorted(freed) == [action.slot for action in expected if isinstance(action, Drop)]
        stored = {slot for slot in range(self.graph.nslots) if self.machine.is_stored(slot)}
        assert stored == state.stored
        count = list(state.tasks.values()).count
        assert self.machine.nwaiting == count(TaskState.WAITING)
        assert self.machine.nready == count(TaskState.READY) == len(self.machine.ready_tasks())
        assert self.machine.nrunning == count(TaskState.RUNNING) == len(self.machine.running_tasks())
        assert self.machine.nfinished == count(TaskState.FINISHED)
        assert self.machine.nfailed == count(TaskState.FAILED)
        assert self.machine.nskipped == count(TaskState.SKIPPED)
        assert self.machine.ncancelled == count(TaskState.CANCELLED)
        assert self.machine.finished == all(task.final for task in state.tasks.values())

    def advance(self, done: list[int], now: float, want: int, room: int | None) -> list[int]:
        before = self.machine.ready_at.tolist()
        started = self.machine.advance(done, now, want, room)
        actions, events = self.reference.handle(Done(tuple(done)), now)
        for event in events:
            if event.after is TaskState.READY:
                before[event.task] = now
        more = self.tell(Asked(want, room), now)
        assert started == [action.task for action in more if isinstance(action, Run)]
        self.compare([*actions, *more], self.machine.freed)  # type: ignore[list-item]
        if now > 0:
            assert self.machine.ready_at.tolist() == before
        return started

    def prolong(self, batch: list[int], want: int, most: int, asked: set[int]) -> list[int]:
        """The followers; `batch` is made longer."""
        before = list(batch)
        followers = self.machine.prolong(
            batch, want, most, [slot in asked for slot in range(self.graph.nslots)]
        )
        actions = self.tell(Longer(tuple(before), want, most, frozenset(asked)), 0.0)
        assert batch == before + [action.task for action in actions if isinstance(action, Run | Follow)]
        assert followers == [action.task for action in actions if isinstance(action, Follow)]
        self.compare(actions, [])
        return followers

    def follow(self, done: list[int], followers: set[int], stops: list[float], begun: int | None) -> None:
        before = self.machine.ready_at.tolist()
        self.machine.follow(done, followers, stops, -1 if begun is None else begun)
        actions, events = self.reference.handle(
            Followed(tuple(done), frozenset(followers & set(done)), tuple(stops), begun), stops[-1]
        )
        for event in events:
            if event.after is TaskState.READY:
                before[event.task] = event.seconds
        self.compare(list(actions), self.machine.freed)  # type: ignore[arg-type]
        assert self.machine.ready_at.tolist() == before
