"""Modelled seconds of lesson 12's rule of thumb."""

from typing import Any

from chunkscope import delayed, simulate


def scheduler_facts() -> dict[str, Any]:
    """Returns the seconds of 64 tasks of one second, of which each process runs one at a time."""
    tasks = [delayed(abs)(i) for i in range(64)]
    names = {1: "one_by_sixteen", 4: "four_by_four", 16: "sixteen_by_one"}
    return {f"schedulers.{name}": simulate(*tasks, workers=n, cost=1.0).seconds for n, name in names.items()}
