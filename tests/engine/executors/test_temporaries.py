"""Declared temporaries against what kernels really allocate, as the interpreter's memory tracer counts it."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

import chunkscope.array as ca
from chunkscope.compute import prepare
from chunkscope.executors.alone import inputs_of_task

NEAR, SMALL = 1.05, 80_000
"""Declared may be short by this factor, and by the small objects and buffers that every call makes."""


def x() -> Any:
    return ca.random.default_rng(1).random((2000, 1000), chunks=(1000, 500))


@pytest.mark.parametrize(
    "make",
    [
        lambda: x().argmax(axis=0),
        lambda: x().argmax(),
        lambda: ca.nanargmax(x(), axis=1),
        lambda: (x() < 0.5).mean(axis=0),
        lambda: (x() < 0.5).sum(axis=1),
        lambda: (x() * 2 + 1).sum(axis=0),
        lambda: x().std(axis=0),
        lambda: ca.nanmean(x(), axis=0),
        lambda: (
            (ca.random.default_rng(1).random((500_000, 2), chunks=(250_000, 2)) ** 2).sum(axis=1) < 1
        ).mean(),
    ],
    ids=["argmax0", "argmax", "nanargmax", "mean of bool", "sum of bool", "chain", "std", "nanmean", "pi"],
)
def test_kernels_allocate_what_they_declare(make: Any) -> None:
    graph = prepare([make()]).graph
    for number, layer in enumerate(graph.layers):
        inputs = inputs_of_task((graph,), int(graph.task_ptr[number]))
        layer.kernel(0, *inputs)  # what is made once is not a temporary
        tracemalloc.start()
        try:
            value = layer.kernel(0, *inputs)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most - value.nbytes <= layer.scratch_bytes * NEAR + SMALL, layer.op
