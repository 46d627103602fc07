"""What it costs to be watched: a run without its log, with it, and with a page that takes every message."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from tests.benchmarks.case import OURS, Case, Goal, Kind
from tests.benchmarks.cases.engine import increment, total
from tests.benchmarks.measure import processor_seconds

TASKS = 100_000
SLOW_TASKS = 2_000


def spin(seconds: float, x: int) -> int:
    """A task that keeps its processor busy."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return x


def _watched(task_seconds: float, ntasks: int, viewer: str, scheduler: str = "threads") -> Callable[[], Any]:
    """`viewer`: "none" keeps no rows, "log" is what always happens, "panel" also sends them to a page.

    "no stacks" does not look at what functions run.
    """
    from chunkscope import compute, config, delayed
    from chunkscope.observe import runlog

    if viewer == "no stacks":
        config.set(profile_interval=None)
    if viewer == "none":
        runlog.Columns = partial(runlog.Columns, limit=0)  # type: ignore[assignment, misc]
    sent: list[int] = []
    if viewer == "panel":
        from chunkscope_widgets.bridge import sender

        sender().add(lambda header, buffers: sent.append(len(buffers)))
    call = delayed(partial(spin, task_seconds) if task_seconds else increment, pure=False)
    sum_up = delayed(total, pure=False)
    compute(sum_up([call(i) for i in range(100)]), scheduler=scheduler, num_workers=2)
    root = sum_up([call(i) for i in range(ntasks)])

    def work() -> dict[str, float]:
        used, wall = processor_seconds(), time.perf_counter()
        compute(root, scheduler=scheduler, num_workers=2)
        seconds = time.perf_counter() - wall
        figures = {"seconds": seconds, "cpu_seconds": sum(processor_seconds(used).values())}
        assert bool(sent) == (viewer == "panel")
        return figures

    return work


def _case(
    name: str,
    about: str,
    task_seconds: float,
    ntasks: int,
    *goals: Goal,
    others: Mapping[str, str] = MappingProxyType({"no rows kept": "none", "panel attached": "panel"}),
    scheduler: str = "threads",
) -> Case:
    variants = {OURS: "log", **others}
    return Case(
        name,
        about,
        {
            label: partial(_watched, task_seconds, ntasks, viewer, scheduler)
            for label, viewer in variants.items()
        },
        goals,
        dict.fromkeys(variants, ntasks),
        repeats=5,
    )


OBSERVING = (
    _case(
        "observing-small",
        "a trivial task on two threads, watched or not",
        0.0,
        TASKS,
        Goal(Kind.MORE, 0.5e-6, "µs", "no rows kept", "cpu_seconds", OURS),
        Goal(Kind.MORE, 0.5e-6, "µs", "no rows kept", "cpu_seconds", "panel attached"),
    ),
    _case(
        "observing-processes",
        "a trivial task on two processes, watched or not",
        0.0,
        TASKS,
        Goal(Kind.MORE, 0.5e-6, "µs", "no rows kept", "cpu_seconds", OURS),
        Goal(Kind.MORE, 0.5e-6, "µs", "no rows kept", "cpu_seconds", "panel attached"),
        scheduler="processes",
    ),
    _case(
        "observing-1ms",
        "a task of 1 ms on two threads, watched or not",
        1e-3,
        SLOW_TASKS,
        Goal(Kind.RATIO, 1.03, "×", "no rows kept", "cpu_seconds", OURS),
        Goal(Kind.RATIO, 1.03, "×", "no rows kept", "cpu_seconds", "panel attached"),
    ),
    _case(
        "observing-stacks",
        "a task of 1 ms on two threads, its stacks sampled or not",
        1e-3,
        SLOW_TASKS,
        Goal(Kind.RATIO, 1.005, "×", "stacks not sampled", "cpu_seconds", OURS),
        others={"stacks not sampled": "no stacks"},
    ),
)
