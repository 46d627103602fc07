"""What a recording answers: the state of a task at any moment, in the words of a live run, with what was decided."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import array as ca
from chunkscope import compute, delayed
from chunkscope.events import Failure
from chunkscope.graph import GraphBuilder, Layer, Strategy
from chunkscope.observe import RunLog, RunState, last_run
from chunkscope.observe.fold import Shown
from chunkscope.observe.recording import Recording, record
from chunkscope.types import Key


def kernel(block: int, *inputs: object) -> int:
    return block


def small(rows: int = 7, state: RunState = RunState.FINISHED, failed: int | None = None) -> Recording:
    """Four blocks x, two partial sums y, their sum z; task t runs from t to t + 0.5 on lane t % 2."""
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (2, 2), Strategy.SOURCE), nbytes=8)
    (y,) = build.add(Layer("", "y", kernel, (2,), Strategy.TREE), [x], nbytes=8)
    (z,) = build.add(Layer("", "z", kernel, (), Strategy.TREE), [y], nbytes=8)
    log = RunLog(3, build.freeze(z), executor="threads", lanes=["a", "b"], started=100.0)
    for task in range(rows):
        log.columns.append(task, task % 2, 100.0, 100.0 + task, 100.5 + task, 8, 8)
    log.tell("held", "y-1[1] waits for memory: it needs 8 B, 0 B are free of the budget", 5, 104.6)
    error = (
        None if failed is None else Failure(failed, Key("x", ()), "x", "ValueError: no", None, "", "", "", ())
    )
    log.close(state, 100.0 + rows, error)
    return record(log)


@pytest.mark.parametrize(
    ("task", "time", "said"),
    [
        (
            0,
            0.2,
            "x-0[0, 0] runs: it came first of all that was ready (number 1 of 7 to start); y-1[0] needs it.",
        ),
        (3, 0.2, "x-0[1, 1] is ready and starts when a lane asks."),
        (4, 0.2, "y-1[0] waits for 2 of its inputs: x-0[0, 0] (running) and x-0[0, 1] (ready)."),
        ("z-2", 0.2, "z-2 waits for 2 of its inputs: y-1[0] (waiting) and y-1[1] (waiting)."),
        ("y-1[1]", 4.7, "y-1[1] waits for memory: it needs 8 B, 0 B are free of the budget."),
        (0, 4.2, "what it made is still needed."),
        (0, 4.6, "what it made went with its last reader."),
        (6, None, "it is an output; what it made is still needed."),
    ],
)
def test_the_turn_is_told_at_each_moment(task: int | str, time: float | None, said: str) -> None:
    assert small().why(task, time).parts["turn"].endswith(said)


def test_what_was_decided_is_told_from_its_moment_on() -> None:
    recording = small()
    assert "decided" not in recording.why(5, 4.5).parts
    assert recording.why(5).parts["decided"].startswith("At 4.60 s: y-1[1] waits for memory")
    assert "decided" not in recording.why(4).parts


def test_tasks_that_never_ran_say_why() -> None:
    failed = small(2, RunState.FAILED, failed=2)
    assert failed.why(2).parts["turn"] == "x-0[1, 0] failed: its kernel raised ValueError: no."
    assert "will never run: x-0[1, 0] failed, and it depends on that" in failed.why("z-2")
    assert "will never run: the run ended before it started" in failed.why(4)
    cancelled = small(2, RunState.CANCELLED)
    assert "will never run: the run was cancelled before it started" in cancelled.why(4)


def test_a_task_that_is_not_there_is_named_with_those_that_are() -> None:
    for wrong in (7, -1, "w", "x-0[2, 0]", "x-0"):
        with pytest.raises(
            KeyError, match=r"its tasks are 0 to 6, the first is x-0|the tasks of 'x-0' are 'x-0\[0, 0\]' to"
        ):
            small().why(wrong)


@given(st.integers(0, 6), st.floats(0, 8))
def test_words_and_states_agree(task: int, time: float) -> None:
    recording = small()
    words = {
        Shown.PENDING: ("waits", "ready"),
        Shown.RUNNING: ("runs",),
        Shown.STORED: ("is still needed",),
        Shown.RELEASED: ("went with its last reader",),
    }
    turn = recording.why(task, time).parts["turn"]
    assert any(word in turn for word in words[Shown(int(recording.states(time)[task]))])


def test_a_live_run_and_its_recording_say_the_same_of_fusing() -> None:
    x = ca.ones((8, 8), chunks=4)
    ((x + 1) * 2).sum().compute(scheduler="sync")
    run = last_run()
    assert run is not None
    for task in range(run.ntasks):
        here, there = run.why(task), record(run).why(task)
        assert there.parts["fused"] == here.parts["fused"]
        assert there.parts["place"].partition(".")[0] == here.parts["place"].partition(".")[0]


def test_what_is_made_twice_is_told_from_the_parts() -> None:
    x = ca.random.default_rng(0).random((8, 8), chunks=4)
    y = x + 1
    compute(y.sum(axis=0), (y * 2).sum(axis=1), scheduler="sync")
    run = last_run()
    assert run is not None
    recording = record(run)
    told = [recording.why(task).parts.get("again", "") for task in range(run.ntasks)]
    twice = [layer for layer in recording.header.layers if any("add" in part.op for part in layer.parts)]
    assert any("add" in sentence and "recomputed inside" in sentence for sentence in told) == (len(twice) > 1)


def test_calls_are_never_fused() -> None:
    compute(delayed(abs)(1), scheduler="sync")
    run = last_run()
    assert run is not None and record(run).why(0).parts["fused"].startswith(
        "It is a call of the user's function"
    )


def test_a_recording_is_described_as_it_was_at_a_moment() -> None:
    recording = small()
    assert recording.describe(4.7).splitlines() == [
        "recorded run 3 at 4.70 s: 7 tasks on threads",
        "  x: 4 tasks: 2 stored, 2 released",
        "  y: 2 tasks: 1 pending, 1 stored",
        "  z: 1 task: 1 pending",
        "  decided last: y-1[1] waits for memory: it needs 8 B, 0 B are free of the budget",
    ]
    said = recording.describe()
    assert said.startswith("recorded run 3: finished on threads, 7 of 7 tasks in 7.00 s")
    assert "In short" in said
    np.testing.assert_array_equal(recording.states(4.7), [3, 3, 2, 2, 2, 0, 0])
