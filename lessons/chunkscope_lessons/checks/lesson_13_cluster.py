"""Checks of lesson 13: which workers ran what, whose blocks they read, what a death cost, and what is left behind."""

import ast
import os
from pathlib import Path
from typing import Any

import psutil

from chunkscope import plan
from chunkscope.futures import clusters
from chunkscope.observe import RunLog

from ..attempt import Attempt, close, is_lazy, operations_of
from ..calls import settle
from ..registry import check
from ..sharing import shared_reads, worker_of

LESSON = "13_cluster"
WHO = ("dd602602d538", "5fd5c9861cc0", "3eab1f2d763f", "91acf1d3388e", "baeca24b13bd")
"""Fingerprints of who does what."""
THREADS, MEGABYTES = 4, 2_000
VISITS = 40
GIB = 2**30


@check(LESSON, "who")
def who(attempt: Attempt) -> str:
    """Five sentences, each about one part of a cluster."""
    given = attempt.plain("who", dict)
    names = {"a": "the client", "b": "the scheduler", "c": "a worker", "d": "a thread", "e": "the store"}
    attempt.expect(len(given) == len(WHO), f"`who` has {len(given)} sentences; {len(WHO)} are asked")
    for (sentence, letter), known in zip(given.items(), WHO, strict=True):
        attempt.expect(letter in names, f"{letter!r} is none of the letters a to e")
        if attempt.is_known("who", f"{sentence} {letter}", known):
            continue
        belief, why = _WHY.get((sentence.split()[-1], letter), (None, ""))
        attempt.expect(False, f'"{sentence}": that is not {names[letter]}. {why}'.strip(), belief)
    return "A client asks, a scheduler decides, workers run on their threads, and the store owns what is finished."


_WHY = {
    ("time.", "c"): ("M25", "A worker with two threads runs two"),
    ("finished.", "a"): (
        "M27",
        "Your notebook holds a claim to them; they are not its own until you compute",
    ),
    ("finished.", "c"): (None, "If it did, its chunks would die with it"),
}


@check(LESSON, "ex1")
def arrange(attempt: Attempt) -> str:
    """Threads and megabytes of each of four, two and one workers that share a machine."""
    each = attempt.plain("each", dict)
    attempt.expect(set(each) == {4, 2, 1}, f"`each` is about {sorted(each)} workers; 4, 2 and 1 are wanted")
    for n, pair in each.items():
        attempt.expect(
            isinstance(pair, (tuple, list)) and len(pair) == 2,
            f"`each[{n}]` is {pair!r}; a pair (threads, megabytes) is wanted",
        )
        threads, megabytes = pair
        attempt.expect(
            threads == THREADS // n,
            f"{n} workers of {threads} threads run {n * threads} tasks at once; this machine is for {THREADS}",
            "M25",
        )
        attempt.expect(
            megabytes < 1e6,
            f"{megabytes:,.0f} for each of {n} workers: are these bytes? Megabytes are wanted",
        )
        attempt.expect(
            close(megabytes, MEGABYTES / n, 1e-3),
            f"{n} workers of {megabytes:,.0f} MB may hold {n * megabytes:,.0f} MB; this machine is for {MEGABYTES:,}",
            "M26",
        )
    return "Fewer workers are larger: more threads and more memory for each, the same for all together."


@check(LESSON, "ex2")
def locality(attempt: Attempt) -> str:
    """Blocks that another worker had made, as the records of runs on four workers and on one have it; none moved."""
    shared = attempt.plain("shared", dict)
    attempt.expect(
        set(shared) == {"4 workers", "1 worker"}, f"`shared` is about {', '.join(map(str, shared))}"
    )
    moved = attempt.number("moved")
    runs = _finished(attempt)
    attempt.expect(len(runs) == 2, f"{len(runs)} computations; one on each of the two clusters is wanted")
    attempt.expect(
        all(
            run.executor == "cluster" and run.lanes and worker_of(run.lanes[0]) != "this process"
            for run in runs
        ),
        "The workers were threads of this process: then there is one memory, and nothing to be shared",
    )
    used = [len({worker_of(lane) for lane in run.lanes}) for run in runs]
    attempt.expect(
        used[0] > 2 and used[1] == 1,
        f"The two computations ran on {used[0]} and on {used[1]} workers, and not on 4 and on 1. "
        "A worker is not a thread: make a client for each arrangement",
        "M25",
    )
    attempt.expect(
        [run.workers for run in runs] == [THREADS, THREADS],
        f"The two clusters have {runs[0].workers} and {runs[1].workers} threads in all; {THREADS} are wanted in both, "
        "so that only the number of workers differs",
    )
    found = [shared_reads(run) for run in runs]
    attempt.expect(
        shared["4 workers"] != found[0].reads,
        f"{found[0].reads} is the number of all reads; those of blocks from another worker are wanted",
    )
    attempt.expect(
        [shared["4 workers"], shared["1 worker"]] == [one.shared for one in found],
        f"`shared` is {shared['4 workers']} and {shared['1 worker']}; "
        f"the records say {found[0].shared} and {found[1].shared}",
    )
    attempt.expect(
        moved == 0,
        f"`moved` is {moved:,.0f}: that many bytes were *read* by another worker than their maker, where they were. "
        "None of them moved",
    )
    return "With one worker nobody else is there. With four, most blocks are another worker's: read, and not moved."


@check(LESSON, "ex3")
def background(attempt: Attempt) -> str:
    """A persist that returned at once, a wait until all chunks were there, and a mean that studied nothing."""
    y = attempt.value("y")
    attempt.expect(
        is_lazy(y),
        f"`y` is a {type(y).__name__}: `compute` waited, and brought all chunks into your notebook",
        "M18",
    )
    asked, there = attempt.number("asked"), attempt.number("there")
    runs = _finished(attempt)
    attempt.expect(bool(runs), "Nothing was started by this cell")
    studied = [_count(run, "study") for run in runs]
    mean = attempt.number("mean")
    if len(runs) > 1 and studied[-1]:
        held = all(layer.op == "stored" for layer in _layers(y))
        attempt.expect(
            held,
            "What `persist` returned was not kept, so `y` is still the plan and all was studied again",
            "M20",
        )
        attempt.expect(
            False,
            f"{studied[-1]} chunks were studied again: `mean` is that of the plan, not that of `y`",
            "M16",
        )
    attempt.expect(
        len(runs) == 2, f"{len(runs)} computations; one for the chunks and one for the mean are wanted"
    )
    rows = runs[0].rows
    work = float(rows.stop.max() - runs[0].started)
    attempt.expect(
        there > 0.7 * work,
        f"`there` is {there:.2f} s, but the last chunk was finished after {work:.2f} s: nobody waited for it",
        "M19",
    )
    attempt.expect(
        asked < there, f"`asked` is {asked:.2f} s, `there` {there:.2f} s: the clock was read too late"
    )
    attempt.expect(
        runs[1].started > rows.stop.max() - 1e-3, "The mean began before all chunks were there: wait for them"
    )
    attempt.expect(
        0.2 < mean < 0.5, f"`mean` is {mean:.3f}; the mean of squares of numbers from 0 to 1 is a third"
    )
    return "persist was back long before the chunks were there; the mean found all sixteen in their places."


@check(LESSON, "ex4")
def join(attempt: Attempt) -> str:
    """A program that has the workers of this cluster read its chunks, and prints one number."""
    program, said = attempt.plain("program", str), attempt.number("said")
    kept = attempt.value("kept")
    _finished(attempt)
    attempt.expect(
        "Client" in program,
        "The program makes no client, so it joined nothing: it printed what you had put into it",
        "M27",
    )
    attempt.expect(
        attempt.run.operations["stored"] == kept.npartitions,
        "The program had its numbers drawn again; those of the data set are there, in the memory of the cluster",
        "M16",
    )
    mean = attempt.number("before") / kept.size
    attempt.expect(
        close(said, mean, 1e-9),
        f"The program printed {said:g}; the mean of `kept` is another number",
    )
    return "Another process asked, the workers of this cluster read their chunks, and one number went over."


@check(LESSON, "ex5")
def kill(attempt: Attempt) -> str:
    """A worker that died while calls were running, the right sum, and the number of calls begun twice."""
    visits = attempt.value("visits")
    total, again = attempt.number("total"), attempt.number("again")
    begun = Path(attempt.plain("DIARY", str)).read_text().split()
    runs = _finished(attempt)
    calls = sum(_count(run, "visit") for run in runs)
    attempt.expect(
        calls > 0, "All visits were paid by the notebook, before any task was made: `visit(i)` calls", "M01"
    )
    attempt.expect(
        len(begun) < 2 * VISITS - 4,
        f"The diary has {len(begun)} lines: all forty were computed once more. Compute what `persist` returned",
        "M16",
    )
    attempt.expect(
        total == sum(range(VISITS)), f"`total` is {total:g}; 0 + 1 + … + 39 is {sum(range(VISITS))}"
    )
    lost = [notice for run in runs for notice in run.notices if notice.topic == "lost"]
    attempt.expect(
        bool(lost) and bool(visits),
        "No worker died while the visits went on: it was killed before or after. Start, wait for some, kill",
    )
    attempt.expect(
        again == len(begun) - VISITS,
        f"`again` is {again:g}; the diary has {len(begun)} beginnings, {len(begun) - VISITS} more than visits",
    )
    return (
        "A worker died and the sum is right. Begun a second time was what it was doing at that moment, nothing that "
        "was done."
    )


@check(LESSON, "ex6")
def find(attempt: Attempt) -> str:
    """Eight figures, as the workers have them now."""
    panel = attempt.plain("panel", dict)
    cluster = attempt.value("client").cluster
    workers = {worker.name: worker for worker in cluster.workers}
    attempt.expect(len(panel) == 8, f"`panel` has {len(panel)} entries; eight are asked")
    missing = [name for name, value in panel.items() if value is ...]
    attempt.expect(not missing, f"Still open: {', '.join(missing)}")
    limit = sum(worker.memory_limit or 0 for worker in workers.values()) / GIB
    facts: list[tuple[Any, str, str | None]] = [
        (len(workers), "workers are cards, threads are written on them", "M25"),
        (sum(worker.nthreads for worker in workers.values()), "add up the threads of all cards", "M25"),
        (round(limit, 2), "each card has a limit, and there are two cards", "M26"),
        (workers["worker-1"].pid, "the number at the right of its name", None),
        ("idle", "look at a card when nothing runs", None),
        ("running", "look at a card while a cell runs", None),
        (workers["worker-0"].deaths, "its card says how often it has died", None),
        ("rest", "a card names the task that it runs", None),
    ]
    for (name, given), (fact, where, belief) in zip(panel.items(), facts, strict=True):
        attempt.expect(_same(given, fact), f'"{name}" is {given!r} here; not so: {where}', belief)
    return "All eight as the workers have them."


@check(LESSON, "ex7")
def clean(attempt: Attempt) -> str:
    """A mean worked out by two processes that are gone."""
    pids = attempt.plain("pids", (list, tuple, set))
    mean = attempt.number("mean")
    attempt.expect(len(pids) == 2, f"`pids` has {len(pids)} numbers; two workers are wanted")
    attempt.expect(
        os.getpid() not in pids,
        "The workers were threads of this process: its own number is in `pids`. Have processes",
    )
    left = [pid for pid in pids if _lives(pid)]
    for cluster in clusters():
        if left and {worker.pid for worker in cluster.workers} & set(left):
            cluster.close()
    source = attempt.source
    attempt.expect(
        not left,
        f"{len(left)} of the 2 processes still live: "
        + (
            "the client was closed, and the cluster, which it had not made, was not. Close both: `with` can"
            if "with " in source
            else "nobody has closed the cluster. A `with` block does"
        )
        + ". (They have been ended for you now)",
    )
    runs = _finished(attempt)
    attempt.expect(
        len(runs) == 1 and _count(runs[0], "study") == 16,
        "One computation, of the mean of `studied`, is wanted",
    )
    attempt.expect(
        0.2 < mean < 0.5, f"`mean` is {mean:.3f}; the mean of squares of numbers from 0 to 1 is a third"
    )
    attempt.expect(
        "with " not in source or _inside_with(source, "mean"),
        "The mean was worked out after the block, by the cluster of the lesson",
    )
    attempt.expect(
        "with " in source,
        "The processes are gone, but had the mean failed, `close` would not have been reached. Use `with`",
    )
    return "A right mean, and no process left. It would be so as well if the mean had raised."


def _finished(attempt: Attempt) -> tuple[RunLog, ...]:
    for run in attempt.run.runs:
        settle(run)
    return attempt.run.runs


def _count(run: RunLog, function: str) -> int:
    """Tasks of the run that call a function of the notebook, fused with others or not."""
    return sum(count for graph in run.graphs for op, count in operations_of(graph).items() if function in op)


def _layers(lazy: Any) -> Any:
    return plan(lazy).graph.layers


def _same(given: Any, fact: Any) -> bool:
    if isinstance(fact, str):
        return isinstance(given, str) and given.strip().lower() == fact
    return isinstance(given, (int, float)) and close(given, fact, 0.005)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _inside_with(source: str, name: str) -> bool:
    """Tells whether a variable is set inside a `with` block."""
    blocks = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.With)]
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for block in blocks
        for node in ast.walk(block)
    )
