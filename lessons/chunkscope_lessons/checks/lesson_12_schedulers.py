"""Checks of lesson 12: which scheduler ran what, in which process, and how many bytes came back."""

import os
from collections import Counter
from functools import partial
from typing import Any

import chunkscope

from ..attempt import Attempt, NotAttempted, operations_of
from ..registry import check

LESSON = "12_schedulers"
HITS = "bf29e3b0eacf"
CHOICES = ("bb2969b643df", "31b921f38f06", "2fc184286daa", "71311ac719b1", "7da63704b38e")
"""Fingerprints of the count of multiples, and of the scheduler for each of the five workloads."""
WHICH = ("fce2bc636967", "04792d38d4b1", "c15a38651803", "693482bdd5e4", "7b1be495ccca", "bb717930a0e7")
"""Fingerprints of what is true of threads, of processes, of both or neither."""
SMALL_BYTES = 1_000
_WHY = {
    ("They read the same", "both"): (
        "M35",
        "a process has variables of its own; only blocks of results are shared",
    ),
    ("While one waits", "processes"): (
        "M22",
        "a thread that waits lets go of the lock, and another one goes on",
    ),
    ("If one is blocked", "threads"): ("M22", "a thread that is blocked holds no lock, and the others run"),
    ("What one returns", "neither"): (
        "M23",
        "processes have to agree on a place, and one copy is made to it",
    ),
}


@check(LESSON, "ex1")
def who(attempt: Attempt) -> str:
    """Eight tasks in this process, and eight in others."""
    threads, processes = (set(attempt.plain(name, (set, list))) for name in ("in_threads", "in_processes"))
    here = os.getpid()
    attempt.expect(
        threads == {here}, f"`in_threads` is {_count(threads)}; threads all live in this one, {here}"
    )
    calls = attempt.run.operations["where"]
    attempt.expect(
        calls > 0, "`where` ran in the notebook, before the tasks were made: none of them called it", "M01"
    )
    attempt.expect(
        here not in processes,
        f"`in_processes` holds {here}: that is the notebook's own process. Which scheduler has others",
    )
    attempt.expect(
        attempt.run.computes == 2,
        f"{attempt.run.computes} computations of a task each; two of eight tasks are wanted",
        "M02",
    )
    attempt.expect(_executors(attempt) == ["threads", "processes"], f"The runs were on {_said(attempt)}")
    attempt.expect(calls == 16, f"{calls} tasks called `where`; eight for each of the two are wanted")
    return "Threads: this process alone. Processes: others, and never this one."


@check(LESSON, "which")
def which(attempt: Attempt) -> str:
    """Six sentences, each true of threads, of processes, of both or of neither."""
    given = attempt.plain("which", dict)
    attempt.expect(len(given) == len(WHICH), f"`which` has {len(given)} sentences; {len(WHICH)} are asked")
    for (sentence, answer), known in zip(given.items(), WHICH, strict=True):
        if answer is ...:
            raise NotAttempted(f'Still open: "{sentence}"')
        if attempt.is_known("which", f"{sentence} {answer}", known):
            continue
        belief, why = next(
            (
                found
                for (start, wrong), found in _WHY.items()
                if sentence.startswith(start) and answer == wrong
            ),
            (None, "look at what the two share: everything, or only what they agreed on"),
        )
        attempt.expect(False, f'"{sentence}" is not true of {answer}: {why}', belief)
    return "Threads share everything, the lock too; processes share what they agreed on, and no lock."


@check(LESSON, "ex2")
def three_ways(attempt: Attempt) -> str:
    """Four runs: named in the call, chosen by a block, by default, and chosen for all that follows."""
    ran = _executors(attempt)
    if not ran:
        raise NotAttempted("Nothing was computed yet: four computations are wanted")
    attempt.expect(len(ran) == 4, f"{len(ran)} computations, on {_said(attempt)}; four are wanted")
    attempt.expect(
        ran[2] == "threads",
        f"They ran on {_said(attempt)}: the third was to have no choice, but the one before it was made for good. "
        "A choice by `with` ends with its block",
    )
    attempt.expect(ran == ["sync", "processes", "threads", "sync"], f"They ran on {_said(attempt)}")
    attempt.expect(
        chunkscope.config.get("scheduler") == "sync",
        f"All four ran where they should, but what follows runs on {chunkscope.config.get('scheduler')}: the last "
        "choice was made for its call only",
    )
    return f"{_said(attempt)}."


@check(LESSON, "ex3")
def sweep(attempt: Attempt) -> str:
    """What the records of three runs say, with one, two and four workers."""
    found = attempt.plain("at_once", dict)
    runs = attempt.run.runs
    attempt.expect(
        set(found) == {1, 2, 4}, f"`at_once` is about {sorted(found)} workers; 1, 2 and 4 are wanted"
    )
    attempt.expect(len(runs) >= 3, f"{len(runs)} computation, for three numbers of workers")
    attempt.expect(
        len(runs) == 3, f"{len(runs)} computations, of one nap each: nothing can overlap in them", "M02"
    )
    asked = [run.workers for run in runs]
    attempt.expect(
        asked == [1, 2, 4], f"The runs had {', '.join(map(str, asked))} workers; 1, 2 and 4 are wanted"
    )
    seen = {n: run.peak_concurrency for n, run in zip(asked, runs, strict=True)}
    attempt.expect(
        dict(found) == seen,
        f"`at_once` is {dict(found)}, but the records have {seen}: tasks wait until a worker is free",
        "M17",
    )
    attempt.expect([run.ntasks for run in runs] == [8, 8, 8], "Each run should have the eight naps")
    return "Never more at once than workers, however many tasks there are."


@check(LESSON, "ex4")
def no_globals(attempt: Attempt) -> str:
    """The multiples of 9 below 1000, counted in processes."""
    hits = int(attempt.number("hits"))
    attempt.expect(
        hits != 0,
        "`hits` is 0: the other processes counted in globals of their own, which ended there",
        "M35",
    )
    attempt.expect(
        attempt.is_known("hits", hits, HITS),
        f"`hits` is {hits}; that is not the number of multiples of 9 below 1000",
    )
    run = attempt.run
    attempt.expect(run.computes > 0, "No task counted anything in this cell")
    attempt.expect(
        set(_executors(attempt)) == {"processes"}, f"Right, but counted on {_said(attempt)}: use processes"
    )
    attempt.expect(
        not run.operations["int"],  # the name of a task that only holds a number
        "Right, but the notebook counted, while it was writing the plan; the tasks only held the numbers",
        "M01",
    )
    attempt.expect(run.ntasks >= 10, f"{run.ntasks} task counted everything; ten are wanted", "M03")
    return f"{hits}, returned piece by piece and added up here."


@check(LESSON, "ex5")
def return_little(attempt: Attempt) -> str:
    """The mean of four arrays, of which only small results came back."""
    mean = attempt.number("mean")
    attempt.expect(abs(mean - 1.5) < 1e-9, f"`mean` is {mean:g}; that is not the mean of all elements")
    run = attempt.run
    attempt.expect(
        run.computes > 0, "Right, but the arrays were made here in the notebook, and not in processes"
    )
    attempt.expect(
        set(_executors(attempt)) == {"processes"}, f"Right, but made on {_said(attempt)}: use processes"
    )
    attempt.expect(
        not run.operations["ndarray"],
        "Right, but the arrays were made here, while the plan was written, and sent to the other processes",
        "M01",
    )
    attempt.expect(
        run.result_bytes <= SMALL_BYTES,
        f"Right, but {run.result_bytes / 1e6:,.0f} MB came back for it. Let the tasks take the means",
        "M23",
    )
    return "Four arrays were made and averaged in other processes; four numbers came back."


@check(LESSON, "ex6")
def cores(attempt: Attempt) -> str:
    """As many threads for each worker's library as there are cores for it, and one at least."""
    share = attempt.value("threads_each")
    for workers, ncores in ((2, 8), (3, 8), (8, 8), (16, 8), (1, 2), (5, 64)):
        given, _ = attempt.watch(partial(share, workers, ncores))
        if given is ...:
            raise NotAttempted("`threads_each` returns `...`: write its body")
        said = f"threads_each({workers}, {ncores}) is {given!r}"
        attempt.expect(isinstance(given, int) and given >= 1, f"{said}: a library needs one thread at least")
        attempt.expect(
            given == 1 or workers * given <= ncores,
            f"{said}: {workers * given} threads for {ncores} cores",
            "M24",
        )
        attempt.expect(
            workers * (given + 1) > ncores, f"{said}: {ncores - workers * given} cores stay idle without need"
        )
    return "No core has two threads, and none is idle without need."


@check(LESSON, "ex7")
def choose(attempt: Attempt) -> str:
    """A scheduler for each of five workloads, three of them carried out."""
    choice = attempt.plain("choice", dict)
    open_ = [name for name, scheduler in choice.items() if scheduler is ...]
    if open_:
        raise NotAttempted(f"Still to choose: {', '.join(open_)}")
    attempt.expect(len(choice) == 5, f"`choice` has {len(choice)} entries; there are five workloads")
    for number, (name, scheduler) in enumerate(choice.items()):
        advice, belief = ADVICE[number]
        attempt.expect(
            attempt.is_known(f"choice {number}", scheduler, CHOICES[number]),
            f"{name}: {scheduler}? {advice}",
            belief,
        )
    done: Any = attempt.plain("done", (list, tuple))
    attempt.expect(len(done) == 3, f"`done` has {len(done)} entries; three workloads are to be computed")
    wanted = list(choice.values())[:3]
    attempt.expect(
        _executors(attempt) == wanted,
        f"They ran on {_said(attempt)}, and not as you chose: {', '.join(wanted)}",
    )
    for name, run in zip(("nap", "sort", "loop"), attempt.run.runs, strict=True):
        calls = sum((operations_of(graph) for graph in run.graphs), Counter())
        attempt.expect(
            calls[name] == 2, f"The run for {name} has {calls[name]} tasks of it; two are wanted", "M01"
        )
    attempt.expect(list(done[0]) == [0, 1], f"The naps gave {list(done[0])}; those of 0 and 1 are wanted")
    return f"Chosen, and carried out on {_said(attempt)}."


ADVICE: tuple[tuple[str, str | None], ...] = (
    ("Who waits needs no lock, and what is read need not be copied", "M22"),
    ("NumPy lets go of the lock, and the arrays need not leave this process", "M22"),
    ("It holds the lock all the time; only another interpreter has another lock", None),
    ("A debugger stops one thread. Have everything run in yours, in order", None),
    ("Two threads of one process would meet in it. Keep them in separate processes", None),
)


def _executors(attempt: Attempt) -> list[str]:
    return [run.executor for run in attempt.run.runs]


def _said(attempt: Attempt) -> str:
    return ", ".join(_executors(attempt)) or "nothing"


def _count(found: set[object]) -> str:
    return f"{len(found)} processes" if len(found) != 1 else f"the process {next(iter(found))}"
