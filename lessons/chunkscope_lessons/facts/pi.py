"""The estimate of π: its errors, the loop of growing tasks, the arithmetic of chunks."""

import math
from collections.abc import Sequence
from typing import Any

from chunkscope import array as ca
from chunkscope import delayed, simulate
from chunkscope.types import Key

TEMPORARIES = 2.3
"""Bytes that NumPy holds for each byte of points while it estimates π; measured, and stated as such."""


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

    tasks = [delayed(abs)(number) for number in range(len(seconds))]
    return simulate(*tasks, workers=workers, cost=cost).seconds
