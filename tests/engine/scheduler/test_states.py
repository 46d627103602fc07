from __future__ import annotations

import pytest

from chunkscope.errors import IllegalTransition
from chunkscope.scheduler import (
    TRANSITIONS,
    Asked,
    Cancelled,
    Done,
    Failed,
    Held,
    LetGo,
    Lost,
    Reference,
    Run,
    Stimulus,
    TaskState,
    order,
)
from chunkscope.scheduler.stimuli import Message
from tests.engine.scheduler.graphs import table


def test_every_state_can_be_reached_and_every_stimulus_is_used() -> None:
    reached = {TaskState.WAITING, TaskState.READY}
    for _ in TaskState:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == set(TaskState)
    assert {stimulus for row in TRANSITIONS.values() for stimulus in row} == set(Stimulus)


def test_final_states_have_no_way_out() -> None:
    final = {state for state in TaskState if state.final}
    assert final == {TaskState.FINISHED, TaskState.FAILED, TaskState.SKIPPED, TaskState.CANCELLED}


def chain() -> Reference:
    graph = table([[], [0]], [1])
    return Reference(graph, order(graph))


MESSAGES: dict[Stimulus, Message] = {
    Stimulus.HOLD: Held((0,)),
    Stimulus.LET_GO: LetGo(0),
    Stimulus.DONE: Done((0,)),
    Stimulus.FAIL: Failed(0),
    Stimulus.LOSE: Lost((0,)),
}
PATHS: dict[TaskState, list[Message]] = {
    TaskState.WAITING: [Held((0,))],
    TaskState.READY: [],
    TaskState.RUNNING: [Asked(1)],
    TaskState.FINISHED: [Asked(1), Done((0,))],
    TaskState.FAILED: [Asked(1), Failed(0)],
    TaskState.CANCELLED: [Cancelled()],
}


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("stimulus", MESSAGES)
def test_the_reference_follows_the_table(state: TaskState, stimulus: Stimulus) -> None:
    """Each stimulus in each state: what the table says, or an error and the state as it was."""
    run = chain()
    for message in PATHS[state]:
        run.handle(message, 0.0)
    assert run.state.tasks[0] is state
    before = run.state
    if stimulus in TRANSITIONS[state]:
        _, events = run.handle(MESSAGES[stimulus], 1.0)
        assert run.state.tasks[0] is TRANSITIONS[state][stimulus]
        own = [event for event in events if event.task == 0]
        assert [(event.before, event.after) for event in own] == [(state, run.state.tasks[0]) for _ in own]
    else:
        with pytest.raises(IllegalTransition, match=r"task 0"):
            run.handle(MESSAGES[stimulus], 1.0)
        assert run.state is before


def test_a_state_is_a_value() -> None:
    run = chain()
    before = run.state
    assert run.handle(Asked(1), 0.0)[0] == (Run(0),)
    assert before.tasks[0] is TaskState.READY and run.state.tasks[0] is TaskState.RUNNING
    with pytest.raises(TypeError):
        before.tasks[0] = TaskState.FINISHED  # type: ignore[index]


def test_half_an_illegal_message_leaves_nothing_behind() -> None:
    run = chain()
    run.handle(Asked(1), 0.0)
    before = run.state
    with pytest.raises(
        IllegalTransition, match="task 1 is waiting: DONE is not possible there, only INPUT or HOLD"
    ):
        run.handle(Done((0, 1)), 1.0)
    with pytest.raises(IllegalTransition, match="there is no task 7; the run has 2"):
        run.handle(Done((0, 7)), 1.0)
    assert run.state is before
