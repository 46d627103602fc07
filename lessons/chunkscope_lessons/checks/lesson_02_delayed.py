"""Checks of lesson 02: they read the plan (which tasks, how many) and the run (overlap, number of runs, files)."""

from collections import Counter
from typing import Any

import pandas as pd

from ..attempt import Attempt, Trace, Wrong
from ..plans import own_calls, plan_of
from ..registry import check

LESSON = "02_delayed"
MEANS = {
    ("year", "EWR"): "4b92262e59bc",
    ("year", "JFK"): "c1e9ba71d330",
    ("year", "LGA"): "2722b2741a5f",
    ("monthly", "EWR"): "076dcfa0556a",
    ("monthly", "JFK"): "4cef9de4595a",
    ("monthly", "LGA"): "6057a92ea4c6",
}
"""Fingerprints of the means of the year, and of the means of the monthly means, to three decimals."""


@check(LESSON, "ex1")
def three_tasks(attempt: Attempt) -> str:
    """A plan of two increments and an addition, whose increments overlap."""
    later = attempt.value("later")
    attempt.expect(
        not isinstance(later, int) or bool(attempt.run.computes),
        "`later` is already a number: `add` and `inc` ran as ordinary functions while the cell ran. Delay all three",
    )
    attempt.lazy("later")
    calls = own_calls(later)
    attempt.expect(
        calls == Counter(inc=2, add=1),
        f"Of your functions the plan calls {_tasks(calls)}; it should be two of inc and one of add. "
        "What is missing ran while the cell was building",
        "M01",
    )
    value, trace = attempt.compute(later)
    attempt.expect(value == 32, f"It computes {value}; add(inc(10), inc(20)) is 32")
    attempt.expect(trace.side_by_side >= 2, "The two increments did not overlap when it was computed")
    return "Three tasks. Computed just now, it gave 32, and the two increments ran at the same time."


@check(LESSON, "ex2")
def two_loops(attempt: Attempt) -> str:
    """A plan of four increments, four additions and a sum, built without computing."""
    _no_compute_inside(attempt)
    grand = attempt.lazy("grand")
    calls = own_calls(grand)
    attempt.expect(
        calls["inc"] == 4 and calls["add"] == 4,
        f"Of your functions the plan calls {_tasks(calls)}; it should be four of inc and four of add. "
        "What is missing ran while the cell was building",
        "M01",
    )
    value, trace = attempt.compute(grand)
    attempt.expect(
        attempt.is_known("grand", value, "f6f482d3a72a"),
        f"It computes {value}, which is not the sum of all the additions",
    )
    attempt.expect(trace.side_by_side >= 2, "No two tasks overlapped when it was computed", "M02")
    return f"{plan_of(grand).total()} tasks, none of them run by your cell. Computed just now, they gave {value}."


@check(LESSON, "ex3")
def loop_and_sum(attempt: Attempt) -> str:
    """Eight increments and their sum in one run."""
    answer = attempt.plain("answer", (int, float))
    attempt.expect(
        attempt.is_known("answer", int(answer), "c70d0fdd1136"), f"`answer` is {answer}, which is not the sum"
    )
    run = attempt.run
    _ran_once(run)
    calls = run.operations
    attempt.expect(
        calls["inc"] == 8,
        f"The run had {_tasks(calls)}: the increments were made before the plan, one after the other",
        "M01",
    )
    attempt.expect(run.side_by_side >= 2, "No two tasks overlapped", "M02")
    return f"One run of {run.ntasks} tasks, up to {run.side_by_side} at a time."


@check(LESSON, "ex4")
def decide_now(attempt: Attempt) -> str:
    """Nine tasks chosen with ordinary ifs, and their sum."""
    _no_compute_inside(attempt)
    mixed = attempt.lazy("mixed")
    calls = own_calls(mixed)
    attempt.expect(
        calls.total() == 9,
        f"Of your functions the plan calls {_tasks(calls)}; it should be nine calls, one for each x. "
        "What is missing ran while the cell was building",
        "M01",
    )
    value, _ = attempt.compute(mixed)
    attempt.expect(
        attempt.is_known("mixed", value, "63eadd09b6d0"),
        f"It computes {value}. Even numbers are to be doubled, odd ones increased by one",
    )
    return f"Nine calls of your functions, decided while building. Computed just now, they gave {value}."


@check(LESSON, "ex5")
def count_rows(attempt: Attempt) -> str:
    """The rows of three files, each opened once, in one run."""
    rows = int(attempt.plain("rows", int))
    run = attempt.run
    _ran_once(run)
    _opened_once(attempt, 3)
    attempt.expect(
        attempt.is_known("rows", rows, "8a4bcf9bf5f6"),
        f"`rows` is {rows:,}, which is not their number of flights",
    )
    _read_by_workers(run)
    attempt.expect(run.side_by_side >= 2, "No two tasks overlapped", "M02")
    return f"{rows:,} flights from three files, each opened once, in one run."


@check(LESSON, "ex6")
def mean_delay(attempt: Attempt) -> str:
    """The exact mean delay of each airport over twelve files, each opened once, in one run of parallel tasks."""
    mean = attempt.plain("mean_delay", (pd.Series, dict))
    found: dict[str, Any] = {str(name): float(value) for name, value in dict(mean).items()}
    attempt.expect(
        set(found) == {"EWR", "JFK", "LGA"}, f"`mean_delay` is about {sorted(found)}, not the three airports"
    )

    def agrees(key: str) -> bool:
        return all(
            attempt.is_known(f"{key}.{airport}", found[airport], MEANS[key, airport], 3) for airport in found
        )

    said = ", ".join(f"{airport} {found[airport]:.3f}" for airport in sorted(found))
    attempt.expect(
        not agrees("monthly"),
        f"{said}: these are the means of the monthly means, near the truth and not it",
        "M06",
    )
    attempt.expect(agrees("year"), f"{said}: these are not the means over all flights that left")
    run = attempt.run
    attempt.expect(
        run.computes > 0, "Nothing was computed by tasks in this cell: the numbers come from elsewhere"
    )
    attempt.expect(
        run.computes <= 2,
        f"The cell computed {run.computes} times, one file after the other. Collect the tasks, then compute once",
        "M02",
    )
    _opened_once(attempt, 12)
    _ran_once(run)
    _read_by_workers(run)
    attempt.expect(
        run.ntasks >= 12 and run.side_by_side >= 2,
        f"The run had {_tasks(run.operations)} and no two at a time: let each file be a task of its own",
    )
    return f"{said}: exact. Twelve files, each opened once, in one run of {run.ntasks} tasks."


def _no_compute_inside(attempt: Attempt) -> None:
    times = attempt.run.computes
    attempt.expect(
        times == 0,
        f"The cell computed {times} times while it was building the plan; each time everything waited",
        "M02",
    )


def _ran_once(run: Trace) -> None:
    if run.computes == 0:
        raise Wrong(
            "The value is there, but no task computed it: it was worked out by plain Python in the cell"
        )
    if run.computes > 2:
        raise Wrong(
            f"The cell computed {run.computes} times; each compute waited for its own tasks only", "M02"
        )
    if run.computes == 2:
        raise Wrong("The cell computed twice; what both needed was worked out twice", "M16")


def _opened_once(attempt: Attempt, nfiles: int) -> None:
    opened = attempt.run.opened
    most = max(opened.values(), default=0)
    attempt.expect(
        most <= 1,
        f"A file was opened {most} times. Two computes do the work that they share twice",
        "M16",
    )
    attempt.expect(
        len(opened) == nfiles,
        f"The cell opened {len(opened)} files; these are {nfiles}",
    )


def _read_by_workers(run: Trace) -> None:
    here = len(run.opened_here)
    if here:
        raise Wrong(
            f"{here} files were read by the cell itself, one after the other, before the run with "
            f"{_tasks(run.operations)} began",
            "M01",
        )


def _tasks(calls: Counter[str]) -> str:
    if not calls:
        return "none"
    return ", ".join(f"{count} of {name}" for name, count in sorted(calls.items()))
