"""Modelled seconds of lesson 02's plans."""

from typing import Any

from chunkscope import delayed, simulate


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
