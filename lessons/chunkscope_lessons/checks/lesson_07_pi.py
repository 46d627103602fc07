"""Checks of lesson 07."""

import math

from ..attempt import Attempt, NotAttempted, close, is_lazy
from ..plans import ntasks, sources
from ..registry import check

LESSON = "07_pi"
MANY_TASKS = 500
MAX_CHUNK_BYTES = 32e6


@check(LESSON, "ex1")
def read_the_record(attempt: Attempt) -> str:
    """The number of tasks and the overlap of a run with one task."""
    attempt.expect(
        attempt.run.computes >= 1, "The cell has not computed `one` again, so this is an older record"
    )
    tasks = attempt.value("tasks")
    at_once = attempt.value("at_once")
    attempt.expect(
        tasks == 1,
        f"`tasks` is {tasks}; that is not the number of tasks of the run. `delayed` made one call of `one`",
    )
    attempt.expect(at_once == 1, f"`at_once` is {at_once}, but the record shows one bar in one lane", "M03")
    return "One task, one at a time: the second worker had nothing to do."


@check(LESSON, "ex2")
def five_growing(attempt: Attempt) -> str:
    """Five estimates from one run with five tasks."""
    estimates = attempt.plain("estimates", (list, tuple))
    attempt.expect(not any(map(is_lazy, estimates)), "`estimates` holds plans; compute them together", "M08")
    attempt.expect(
        len(estimates) == 5,
        f"`estimates` has {len(estimates)} values, not five: in a loop, each turn has to add its task to a list",
    )
    run = attempt.run
    attempt.expect(run.computes <= 1, f"The cell computed {run.computes} times, one task at a time", "M02")
    attempt.expect(run.computes == 1, "The values are there, but no task computed them")
    calls = run.operations
    attempt.expect(
        calls.total() != 1,
        "The run had one task that did everything: the loop is inside the function, where no scheduler can see it",
        "M03",
    )
    attempt.expect(
        not {"float", "float64"} & set(calls),  # the names of tasks that only hold a number
        "The estimates were made before the plan, while the cell was building it",
        "M01",
    )
    estimate, n = attempt.value("estimate_pi"), attempt.value("n")
    for k in (1, 2):
        attempt.expect(
            close(estimates[k - 1], estimate(k * n, seed=k)),
            f"Estimate {k} is {estimates[k - 1]:.5f}, which is not that of {k} × n points with seed={k}",
        )
    return "Five tasks in one run."


@check(LESSON, "ex3")
def twenty_chunks(attempt: Attempt) -> str:
    """π from 625,000 points in twenty chunks."""
    plan = attempt.lazy("pi_plan")
    value = attempt.value("pi_value")
    points, nchunks = _points(attempt, plan)
    attempt.expect(points == 625_000, f"The plan throws {points:,} points; it should be 625,000")
    attempt.expect(
        nchunks < MANY_TASKS,
        f"The plan has {nchunks:,} chunks of {points // nchunks} points",
        "M09",
    )
    attempt.expect(nchunks == 20, f"The plan has {nchunks} chunks; it should have 20")
    attempt.expect(
        not is_lazy(value), "`pi_value` is still a plan: nothing has been computed. Ask for its value", "M08"
    )
    known, _ = attempt.compute(plan)
    attempt.expect(
        close(value, known), f"`pi_value` is {float(value):.4f}, but the plan computes {float(known):.4f}"
    )
    four_sigma = 4 * 1.642 / math.sqrt(625_000)
    attempt.expect(
        abs(float(value) - math.pi) < four_sigma,
        f"`pi_value` is {float(value):.4f}: further from π than chance allows. The share inside is π/4",
    )
    off = abs(float(value) - math.pi)
    return f"20 chunks of 31,250 points: {float(value):.4f}, off by {off:.4f}; chance explains that."


@check(LESSON, "ex4")
def plan_a_hundred(attempt: Attempt) -> str:
    """What is alive at once, for two ways to cut 100 GB."""
    given = attempt.plain("plan_100", dict)
    blanks = [name for name, value in given.items() if value is ...]
    if blanks:
        raise NotAttempted(f"Still to fill in: {', '.join(blanks)}")
    for name, (expected, advice, belief) in BLANKS.items():
        value = float(given.get(name, math.nan))
        attempt.expect(
            attempt.is_known(name, round(value * 1000), expected),
            f"{name}: {value:g}. {advice}",
            belief,
        )
    return "The size of the chunks decides, a hundredfold, and not the size of the data."


BLANKS: dict[str, tuple[str, str, str | None]] = {
    "points": ("c6820259b71a", "A point is two numbers of 8 bytes: 16 bytes", None),
    "GB in each of 40 chunks": ("8d014f5e8d40", "100 GB in 40 equal pieces", None),
    "GB alive with 40 chunks": ("05aecf04d0d8", "20 chunks are in work, each with its temporaries", "M12"),
    "MB in each of 4000 chunks": ("8dae00d3df36", "100 GB in 4,000 equal pieces; 1 GB is 1,000 MB", None),
    "GB alive with 4000 chunks": ("010ccc51a862", "20 chunks are in work, each with its temporaries", "M12"),
}


@check(LESSON, "ex5")
def choose_chunks(attempt: Attempt) -> str:
    """A plan for 1 GB with few tasks and small chunks."""
    best = attempt.lazy("best")
    points, nchunks = _points(attempt, best)
    attempt.expect(points == 62_500_000, f"The plan throws {points:,} points; it should be 62,500,000")
    each = 16 * points / nchunks
    attempt.expect(each >= 16e3, f"{nchunks:,} chunks of {points // nchunks} points each", "M09")
    tasks = ntasks(best)
    attempt.expect(
        tasks <= MANY_TASKS,
        f"The plan has {tasks:,} tasks for {nchunks:,} chunks; at most {MANY_TASKS}",
        "M04",
    )
    attempt.expect(each <= MAX_CHUNK_BYTES, f"A chunk has {each / 1e6:,.0f} MB; at most 32 MB", "M10")
    return f"{nchunks} chunks of {each / 1e6:.1f} MB, {tasks} tasks."


def _points(attempt: Attempt, lazy: object) -> tuple[int, int]:
    """Returns number of points and of chunks of the one random array in a plan."""
    found = sources(lazy)
    attempt.expect(
        len(found) == 1, f"The plan has {len(found)} arrays at its start; one array of points is needed"
    )
    shape, numblocks = found[0]
    attempt.expect(len(shape) == 2 and shape[1] == 2, f"The array has the shape {shape}; points are (n, 2)")
    return shape[0], math.prod(numblocks)
