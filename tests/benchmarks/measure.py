"""Measures one variant in a fresh process: wall seconds, processor seconds of it and of the processes that it has, and
its memory above what its imports took.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.case import Case, Figures

ROOT = Path(__file__).parents[2]
MINUTES = 15


def measure(case: Case, variants: Sequence[str]) -> dict[str, Figures | str]:
    """The figures of each variant, or what went wrong. Variants take turns, so that a busy minute hits all of them."""
    tries: dict[str, list[Figures]] = {variant: [] for variant in variants}
    found: dict[str, Figures | str] = {}
    for _ in range(case.repeats):
        for variant in variants:
            if variant not in found:
                figures = in_process(case.name, variant)
                if isinstance(figures, str):
                    found[variant] = figures
                else:
                    tries[variant].append(figures)
    for variant in variants:
        if variant not in found:
            found[variant] = best(tries[variant], case.count.get(variant, 1))
    return {variant: found[variant] for variant in variants}


def best(tries: Sequence[Figures], count: int) -> Figures:
    """The least time of all tries and the highest of their memory, for one of `count`."""
    return {
        name: (max if name.endswith("bytes") else min)(figures[name] for figures in tries) / count
        for name in tries[0]
    }


def in_process(case: str, variant: str) -> Figures | str:
    """The figures of one fresh process, or the last line of its complaint."""
    command = [sys.executable, "-m", "tests.benchmarks.measure", case, variant]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60 * MINUTES
        )
    except subprocess.TimeoutExpired:
        return f"not done after {MINUTES} minutes"
    if done.returncode != 0:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def resident(line: str = "VmRSS", pid: int | None = None) -> int:
    """Bytes of a line of a process's status: `VmRSS`, what is in memory, or `VmHWM`, the highest so far."""
    for text in Path(f"/proc/{pid or 'self'}/status").read_text().splitlines():
        if text.startswith(line):
            return int(text.split()[1]) * 1024
    return 0


def descendants() -> list[int]:
    """The processes that this one has started and that are still there, with theirs."""
    found = [os.getpid()]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found[1:]


def processor_seconds(before: Mapping[int, float] | None = None) -> dict[int, float]:
    """Seconds that this process and its descendants have used since `before`, or since their beginning."""
    found = {os.getpid(): time.process_time()}
    tick = os.sysconf("SC_CLK_TCK")
    for pid in descendants():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found[pid] = (int(fields[11]) + int(fields[12])) / tick
    return {pid: seconds - (before or {}).get(pid, 0.0) for pid, seconds in found.items()}


def _main(case_name: str, variant: str) -> None:
    from tests.benchmarks.cases import CASES

    work = CASES[case_name].variants[variant]()
    gc.collect()
    # Start the high-water mark from here.
    Path("/proc/self/clear_refs").write_text("5")
    before = resident()
    used, wall = processor_seconds(), time.perf_counter()
    own: Any = work()
    wall = time.perf_counter() - wall
    cpu = sum(processor_seconds(used).values())
    figures = {"seconds": wall, "cpu_seconds": cpu, "peak_bytes": max(0, resident("VmHWM") - before)}
    if isinstance(own, dict):
        figures.update(own)
    print(json.dumps(figures))


if __name__ == "__main__":
    _main(*sys.argv[1:])
