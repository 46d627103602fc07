"""The hot loop: runs the kernels of one batch, in this thread, and reports."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from chunkscope.blocks import KINDS
from chunkscope.executors.report import Report

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["perform"]

SLICE_SECONDS = 2e-3
"""A batch is handed back when it has run this long: its tasks were costlier than those before."""


def perform(run: Run, lane: int, batch: list[int]) -> Report:
    """Run the kernels of `batch` and put their blocks in place. Never raises: a failure is part of the report."""
    table, data = run.table, run.data
    if KINDS and not table.sheltered:
        with run.lock:
            table.shelter()
    layers, layer_of, dep_ptr, deps = table.layers, table.layer_of, table.dep_ptr, table.deps
    slot_bytes, output_at = table.slot_bytes, table.output_at
    current, since = run.current, run.since
    run.reports[lane] = report = Report(batch)  # a task that waits for others has it settled meanwhile
    starts, stops, sizes = report.starts, report.stops, report.sizes
    begin = stop = perf_counter()
    task = -1
    try:
        for task in batch:
            if run.stopping:
                break
            current[lane] = task
            since[lane] = stop
            kernel, first_task, slot, noutputs, protect, weigh = layers[layer_of[task]]
            index = task - first_task
            a = dep_ptr[task]
            count = dep_ptr[task + 1] - a
            if count == 1:
                value = kernel(index, data[deps[a]])
            elif count == 2:
                value = kernel(index, data[deps[a]], data[deps[a + 1]])
            elif count:
                value = kernel(index, *[data[s] for s in deps[a : a + count]])
            else:
                value = kernel(index)
            if noutputs == 1:
                slot += index
                data[slot] = value = protect(value)
                slot_bytes[slot] = size = weigh(value)
                if output_at[slot]:
                    run.deliver(slot, value)
            else:
                size = 0
                slot += index * noutputs
                for part in value:
                    data[slot] = part = protect(part)
                    slot_bytes[slot] = weigh(part)
                    size += slot_bytes[slot]
                    if output_at[slot]:
                        run.deliver(slot, part)
                    slot += 1
            value = part = None
            starts.append(stop)
            stop = perf_counter()
            stops.append(stop)
            sizes.append(size)
            if stop - begin > SLICE_SECONDS:
                break
    except BaseException as error:
        report.fail(task, error)
    current[lane] = -1
    return report
