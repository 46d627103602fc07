"""Runs the benchmarks and prints them as a Markdown table: `python -m tests.benchmarks [ROW ...]`, see `--help`."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from dataclasses import replace

from tests.benchmarks import files
from tests.benchmarks.case import UNITS, Case, Figures
from tests.benchmarks.cases import CASES
from tests.benchmarks.measure import measure

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that were named, or all; 0 even where a goal is missed: the table says so."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which rows; all without")
    parser.add_argument("--list", action="store_true", help="tell the rows and end")
    parser.add_argument("--repeat", type=int, help="processes a figure, instead of the row's own number")
    parser.add_argument(
        "--slow", action="store_true", help="with rows and peers that take minutes, or gigabytes of disk"
    )
    options = parser.parse_args(arguments)
    if options.list:
        for case in CASES.values():
            print(f"{case.name:16} {case.about}")
        return 0
    unknown = sorted(set(options.rows) - set(CASES))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; --list tells them")
    print(
        f"Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} "
        "at the start. Wall time, processor time, memory above the start; the fastest of some fresh processes.\n"
    )
    print("| what | measured | goal | reached | met |\n|---|---|---|---|---|", flush=True)
    try:
        for name, case in CASES.items():
            wanted = name in options.rows or not options.rows
            if wanted and (options.slow or set(case.variants) - case.slow):
                print(_line(replace(case, repeats=options.repeat or case.repeats), options.slow), flush=True)
    finally:
        files.remove()
    return 0


def _line(case: Case, slow: bool) -> str:
    found = measure(case, [variant for variant in case.variants if slow or variant not in case.slow])
    cells = [
        f"{variant}: {figures if isinstance(figures, str) else _figures(figures)}"
        for variant, figures in found.items()
    ]
    complete = {variant: figures for variant, figures in found.items() if not isinstance(figures, str)}
    reached, met = [], []
    for goal in case.goals:
        try:
            value = goal.value(complete)
        except KeyError:
            reached.append("–")
            met.append("–")
        else:
            reached.append(f"{value / UNITS[goal.unit]:.3g} {goal.unit}")
            met.append("yes" if goal.met(value) else "**no**")
    goals = "<br>".join(goal.text for goal in case.goals)
    columns = [case.about, "<br>".join(cells), goals, "<br>".join(reached), "<br>".join(met)]
    return f"| {' | '.join(columns)} |"


def _figures(figures: Figures) -> str:
    return f"{_seconds(figures['seconds'])}, CPU {_seconds(figures['cpu_seconds'])}, {_bytes(figures['peak_bytes'])}"


def _seconds(value: float) -> str:
    for unit in ("s", "ms", "µs"):
        if value >= 0.1 or unit == "µs":
            break
        value *= 1000
    return f"{value:.3g} {unit}"


def _bytes(value: float) -> str:
    return f"{value / 1e6:.0f} MB" if value >= 1e6 else f"{value:.0f} B"


if __name__ == "__main__":
    raise SystemExit(main())
