"""What bound a run: modelled runs whose bottleneck is known beforehand, and the first finding about each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, delayed, last_run, simulate
from chunkscope.events import Rows
from chunkscope.observe.facts import Facts, facts_of, spent
from chunkscope.observe.findings import findings
from chunkscope.types import Key


def ones(chunk: int, rows: int = 960) -> ca.Array:
    return (ca.ones((rows, 100), chunks=(chunk, 100)) + 1).sum()


def step(x: float) -> float:
    return x


def small_chunks() -> Facts:
    """Two hundred tasks of 10 µs, each handed over for 30 µs."""
    return facts_of(simulate(ones(5), workers=2, cost=10e-6, overhead=30e-6))


def small_calls() -> Facts:
    calls = [delayed(step)(float(i)) for i in range(100)]
    return facts_of(simulate(calls, workers=2, cost=5e-6, overhead=20e-6))


def one_large_chunk() -> Facts:
    return facts_of(simulate(ones(960), workers=4, cost=4.0))


def three_chunks_on_four() -> Facts:
    return facts_of(simulate(ones(320), workers=4, cost={"sum-partial": 2.0, "sum": 0.01}))


def five_chunks_on_four() -> Facts:
    """Two rounds, of which the second has one task."""
    return facts_of(simulate(ones(192), workers=4, cost={"sum-partial": 1.0, "sum": 0.01}))


def long_chain() -> Facts:
    """Each step needs the one before; a little work runs beside."""
    last = delayed(step)(0.0)
    for _ in range(20):
        last = delayed(step)(last)
    aside = [delayed(abs)(i) for i in range(5)]
    return facts_of(simulate([last, *aside], workers=4, cost={"step": 1.0, "abs": 0.5}))


def skewed() -> Facts:
    """Sixteen tasks, of which the last three are six times as long."""
    calls = [delayed(step)(float(i)) for i in range(16)]

    def cost(key: Key) -> float:
        return 6.0 if key.block[0] >= 13 else 1.0

    return facts_of(simulate(calls, workers=4, cost=cost))


def one_slow_task() -> Facts:
    calls = [delayed(step)(float(i)) for i in range(16)]
    return facts_of(simulate(calls, workers=4, cost=lambda key: 20.0 if key.block[0] == 15 else 1.0))


def slow_at_the_end() -> Facts:
    """A call that needs all others takes longer than all of them."""
    calls = [delayed(step)(float(i)) for i in range(8)]
    return facts_of(simulate(delayed(max)(calls), workers=4, cost={"step": 1.0, "max": 6.0}))


def short_of_memory() -> Facts:
    """Four lanes, and room for the blocks of about one."""
    x = ca.random.default_rng(1).random((1600, 1000), chunks=(100, 1000))
    y = x.map_blocks(np.sqrt).sum()
    return facts_of(simulate(y, workers=4, cost=0.5, memory="2MB"))


def all_busy() -> Facts:
    return facts_of(simulate(ones(10), workers=4, cost={"sum-partial": 0.1, "sum": 0.001}))


def one_lane() -> Facts:
    return facts_of(simulate(ones(10), workers=1, cost={"sum-partial": 0.1, "sum": 0.001}))


def real(facts: Facts, cpu: float, preempted: int = 0) -> Facts:
    """The same as if it had been measured, with so many processor seconds."""
    return replace(facts, modelled=False, cpu_seconds=cpu, preempted=preempted)


def lock_bound() -> Facts:
    """Four lanes were busy, one processor was."""
    facts = all_busy()
    return real(facts, facts.wall)


def asleep() -> Facts:
    facts = all_busy()
    return real(facts, 0.05 * facts.wall)


def crowded_out() -> Facts:
    """The same lack of processors, and thousands of times put off one."""
    facts = all_busy()
    return real(facts, facts.wall, preempted=2_000)


def slow_to_begin() -> Facts:
    facts = long_chain()
    return replace(facts, before=3 * facts.wall, wall=4 * facts.wall)


def gathered() -> Facts:
    """A median needs everything in one task."""
    x = ca.ones((400, 100), chunks=(25, 100))
    return facts_of(
        simulate(delayed(np.median)(x + 1), workers=4, cost=lambda key: 9.0 if "median" in key.layer else 0.5)
    )


def failed() -> Facts:
    def fail(x: int) -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        compute(delayed(step)(delayed(fail)(1)), scheduler="sync")
    run = last_run()
    assert run is not None
    return facts_of(run)


def cancelled() -> Facts:
    facts = all_busy()
    return replace(facts, state="cancelled", finished=facts.finished // 2)


def reading(folder: Path | None = None) -> Facts:
    """What reads takes nine times as long as it did."""
    x = ca.asarray(np.ones((960, 100)), chunks=(60, 100))
    facts = facts_of(simulate(x.map_blocks(np.sqrt).sum(), workers=1, cost=0.1))
    rows = [replace(row, seconds=row.seconds * (9 if row.read_bytes else 1)) for row in facts.operations]
    assert any(row.read_bytes for row in rows)
    kernels = sum(row.seconds for row in rows)
    went = facts.spent._replace(kernels=kernels)
    return replace(facts, operations=tuple(rows), spent=went, wall=kernels)


class Story(NamedTuple):
    """A run, the finding that has to come first, and words of its text and of its advice."""

    run: Callable[[], Facts]
    kind: str
    text: tuple[str, ...]
    advice: tuple[str, ...]


STORIES = [
    Story(
        small_chunks,
        "small",
        ("takes 10.0 µs", "handing over", "30.0 µs"),
        ("chunks 16 times as large", "12 tasks instead of 192"),
    ),
    Story(small_calls, "small", ("`step` takes 5.00 µs",), ("Let one call of `step` do the work of",)),
    Story(
        one_large_chunk,
        "few",
        ("has only 1 task for 4 lanes",),
        ("chunks of 1/16", "16 tasks", "3.00 s less"),
    ),
    Story(three_chunks_on_four, "few", ("3 tasks for 4 lanes",), ("chunks of 1/8", "500 ms less")),
    Story(five_chunks_on_four, "few", ("5 tasks for 4 lanes",), ("20 tasks", "less")),
    Story(
        long_chain, "chain", ("21 tasks need each other", "21.0 s", "no number of workers"), ("are `step`",)
    ),
    Story(skewed, "skew", ("3 of its 16 tasks took twice", "up to 6.00 s"), ("Make the pieces even",)),
    Story(one_slow_task, "slow", ("One task of `step` took 20.0 s", "1.00 s each"), ("save up to",)),
    Story(
        slow_at_the_end, "slow", ("One task of `max` took 6.00 s of 8.00 s",), ("Split what that task does",)
    ),
    Story(
        short_of_memory, "memory", ("over the budget of 1.91 MiB",), ("lets every lane work", "half the size")
    ),
    Story(all_busy, "lanes", ("All 4 lanes were busy",), ("8 workers: at best", "instead of")),
    Story(one_lane, "lanes", ("One lane did everything",), ("2 workers: at best",)),
    Story(lock_bound, "turns", ("used only 1.0 processors", "GIL"), ("processes instead of threads",)),
    Story(asleep, "asleep", ("no processor was used", "a sleep"), ("`num_workers=16`",)),
    Story(crowded_out, "cores", ("put off it 2,000 times",), ("it would take about",)),
    Story(slow_to_begin, "outside", ("before its first task",), ("compute(x, y)",)),
    Story(gathered, "slow", ("`median` took 9.00 s",), ("Split",)),
    Story(failed, "failed", ("A task failed", "2 tasks of 2"), ("debug()",)),
    Story(cancelled, "cancelled", ("was cancelled after",), ()),
    Story(reading, "reading", ("Reading took 81%", "a second on each lane"), ("persist()",)),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.run.__name__)
def test_the_bottleneck_is_found(story: Story) -> None:
    found = findings(story.run())
    assert found[0].kind == story.kind, found
    for words in story.text:
        assert words in found[0].text
    for words in story.advice:
        assert words in found[0].advice


def test_a_run_that_is_well_shared_out_has_one_finding() -> None:
    assert [found.kind for found in findings(all_busy())] == ["lanes"]


def test_a_short_run_says_nothing_but_that() -> None:
    ones(480).compute(scheduler="sync")
    run = last_run()
    assert run is not None
    facts = replace(facts_of(run), wall=1e-4)
    assert [found.kind for found in findings(facts)] == ["short"]


def test_something_is_always_said() -> None:
    run = simulate(cd.from_dict({"a": range(6)}, npartitions=3), workers=3, cost=0.5)
    assert len(findings(facts_of(run))) >= 1
    nothing = replace(facts_of(run), finished=0, operations=(), path=(), path_layers=(), path_seconds=0.0)
    assert findings(replace(nothing, spent=nothing.spent._replace(kernels=0.0)))[0].kind in (
        "mixed",
        "memory",
    )


def test_estimates_are_what_the_model_says() -> None:
    """A run on twice the workers, in chunks of the advised size: both as foretold."""
    advice = findings(all_busy())[0].advice
    assert advice.startswith("8 workers: at best 1.")
    more = simulate(ones(10), workers=8, cost={"sum-partial": 0.1, "sum": 0.001}).seconds
    assert more == pytest.approx(all_busy().at_best(8), rel=0.05)
    best = simulate(ones(60), workers=4, cost={"sum-partial": 0.25, "sum": 0.01}).seconds
    assert best == pytest.approx(one_large_chunk().wall - 3.0, rel=0.05)


def test_lane_seconds_add_up() -> None:
    """One lane runs from 0 to 4; the other from 1 to 2, then waits for an input, then stands beside a ready task."""
    rows = Rows(
        task=np.array([1, 0, 2]),
        lane=np.array([1, 0, 1], dtype=np.int32),
        ready=np.array([0.0, 0.0, 4.5]),
        start=np.array([1.0, 0.0, 5.0]),
        stop=np.array([2.0, 4.0, 6.0]),
        bytes_out=np.zeros(3, dtype=np.int64),
        stored=np.zeros(3, dtype=np.int64),
        scratch=np.zeros(3, dtype=np.int64),
    )
    went = spent(rows, 2, paced=False)
    assert went.kernels == 6.0
    assert went.overhead == pytest.approx(1.0 + 0.5)
    assert went.waiting == pytest.approx(2.0 + 2 * 0.5 + 0.5 + 1.0)
    assert went.kernels + went.overhead + went.waiting == pytest.approx(2 * 6.0)
    assert went.tail == pytest.approx(1.0) and went.held == 0.0
    assert spent(rows, 2, paced=True).held == pytest.approx(1.5)


def test_a_lane_without_any_task_was_not_handed_tasks_over() -> None:
    """One lane runs four ready tasks, the other none: its time is nobody's overhead."""
    n = 4
    rows = Rows(
        task=np.arange(n),
        lane=np.zeros(n, dtype=np.int32),
        ready=np.zeros(n),
        start=np.arange(n, dtype=np.float64),
        stop=np.arange(n, dtype=np.float64) + 0.75,
        bytes_out=np.zeros(n, dtype=np.int64),
        stored=np.zeros(n, dtype=np.int64),
        scratch=np.zeros(n, dtype=np.int64),
    )
    went = spent(rows, 2, paced=False)
    assert (went.kernels, went.unused, went.waiting) == (3.0, 3.75, 0.0)
    assert went.overhead == pytest.approx(0.75)
    held = spent(rows, 2, paced=True)
    assert held.held + held.unused + held.overhead + held.kernels == pytest.approx(7.5)
    assert held.held > 3.0, "a budget can keep a lane out of the whole run"


def test_shares_are_of_the_whole_run() -> None:
    """What is told of the lanes' time adds up to it, with what went by before the first task and after the last."""
    for story in STORIES:
        facts = story.run()
        if not facts.finished:
            continue
        went = facts.spent
        parts = (went.kernels, went.waiting, went.held, went.overhead, went.unused, facts.outside)
        assert sum(map(facts.share, parts)) == pytest.approx(1.0, abs=0.02), story.run.__name__


def test_of_a_failed_run_only_the_failure_is_told() -> None:
    facts = replace(all_busy(), state="failed")
    assert [found.kind for found in findings(facts)] == ["failed"]


def test_long_calls_are_never_called_short_however_late_they_were_taken() -> None:
    """Too many lanes for the cores: ready tasks stand still, and that is no cost of handing them over."""
    facts = all_busy()
    late = replace(facts, spent=facts.spent._replace(overhead=facts.lanes * facts.wall / 2), gap=0.1)
    assert "small" not in [found.kind for found in findings(replace(late, modelled=False))]


def test_a_chain_of_calls_made_apart_is_told_by_their_name() -> None:
    y = delayed(abs)(-1)
    for _ in range(6):
        y = delayed(abs)(y)
    found = findings(facts_of(simulate(y, workers=2, cost=1.0)))
    assert found[0].kind == "chain" and "7 of its tasks are `abs`" in found[0].advice


def test_kernels_that_sleep_are_not_taken_for_kernels_without_a_core() -> None:
    """Threads beside the kernels are put off their processors too: of six seconds of sleep none was lost to that."""
    facts = real(all_busy(), all_busy().spent.kernels * 0.03, preempted=int(40 * all_busy().spent.kernels))
    assert "asleep" in [found.kind for found in findings(facts)]
    assert "cores" not in [found.kind for found in findings(facts)]


def test_of_kernels_that_had_little_of_a_processor_it_is_not_said_that_others_took_it_all() -> None:
    def told(share: float) -> str:
        kernels = all_busy().spent.kernels
        found = findings(replace(real(all_busy(), kernels * share, preempted=10**6), cores=4))
        (cores,) = (one for one in found if one.kind == "cores")
        return f"{cores.text} {cores.advice}"

    assert "the kernels waited" in told(0.1) and "where no kernel waits" in told(0.1)
    assert "wait" not in told(0.4)


def test_more_lanes_are_asked_of_whoever_has_them() -> None:
    """A call on a cluster takes the lanes that the cluster has, whatever `num_workers` says."""
    facts = real(all_busy(), all_busy().spent.kernels * 0.03, preempted=0)
    told = {
        where: " ".join(found.advice for found in findings(replace(facts, cluster=where)))
        for where in (False, True)
    }
    assert "num_workers=" in told[False] and "cluster" not in told[False]
    assert "client.cluster.scale" in told[True] and "num_workers=" not in told[True]
