"""The readable face of the scheduler: one stimulus in; actions and events out; the state a frozen value in between.

Rule 1: whatever decides what runs when is in this file; `machine.py` says the same faster.
Rule 2: a task changes its state only in `_move`, by the table in `states.py`.
Rule 3: a new state is built beside the old one. What raises half-way leaves the old one in place, unchanged.

Every step copies the whole state: for reading, for tests and for lessons with small graphs. Segments that are added to
a run are the machine's business; here a run has one graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from chunkscope.errors import IllegalTransition
from chunkscope.scheduler.forecast import forecast
from chunkscope.scheduler.states import TRANSITIONS, Stimulus, TaskState, refusal
from chunkscope.scheduler.stimuli import (
    Action,
    Asked,
    Cancelled,
    Done,
    Drop,
    Failed,
    Follow,
    Followed,
    Held,
    LetGo,
    Longer,
    Lost,
    Message,
    Moved,
    Run,
    Taken,
)
from chunkscope.scheduler.tables import needs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chunkscope.graph import Graph

__all__ = ["CALLER", "Reference", "State"]

CALLER = -1
"""The user, among the users of a slot, that stands for the caller who asked for the output."""


@dataclass(frozen=True)
class State:
    """Everything that changes in a run. Mappings are read-only; a key that has nothing left is gone."""

    tasks: Mapping[int, TaskState]
    waits: Mapping[int, frozenset[int]]
    """The tasks whose outputs a task still misses."""
    holds: Mapping[int, int]
    """How many things outside the run a task waits for."""
    users: Mapping[int, frozenset[int]]
    """The tasks that still need a slot, or CALLER."""
    stored: frozenset[int]
    """The slots that hold a block."""

    def __str__(self) -> str:
        lines = []
        for task, state in self.tasks.items():
            missing = "".join(f" {other}" for other in sorted(self.waits.get(task, ())))
            held = f", held {self.holds[task]}×" if task in self.holds else ""
            lines.append(f"task {task}: {state.value}{' for' if missing else ''}{missing}{held}")
        for slot in sorted(self.stored):
            users = ", ".join("the caller" if u == CALLER else f"task {u}" for u in sorted(self.users[slot]))
            lines.append(f"slot {slot}: stored for {users}")
        return "\n".join(lines)


class _Draft:
    """A state in the making, and what comes of it."""

    def __init__(self, state: State, now: float) -> None:
        self.tasks = dict(state.tasks)
        self.waits = dict(state.waits)
        self.holds = dict(state.holds)
        self.users = dict(state.users)
        self.stored = set(state.stored)
        self.now = now
        self.actions: list[Action] = []
        self.events: list[Moved] = []

    def freeze(self) -> State:
        freeze = MappingProxyType
        return State(
            freeze(self.tasks),
            freeze(self.waits),
            freeze(self.holds),
            freeze(self.users),
            frozenset(self.stored),
        )


class Reference:
    """A run as a value and a function on it. Takes what `Machine` takes.

    >>> from chunkscope.graph import GraphBuilder, Layer
    >>> from chunkscope.scheduler.order import order
    >>> build = GraphBuilder()
    >>> (x,) = build.add(Layer("x", "x", print, (2,)), nbytes=8)
    >>> (y,) = build.add(Layer("y", "y", print, ()), [x], nbytes=8)
    >>> graph = build.freeze(y)
    >>> run = Reference(graph, order(graph))
    >>> run.handle(Asked(want=1), now=0.0)[0]
    (Run(task=0),)
    >>> run.handle(Done((1,)), now=1.0)
    Traceback (most recent call last):
    chunkscope.errors.IllegalTransition: task 1 is ready: DONE is not possible there, only HOLD or START or CANCEL
    """

    def __init__(
        self,
        graph: Graph,
        ranks: NDArray[np.int64],
        *,
        lanes: int = 1,
        budget: int | None = None,
        keep_outputs: bool = True,
    ) -> None:
        n = graph.ntasks
        maker = graph.slot_task.tolist()
        reads = {task: graph.inputs_of(task) for task in range(n)}
        self._rank: list[int] = ranks.tolist()
        self._by_rank = sorted(range(n), key=self._rank.__getitem__)
        self._makes = {
            task: [slot for slot in range(graph.nslots) if maker[slot] == task] for task in range(n)
        }
        self._reads = reads
        self._dependents: dict[int, set[int]] = {task: set() for task in range(n)}
        users: dict[int, set[int]] = {slot: set() for slot in range(graph.nslots)}
        for task, slots in reads.items():
            for slot in slots:
                self._dependents[maker[slot]].add(task)
                users[slot].add(task)
        self._outputs = frozenset(graph.outputs.tolist() if keep_outputs else ())
        for slot in self._outputs:
            users[slot].add(CALLER)
        self._need: list[int] = needs(graph).tolist()
        self._nbytes: list[int] = graph.slot_bytes.tolist()
        self._budget = budget
        self._during: list[int] = forecast(graph, ranks, keep_outputs=keep_outputs).during.tolist()
        waits = {task: frozenset(maker[slot] for slot in slots) for task, slots in reads.items() if slots}
        self.state = State(
            tasks=MappingProxyType(
                {task: TaskState.WAITING if task in waits else TaskState.READY for task in range(n)}
            ),
            waits=MappingProxyType(waits),
            holds=MappingProxyType({}),
            users=MappingProxyType({slot: frozenset(tasks) for slot, tasks in users.items()}),
            stored=frozenset(),
        )

    def handle(self, message: Message, now: float) -> tuple[tuple[Action, ...], tuple[Moved, ...]]:
        """What to do and what happened, in order, after one message at time `now`.

        Raises IllegalTransition, and leaves `state` as it was, for what the table does not allow.
        """
        draft = _Draft(self.state, now)
        _HANDLERS[type(message)](self, draft, message)
        for slot in sorted(draft.stored):
            if not draft.users[slot]:
                draft.stored.discard(slot)
                draft.actions.append(Drop(slot))
        self.state = draft.freeze()
        return tuple(draft.actions), tuple(draft.events)

    # --- one function for each message --------------------------------------------------------------------------------

    def _done(self, draft: _Draft, message: Done) -> None:
        for task in message.tasks:
            _move(draft, task, Stimulus.DONE)
        for task in message.tasks:
            self._pass_on(draft, task)

    def _pass_on(self, draft: _Draft, task: int) -> None:
        draft.stored.update(self._makes[task])
        self._stop_reading(draft, task)
        for other in sorted(self._dependents[task]):
            if task in draft.waits.get(other, ()):
                _shrink(draft.waits, other, task)
                if draft.tasks[other] is TaskState.WAITING:
                    _ready_if_nothing_is_missing(draft, other, Stimulus.INPUT)

    def _followed(self, draft: _Draft, message: Followed) -> None:
        for task in message.tasks:
            if (draft.tasks[task] is TaskState.WAITING) is not (task in message.followers):
                raise IllegalTransition(refusal(task, draft.tasks[task], Stimulus.DONE))
        for task, stop in zip(message.tasks, message.stops, strict=True):
            draft.now = stop
            if task in message.followers:
                _move(draft, task, Stimulus.START)
            _move(draft, task, Stimulus.DONE)
            self._pass_on(draft, task)
        if message.begun is not None:
            _move(draft, message.begun, Stimulus.START)

    def _asked(self, draft: _Draft, message: Asked) -> None:
        room = message.room
        last = None
        for _ in range(message.want):
            ready = [task for task in self._by_rank if draft.tasks[task] is TaskState.READY]
            if not ready:
                break
            first = ready[0]
            if last is not None and self._rank[first] != self._rank[last] + 1:
                break  # a batch is a stretch of the static order
            last = first
            running = TaskState.RUNNING in draft.tasks.values()
            if running and not self._fits(draft, first, room):
                break  # nothing overtakes the task that waits for memory
            _move(draft, first, Stimulus.START)
            draft.actions.append(Run(first))
            if room is not None:
                room -= self._need[first]

    def _longer(self, draft: _Draft, message: Longer) -> None:
        batch, want = list(message.batch), message.want
        followed_bytes = 0
        while len(batch) < message.most and self._rank[batch[-1]] + 1 < len(self._by_rank):
            task = self._by_rank[self._rank[batch[-1]] + 1]
            waits = draft.waits.get(task, frozenset())
            ready = [other for other in self._by_rank if draft.tasks[other] is TaskState.READY]
            if ready and ready[0] == task:
                beside = followed_bytes + self._need[task]
                fits = self._fits_beside(draft, beside) if followed_bytes else self._fits(draft, task, None)
                if want <= 0 or not fits:
                    break
                _move(draft, task, Stimulus.START)
                draft.actions.append(Run(task))
                want -= 1
            elif (
                draft.tasks[task] is TaskState.WAITING
                and task not in draft.holds
                and waits <= set(batch)
                and all(self._has_one_reader(maker, message.asked) for maker in waits)
                and self._fits_beside(draft, followed_bytes := followed_bytes + self._need[task])
            ):
                draft.actions.append(Follow(task))
            else:
                break
            batch.append(task)

    def _has_one_reader(self, task: int, asked: frozenset[int]) -> bool:
        return len(self._dependents[task]) == 1 and asked.isdisjoint(self._makes[task])

    def _fits(self, draft: _Draft, task: int, room: int | None) -> bool:
        """Whether `task` may start beside what is running. The reason for the rule is told in `admission.py`."""
        if room is not None and self._need[task] > room:
            return False
        open_ranks = [rank for rank, other in enumerate(self._by_rank) if not draft.tasks[other].final]
        return self._rank[task] == open_ranks[0] or self._fits_beside(draft, self._need[task])

    def _fits_beside(self, draft: _Draft, nbytes: int) -> bool:
        """Whether so many bytes fit beside what the next in order, and those after it, will need."""
        if self._budget is None:
            return True
        open_ranks = [rank for rank, other in enumerate(self._by_rank) if not draft.tasks[other].final]
        ahead = 0
        for other in self._by_rank[open_ranks[0] + 1 :]:
            if draft.tasks[other] is TaskState.RUNNING:
                ahead += self._need[other]
            ahead += sum(self._nbytes[slot] for slot in self._makes[other] if slot in draft.stored)
        return max(self._during[open_ranks[0] :]) + ahead + nbytes <= self._budget

    def _failed(self, draft: _Draft, message: Failed) -> None:
        _move(draft, message.task, Stimulus.FAIL)
        self._stop_reading(draft, message.task)
        stack = [message.task]
        while stack:
            for other in sorted(self._dependents[stack.pop()]):
                if not draft.tasks[other].final:
                    self._leave(draft, other, Stimulus.SKIP)
                    stack.append(other)

    def _held(self, draft: _Draft, message: Held) -> None:
        for task in message.tasks:
            _move(draft, task, Stimulus.HOLD)
            draft.holds[task] = draft.holds.get(task, 0) + 1

    def _let_go(self, draft: _Draft, message: LetGo) -> None:
        task = message.task
        if task not in draft.holds:
            raise IllegalTransition(f"task {task} cannot be let go: nothing holds it")
        draft.holds[task] -= 1
        if not draft.holds[task]:
            del draft.holds[task]
        _ready_if_nothing_is_missing(draft, task, Stimulus.LET_GO)

    def _lost(self, draft: _Draft, message: Lost) -> None:
        for task in message.tasks:
            _move(draft, task, Stimulus.LOSE)

    def _cancelled(self, draft: _Draft, message: Cancelled) -> None:
        for task, state in list(draft.tasks.items()):
            if state in (TaskState.WAITING, TaskState.READY):
                self._leave(draft, task, Stimulus.CANCEL)

    def _taken(self, draft: _Draft, message: Taken) -> None:
        for slot in message.slots:
            if slot not in self._outputs:
                raise IllegalTransition(f"cannot take slot {slot}: it is no output that this run keeps")
            draft.users[slot] -= {CALLER}

    def _leave(self, draft: _Draft, task: int, stimulus: Stimulus) -> None:
        _move(draft, task, stimulus)
        draft.waits.pop(task, None)
        draft.holds.pop(task, None)
        self._stop_reading(draft, task)

    def _stop_reading(self, draft: _Draft, task: int) -> None:
        for slot in self._reads[task]:
            draft.users[slot] -= {task}


def _move(draft: _Draft, task: int, stimulus: Stimulus) -> None:
    """Move one task by the table."""
    if task not in draft.tasks:
        raise IllegalTransition(f"there is no task {task}; the run has {len(draft.tasks)}")
    before = draft.tasks[task]
    after = TRANSITIONS[before].get(stimulus)
    if after is None:
        raise IllegalTransition(refusal(task, before, stimulus))
    draft.tasks[task] = after
    if after is not before:
        draft.events.append(Moved(task, stimulus, before, after, draft.now))


def _ready_if_nothing_is_missing(draft: _Draft, task: int, stimulus: Stimulus) -> None:
    if task not in draft.waits and task not in draft.holds:
        _move(draft, task, stimulus)


def _shrink(sets: dict[int, frozenset[int]], key: int, item: int) -> None:
    """Take an item out of one of the sets; an empty set goes."""
    rest = sets[key] - {item}
    if rest:
        sets[key] = rest
    else:
        del sets[key]


_HANDLERS: dict[type[Message], Callable[..., None]] = {
    Asked: Reference._asked,
    Cancelled: Reference._cancelled,
    Done: Reference._done,
    Failed: Reference._failed,
    Followed: Reference._followed,
    Held: Reference._held,
    LetGo: Reference._let_go,
    Longer: Reference._longer,
    Lost: Reference._lost,
    Taken: Reference._taken,
}
