"""Instruments that measure around every kernel, for a while: only what diagnostics cannot read from the run log.

Empty but in the blocks of such a profiler, so that other runs pay nothing. An instrument sees the kernels of runs that
start while it is in the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chunkscope.graph import Graph

__all__ = ["INSTRUMENTS", "Instrument", "instrumented"]

Instrument = Callable[[Callable[..., Any], Graph, int], Callable[..., Any]]
"""`instrument(kernel, graph, number)`: the kernel to run instead for layer `number` of `graph`."""

INSTRUMENTS: list[Instrument] = []


def instrumented(kernel: Callable[..., Any], graph: Graph, number: int) -> Callable[..., Any]:
    """The kernel inside every instrument that is on."""
    for instrument in INSTRUMENTS:
        kernel = instrument(kernel, graph, number)
    return kernel
