"""The numbers that the lessons state, recomputed: `python -m chunkscope_lessons.facts` writes `lessons/facts.json`.

All follow from the data, from arithmetic, or from the simulator's own clock: the same on every machine.
"""

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from chunkscope import array as ca
from chunkscope import delayed, simulate
from chunkscope.types import Key
from chunkscope_datasets import flights

TEMPORARIES = 2.3
"""Bytes that NumPy holds for each byte of points while it estimates π; measured, and stated as such."""


def facts() -> dict[str, Any]:
    """Returns all facts by name."""
    return {**flight_facts(), **start_facts(), **delayed_facts(), **pi_facts()}


def flight_facts() -> dict[str, Any]:
    """Returns counts and means of the 2013 flights."""
    paths = flights("by_month")
    months = [pd.read_csv(path, usecols=["Origin", "DepDelay"]) for path in paths]
    year = pd.concat(months)
    means = year.groupby("Origin")["DepDelay"].mean()
    monthly = (
        pd.concat([month.groupby("Origin")["DepDelay"].mean() for month in months]).groupby("Origin").mean()
    )
    out: dict[str, Any] = {
        "flights.rows": len(year),
        "flights.january": len(months[0]),
        "flights.january_late": int((months[0]["DepDelay"] > 15).sum()),
        "flights.first_quarter": sum(map(len, months[:3])),
        "flights.mb": round(sum(path.stat().st_size for path in paths) / 1e6, 1),
    }
    for airport in sorted(means.index):
        out[f"flights.mean_{airport}"] = round(float(means[airport]), 3)
        out[f"flights.mean_of_means_{airport}"] = round(float(monthly[airport]), 3)
    return out


def start_facts() -> dict[str, Any]:
    """Returns the arithmetic of lesson 00's array."""
    x = ca.random.default_rng(0).random((4000, 4000), chunks=(1000, 1000))
    return {
        "start.nchunks": int(x.npartitions),
        "start.chunk_mb": math.prod(x.chunksize) * x.dtype.itemsize // 10**6,
        "start.total_mb": int(x.nbytes) // 10**6,
        "start.chunk_mib": round(math.prod(x.chunksize) * x.dtype.itemsize / 2**20, 2),
        "start.total_mib": round(x.nbytes / 2**20, 1),
    }


def inc(x: int) -> int:
    """Returns x + 1; lesson 02's stands still for a second."""
    return x + 1


def add(x: int, y: int) -> int:
    """Returns x + y; lesson 02's stands still for a second."""
    return x + y


def delayed_facts() -> dict[str, Any]:
    """Returns modelled seconds of lesson 02's plans, at one second for each task."""
    total = delayed(add)(delayed(inc)(1), delayed(inc)(2))
    loop = delayed(sum)([delayed(inc)(i) for i in range(8)])
    cost = {"inc": 1.0, "sum": 0.0}
    return {
        "delayed.sequential": simulate(total, workers=1, cost=1.0).seconds,
        "delayed.two_workers": simulate(total, workers=2, cost=1.0).seconds,
        "delayed.loop_two": simulate(loop, workers=2, cost=cost).seconds,
        "delayed.loop_eight": simulate(loop, workers=8, cost=cost).seconds,
        "delayed.compute_in_loop": sum(
            simulate(delayed(inc)(i), workers=2, cost=1.0).seconds for i in range(8)
        ),
    }


def pi_facts() -> dict[str, Any]:
    """Returns the errors of the estimate, the modelled loop of growing tasks, and the arithmetic of chunks."""
    sigma = 4 * math.sqrt(math.pi / 4 * (1 - math.pi / 4))
    rising = growing([1, 2, 3, 4, 5], workers=2)
    points = ca.random.default_rng(0).random((625_000, 2), chunks=(625_000 // 3, 2))
    return {
        "pi.sigma": round(sigma, 3),
        "pi.error_625": sigma / math.sqrt(625),
        "pi.error_625k": sigma / math.sqrt(625_000),
        "pi.error_6g": sigma / math.sqrt(6.25e9),
        "pi.best_speedup": growing([1, 2, 3, 4, 5], workers=1) / growing([1, 2, 3, 4, 5], workers=64),
        "pi.rising": rising,
        "pi.falling": growing([5, 4, 3, 2, 1], workers=2),
        "pi.crumb_chunks": len(points.chunks[0]),
        "pi.temporaries": TEMPORARIES,
    }


def growing(seconds: Sequence[float], workers: int) -> float:
    """Returns modelled seconds of independent tasks that take `seconds`, started in this order."""

    def cost(key: Key) -> float:
        return seconds[key.block[0]]

    tasks = [delayed(inc)(number) for number in range(len(seconds))]
    return simulate(*tasks, workers=workers, cost=cost).seconds


def main(arguments: list[str]) -> None:
    """Writes the facts to the file named, or to `lessons/facts.json` of the project."""
    target = Path(arguments[0]) if arguments else Path(__file__).parents[1] / "facts.json"
    target.write_text(json.dumps(facts(), indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
