"""What the engine itself costs: tasks, calls, plans, imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from tests.benchmarks.case import OURS, Case, Goal, Kind

TASKS = 100_000
PEER_TASKS = 10_000
CHUNKS = 1_000  # along each of two axes: a million
PEER_CHUNKS = 300  # 90,000


def increment(x: int) -> int:
    """The trivial task."""
    return x + 1


def total(values: Sequence[int]) -> int:
    """The task that wants them all."""
    return sum(values)


def _ours(scheduler: str, ntasks: int = TASKS, *, together: bool = True) -> Callable[[], Any]:
    """Many trivial calls, summed by one more, or each asked for by itself. Only `compute` is measured, all of it."""
    from chunkscope import compute, delayed

    call, together_call = delayed(increment, pure=False), delayed(total, pure=False)
    compute(
        together_call([call(i) for i in range(100)]), scheduler=scheduler, num_workers=2
    )  # imports, threads
    calls = [call(i) for i in range(ntasks)]
    roots = [together_call(calls)] if together else calls
    return lambda: compute(*roots, scheduler=scheduler, num_workers=2) and None


def _dask(scheduler: str, *, optimised: bool = True) -> Callable[[], Any]:
    import dask

    call, together_call = dask.delayed(increment, pure=False), dask.delayed(total, pure=False)
    dask.compute(together_call([call(i) for i in range(100)]), scheduler=scheduler, num_workers=2)
    root = together_call([call(i) for i in range(PEER_TASKS)])
    options = {"scheduler": scheduler, "num_workers": 2, "optimize_graph": optimised}
    return lambda: dask.compute(root, **options) and None


def _ours_build() -> Callable[[], Any]:
    from chunkscope import delayed

    call = delayed(increment, pure=False)
    call(0)
    return lambda: [call(i) for i in range(TASKS)] and None


def _dask_build() -> Callable[[], Any]:
    import dask

    call = dask.delayed(increment, pure=False)
    call(0)
    return lambda: [call(i) for i in range(PEER_TASKS)] and None


def _ours_plan(*, fused: bool) -> Callable[[], Any]:
    """Built, rewritten, lowered, ordered and forecast."""
    import chunkscope
    import chunkscope.array as ca

    def plan(chunks: int) -> int:
        x = ca.ones((10 * chunks, 10 * chunks), chunks=(10, 10))
        found = chunkscope.plan((x + x.T).sum(), rules=None if fused else ["split-reductions"])
        assert found.peak_bytes > 0
        return found.ntasks

    plan(10)
    return lambda: {"tasks": plan(CHUNKS)}


def _dask_plan() -> Callable[[], Any]:
    """Built, optimised and ordered; Dask has no forecast."""
    import dask
    import dask.array as da
    from dask.order import order

    def plan(chunks: int) -> None:
        x = da.ones((10 * chunks, 10 * chunks), chunks=(10, 10))
        (better,) = dask.optimize((x + x.T).sum())
        order(dict(better.__dask_graph__()))

    plan(10)
    return lambda: plan(PEER_CHUNKS)


def _import(module: str, then: str = "pass") -> Callable[[], Any]:
    """A process of its own, the work of which is the import, and a first use."""
    code = (
        f"import time; c, w = time.process_time(), time.perf_counter(); import {module}; {then}; "
        "print(time.perf_counter() - w, time.process_time() - c)"
    )

    def work() -> dict[str, float]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        wall, cpu = map(float, done.stdout.split())
        return {"seconds": wall, "cpu_seconds": cpu}

    return work


def _tasks(name: str, about: str, scheduler: str, microseconds: float) -> Case:
    return Case(
        name,
        about,
        {
            OURS: partial(_ours, scheduler),
            "each asked for by itself": partial(_ours, scheduler, together=False),
            "Dask": partial(_dask, scheduler),
            "Dask, not optimised": partial(_dask, scheduler, optimised=False),
        },
        (Goal(Kind.AT_MOST, microseconds * 1e-6, "µs", figure="cpu_seconds"),),
        {
            OURS: TASKS,
            "each asked for by itself": TASKS,
            "Dask": PEER_TASKS,
            "Dask, not optimised": PEER_TASKS,
        },
    )


ENGINE = (
    _tasks("tasks-sync", "one trivial delayed task, sync, run log on, all of compute()", "sync", 5),
    _tasks("tasks-threads", "the same on two threads", "threads", 10),
    Case(
        "delayed-build",
        "one delayed call, built",
        {OURS: _ours_build, "Dask": _dask_build},
        (Goal(Kind.AT_MOST, 5e-6, "µs", figure="cpu_seconds"),),
        {OURS: TASKS, "Dask": PEER_TASKS},
    ),
    Case(
        "plan",
        "(x + x.T).sum() planned: a million chunks (Dask: 90,000)",
        {
            OURS: partial(_ours_plan, fused=True),
            "no fusing": partial(_ours_plan, fused=False),
            "Dask": _dask_plan,
        },
        (
            Goal(Kind.AT_MOST, 1.0, "s", figure="cpu_seconds"),
            Goal(Kind.AT_MOST, 150, "B", figure="peak_bytes", per="tasks"),
            Goal(Kind.AT_MOST, 150, "B", figure="peak_bytes", per="tasks", variant="no fusing"),
        ),
    ),
    Case(
        "import",
        "import chunkscope.array (NumPy, dask.array)",
        {
            OURS: partial(_import, "chunkscope.array"),
            "and a first array made": partial(_import, "chunkscope.array as ca", "ca.ones(3)"),
            "NumPy": partial(_import, "numpy"),
            "Dask": partial(_import, "dask.array"),
        },
        (Goal(Kind.RATIO, 1.3, peer="NumPy", figure="cpu_seconds"),),
        repeats=7,
    ),
)
