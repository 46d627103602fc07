"""Fifty questions "why" with known answers: small runs whose story is known, and the facts of each sentence."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, delayed, last_run, persist, runs, simulate
from chunkscope.observe import RunLog
from chunkscope.observe.why import Why
from tests.engine.patience import becomes


def inc(x: int) -> int:
    return x + 1


def last() -> RunLog:
    run = last_run()
    assert run is not None
    return run


@cache
def modelled(lanes: int, memory: int | None = None) -> RunLog:
    """Three sources of 1, 2 and 3 seconds, the sum of them all: no clock but the virtual one."""
    one, two, three = (delayed(inc, name=name)(0) for name in ("one", "two", "three"))
    total = delayed(sum)([one, two, three])
    cost = {"one": 1.0, "two": 2.0, "three": 3.0, "sum": 1.0}
    return simulate(total, workers=lanes, cost=cost, memory=memory)


@cache
def fused() -> RunLog:
    """Random → square → sum, all block-wise work in one kernel."""
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    (x**2).sum().compute(scheduler="sync")
    return last()


@cache
def unfused() -> RunLog:
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    (x**2).sum().compute(scheduler="sync", rules=False)
    return last()


@cache
def unfused_by_choice() -> RunLog:
    """Every rule but the one that fuses."""
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    (x**2).sum().compute(scheduler="sync", rules=["simpler-powers", "split-reductions"])
    return last()


@cache
def twice() -> RunLog:
    """The mean of what another run has summed: the numbers are drawn again."""
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    x.sum().compute(scheduler="sync")
    x.mean().compute(scheduler="sync")
    return last()


@cache
def the_same_twice() -> RunLog:
    y = ca.random.default_rng(1).random((40, 40), chunks=(10, 40)).sum()
    y.compute(scheduler="sync")
    y.compute(scheduler="sync")
    return last()


@cache
def stored() -> RunLog:
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40)).persist(scheduler="sync")
    x.sum().compute(scheduler="sync")
    x.mean().compute(scheduler="sync")
    return last()


@cache
def shuffled() -> RunLog:
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    (x + x.T.rechunk(x.chunks)).sum(axis=0).compute(scheduler="sync")
    return last()


@cache
def three_readers() -> RunLog:
    """One more than random numbers, read by three others."""
    x = ca.random.default_rng(1).random((40, 40), chunks=(10, 40))
    z = x + 1
    compute(z.sum(), z.mean(), (z * 2).max(), scheduler="sync")
    return last()


@cache
def cheap_source() -> RunLog:
    """Ones cost less to make than to keep."""
    x = ca.ones((40, 40), chunks=(10, 40))
    compute((x + 1).sum(), (x * 2).sum(), scheduler="sync")
    return last()


@cache
def frame() -> RunLog:
    f = cd.from_pandas(pd.DataFrame({"a": range(20), "b": range(20)}), npartitions=2)
    (f.a + f.b).compute(scheduler="sync")
    return last()


@cache
def frame_of_two_readers() -> RunLog:
    f = cd.from_pandas(pd.DataFrame({"a": range(20), "b": range(20)}), npartitions=2)
    g = f[f.a > 3]
    compute(g.a + 1, g.b + 2, scheduler="sync")
    return last()


@cache
def calls() -> RunLog:
    x = delayed(inc)(1)
    compute(x + 1, scheduler="sync")
    compute(x + 2, scheduler="sync")
    return last()


@cache
def other_calls() -> RunLog:
    """Two calls of one line are not the same call."""
    for i in range(2):
        compute(delayed(inc)(i), scheduler="sync")
    return last()


@cache
def failed() -> RunLog:
    def fail(x: int) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        compute(delayed(inc)(delayed(fail)(delayed(inc, name="first")(1))), scheduler="sync")
    return last()


@cache
def with_budget() -> RunLog:
    x = ca.ones((100, 100), chunks=(50, 100))
    x.map_blocks(np.sqrt).compute(scheduler="sync", memory="1MB", rules=False)
    return last()


class Q(NamedTuple):
    """A question: which run, which task, and what the answer on a topic must say ("!" before what it must not)."""

    run: Callable[[], RunLog]
    task: int | str
    topic: str
    facts: tuple[str, ...]


def alone() -> RunLog:
    return modelled(1)


def together() -> RunLog:
    return modelled(3)


QUESTIONS = [
    # its turn: the place in the order, and who needs it
    Q(alone, 0, "turn", ("one-0[0] has finished", "number 1 of 4", "sum-3[0] needs it")),
    Q(alone, 1, "turn", ("two-1[0]", "number 2 of 4")),
    Q(alone, 2, "turn", ("three-2[0]", "number 3 of 4")),
    Q(alone, "sum-3[0]", "turn", ("number 4 of 4", "it is an output")),
    Q(fused, "sum-partial-0[2, 0]", "turn", ("first of all that was ready (number 3 of 5", "sum-1 needs it")),
    Q(fused, "sum-1", "turn", ("number 5 of 5", "it is an output", "went with its last reader")),
    Q(
        shuffled,
        "transpose-1[0, 0]",
        "turn",
        ("rechunk-2[1, 0], rechunk-2[2, 0], rechunk-2[3, 0] and 1 more need it",),
    ),
    Q(frame, 0, "turn", ("number 1 of 2", "it is an output")),
    Q(failed, "fail-1[0]", "turn", ("failed: its kernel raised",)),
    Q(failed, "inc-2[0]", "turn", ("will never run: fail-1[0] failed, and it depends on that",)),
    Q(failed, "first-0[0]", "turn", ("has finished", "fail-1[0] needs it")),
    # its place: which lane, and what ran before it
    Q(alone, 0, "place", ("worker-0 in the model", "!earlier")),
    Q(
        alone,
        1,
        "place",
        ("worker-0", "could have begun 1.00 s earlier", "one other task was started in between"),
    ),
    Q(alone, 2, "place", ("3.00 s earlier", "2 other tasks were started in between")),
    Q(alone, 3, "place", ("worker-0", "!earlier")),
    Q(together, 1, "place", ("worker-1 in the model", "!earlier")),
    Q(together, 2, "place", ("worker-2", "lowest lane that was free")),
    Q(together, 3, "place", ("!earlier",)),
    Q(fused, 0, "place", ("main, the only lane that this run used",)),
    Q(with_budget, 0, "place", ("It needed 39.1 KiB of the budget",)),
    # fused: what the kernel does beside
    Q(fused, 0, "fused", ("Its kernel also makes square and random, fused into it",)),
    Q(fused, 0, "fused", ("sum, which reads it, is a tree reduction",)),
    Q(fused, "sum-1", "fused", ("sum is a tree reduction, it combines several partial results",)),
    Q(twice, 0, "fused", ("Its kernel also makes random",)),
    Q(frame, 0, "fused", ("from_pandas", "[a]", "[b]", "is an output: its blocks are what was asked for")),
    Q(stored, 0, "fused", ("was stored before",)),
    Q(calls, 0, "fused", ("calls are never fused",)),
    # not fused because
    Q(
        unfused,
        "random-0[0, 0]",
        "fused",
        ("not fused further because no rewrite of this run fuses", "!also makes"),
    ),
    Q(unfused, "sum-3", "fused", ("not fused further because sum is a tree reduction",)),
    Q(
        unfused_by_choice,
        "square-1[0, 0]",
        "fused",
        ("not fused further because no rewrite of this run fuses", "!also makes"),
    ),
    Q(
        shuffled,
        "random-0[0, 0]",
        "fused",
        ("not fused further because random has 2 readers: made once and kept",),
    ),
    Q(
        shuffled,
        "transpose-1[0, 0]",
        "fused",
        ("rechunk, which reads it, is a shuffle", "parts of many blocks"),
    ),
    Q(shuffled, "sum-partial-3[0, 0]", "fused", ("also makes add", "random has 2 readers")),
    Q(three_readers, "add-0[0, 0]", "fused", ("also makes random", "add has 3 readers: made once and kept")),
    Q(three_readers, "sum-partial-1[0, 0]", "fused", ("add has 3 readers", "refused at sum-partial")),
    Q(three_readers, "max-partial-5[0, 0]", "fused", ("also makes multiply", "add has 3 readers")),
    Q(three_readers, "mean-4", "fused", ("mean is a tree reduction", "!3 readers")),
    Q(frame_of_two_readers, 0, "fused", ("filter is read by 2 kernels: made once and kept", "also makes")),
    Q(frame_of_two_readers, "add-1[0]", "fused", ("also makes [a]", "filter is read by 2 kernels")),
    Q(cheap_source, 0, "fused", ("also makes add and full",)),
    # made again because
    Q(fused, 0, "again", ()),
    Q(
        twice,
        0,
        "again",
        ("It recomputes random because run", "made the same and nothing kept it", "x = x.persist()"),
    ),
    Q(twice, "mean-1", "again", ()),
    Q(the_same_twice, 0, "again", ("It recomputes sum-partial and random because run",)),
    Q(the_same_twice, "sum-1", "again", ("It recomputes sum because run",)),
    Q(stored, 0, "again", ()),
    Q(cheap_source, 0, "again", ("full is recomputed inside each kernel that reads it", "less than keeping")),
    Q(calls, 0, "again", ("It recomputes inc because run",)),
    Q(calls, 1, "again", ()),
    Q(other_calls, 0, "again", ()),
    Q(alone, 0, "again", ()),
    Q(frame, 0, "again", ()),
]


def test_there_are_fifty() -> None:
    assert len(QUESTIONS) >= 50


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.run.__name__}-{q.task}-{q.topic}")
def test_the_answer_is_known(question: Q) -> None:
    run = question.run()
    answer = run.why(question.task)
    sentence = answer.parts.get(question.topic, "")
    assert bool(sentence) == bool(question.facts), sentence
    for fact in question.facts:
        if fact.startswith("!"):
            assert fact[1:] not in sentence
        else:
            assert fact in sentence
    assert sentence in answer and (not sentence or sentence.endswith("."))


def test_the_run_that_made_the_same_is_named() -> None:
    run = the_same_twice()
    earlier = [other for other in runs() if other.number < run.number][-1]
    assert f"run {earlier.number} made the same" in run.why(0)


@pytest.fixture
def live() -> Iterator[RunLog]:
    """A run on one lane that stands still in its first task, with two more ready and one waiting."""
    gate, there = threading.Event(), threading.Event()

    def wait() -> int:
        there.set()
        return int(gate.wait(30))

    second, third = delayed(inc, name="second")(1), delayed(inc, name="third")(2)
    x = delayed(sum)([delayed(wait)(), second, third])
    (x,) = persist(x, scheduler="threads", num_workers=1)
    assert there.wait(30)
    yield last()
    gate.set()
    x.compute()


def test_while_it_runs(live: RunLog) -> None:
    for task, facts in {
        "wait-0[0]": ("runs: it came first of all that was ready (number 1 of 4", "sum-3[0] needs it"),
        "second-1[0]": ("waits for a lane: the only lane is busy", "it is the next"),
        "third-2[0]": ("waits for a lane", "one ready task comes before it in the order"),
        "sum-3[0]": ("waits for 3 of its inputs", "wait-0[0] (running)", "second-1[0] (ready)"),
    }.items():
        answer = live.why(task)
        assert list(answer.parts) == ["turn", "fused"]
        assert all(fact in answer.parts["turn"] for fact in facts), answer


def test_waiting_for_a_block_of_another_run() -> None:
    gate = threading.Event()
    (x,) = persist(delayed(gate.wait)(30), scheduler="threads")
    (y,) = persist(delayed(inc)(x), scheduler="threads")
    run = last()
    assert "is held until a block of another run can be had" in run.why(0)
    gate.set()
    assert y.compute() == 2
    assert becomes(lambda: "was stored before" in run.why(0))  # its row comes a moment after the result


def test_a_task_is_named_by_number_key_or_text() -> None:
    run = fused()
    answers = {run.why(1), run.why(run.graph.key(1)), run.why("sum-partial-0[1, 0]")}
    assert len(answers) == 1 and isinstance(answers.pop(), Why)
    for wrong in (5, "sum-partial-0", "sum-partial-0[9, 0]", "sum-partial-0[1]", "nothing"):
        with pytest.raises(KeyError, match="has no task"):
            run.why(wrong)


def test_a_task_is_named_as_the_views_write_it_and_by_any_integer() -> None:
    run = fused()
    answers = {run.why("sum-partial [1, 0]"), run.why("sum-partial[1,0]"), run.why(np.int64(1))}
    assert answers == {run.why(1)}
    with pytest.raises(
        KeyError, match=r"the tasks of 'sum-partial' are 'sum-partial-0\[0, 0\]' to 'sum-partial-0\["
    ):
        run.why("sum-partial")
    with pytest.raises(
        KeyError, match=r"no task 1\.5; its tasks are 0 to \d+, the first is sum-partial-0\[0, 0\]"
    ):
        run.why(1.5)  # type: ignore[arg-type]


def test_an_operation_that_is_there_twice_is_not_guessed() -> None:
    x = ca.ones((8, 8), chunks=4)
    compute(x.sum(axis=0), x.sum(axis=1))
    run = last_run()
    twice = [layer.name for layer in run.graph.layers if layer.op == "sum"]
    assert len(twice) == 2
    with pytest.raises(KeyError) as caught:
        run.why("sum [0]")
    assert all(f"'{name}[0]'" in str(caught.value) for name in twice)
