"""Measures one variant in a fresh process: wall and processor seconds, and memory above what its imports took."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Sequence
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


def resident(line: str = "VmRSS") -> int:
    """Bytes of a line of this process's status: `VmRSS`, what is in memory, or `VmHWM`, the highest so far."""
    for text in Path("/proc/self/status").read_text().splitlines():
        if text.startswith(line):
            return int(text.split()[1]) * 1024
    return 0


def _main(case_name: str, variant: str) -> None:
    from tests.benchmarks.cases import CASES

    work = CASES[case_name].variants[variant]()
    gc.collect()
    # Start the high-water mark from here.
    Path("/proc/self/clear_refs").write_text("5")
    before = resident()
    cpu, wall = time.process_time(), time.perf_counter()
    own: Any = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    figures = {"seconds": wall, "cpu_seconds": cpu, "peak_bytes": max(0, resident("VmHWM") - before)}
    if isinstance(own, dict):
        figures.update(own)
    print(json.dumps(figures))


if __name__ == "__main__":
    _main(*sys.argv[1:])
