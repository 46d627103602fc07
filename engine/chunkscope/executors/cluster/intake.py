"""What came of a batch in another process, put in its places here: blocks, sizes, temporaries, the failure."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.arenas import Lease
from chunkscope.blocks.carry import carried
from chunkscope.blocks.packing import Packed, Shape
from chunkscope.blocks.protect import size_of
from chunkscope.blocks.spilling import Mark
from chunkscope.executors.cluster.grants import Granted
from chunkscope.executors.cluster.wire import ALIAS, INLINE, Outcome
from chunkscope.executors.report import Report

if TYPE_CHECKING:
    from chunkscope.executors.cluster.askers import Asker
    from chunkscope.executors.cluster.process import Process
    from chunkscope.executors.cluster.shipment import Shipment
    from chunkscope.executors.run import Run

__all__ = ["deliver", "fetch_stored", "look", "take_in"]


def take_in(
    run: Run,
    batch: list[int],
    outcome: Outcome,
    lease_of: Callable[[int], Lease],
    granted: Granted,
    worker: str,
    asker: Asker | None = None,
) -> Report:
    """The report of a batch, its blocks in place. `lease_of`: the leases that its blocks may be parts of, by number;
    `granted`: what it was allowed to write to.

    `asker`: the process that has performed it, where it holds things of ours.
    """
    report = Report(batch)
    report.starts, report.stops, report.sizes = outcome.starts, outcome.stops, outcome.sizes
    if outcome.failed >= 0:
        report.fail(outcome.failed, carried(outcome.error))
    table, data = run.table, run.data
    table.noted.update(outcome.noted)
    layers, layer_of, slot_bytes, output_at = table.layers, table.layer_of, table.slot_bytes, table.output_at
    owned = [
        _owned(told, lease_of, granted, asker) if type(told) is tuple else told for told in outcome.values
    ]
    values = iter(owned)
    for done, (task, size) in enumerate(zip(report.done, report.sizes, strict=True)):
        _, first_task, slot, noutputs, _, _ = layers[layer_of[task]]
        slot += (task - first_task) * noutputs
        try:
            for _ in range(noutputs):
                value = next(values)
                if run.stopping:
                    break
                if type(value) is Packed:
                    value.sign(Mark(worker, run.log.number, task))
                data[slot] = value
                slot_bytes[slot] = size if noutputs == 1 else size_of(value)
                if output_at[slot]:
                    deliver(run, slot, value)
                slot += 1
        except Exception as error:  # a block that its taker cannot use
            del report.stops[done:], report.starts[done:], report.sizes[done:]
            report.fail(task, error)
            break
    return report


def fetch_stored(run: Run, batch: list[int], shipment: Shipment) -> Report:
    """Blocks that are there already: they only take their place in the run."""
    report = Report(batch)
    table, data = run.table, run.data
    task = batch[0]
    try:
        for task in batch:
            start = perf_counter()
            number = table.layer_of[task]
            _, first_task, first_slot, *_ = table.layers[number]
            slot = first_slot + task - first_task
            block = shipment.stored[number].refs[task - first_task].packed()  # type: ignore[attr-defined]
            data[slot] = block
            table.slot_bytes[slot] = 0  # booked already, by whoever stored it
            if table.output_at[slot]:
                deliver(run, slot, block)
            report.starts.append(start)
            report.stops.append(perf_counter())
            report.sizes.append(0)
    except BaseException as error:
        report.fail(task, error)
    return report


def look(run: Run, process: Process) -> None:
    """Keep what the process takes now, every now and then."""
    now = perf_counter()
    workload = run.log.workload
    if workload.due(process.name, now):
        usage = process.usage()
        if usage.own_bytes or usage.mapped_bytes:
            workload.look(
                process.name,
                now,
                own=usage.own_bytes,
                mapped=usage.mapped_bytes,
                processor=usage.processor_seconds,
                limit=process.memory_limit,
            )


def deliver(run: Run, slot: int, block: Any) -> None:
    """Hand an output to whoever asked for it."""
    if type(block) is not Packed:
        run.deliver(slot, block)
        return
    for position in run.table.positions_of(slot):
        run.delivery.put_packed(position, block)


def _owned(
    told: tuple[Any, ...], lease_of: Callable[[int], Lease], granted: Granted, asker: Asker | None
) -> Packed | None:
    """A block that a worker has made, as the store's own; None for one that was read already, and is gone."""
    if not told:
        return None
    where, arena, starts, kind, header, sizes, inline, weight, start, size, numbers = told
    shape = Shape(kind, header, sizes)
    if where == INLINE:
        found = Packed(shape, weight, inline=inline)
    else:
        lease = lease_of(start) if where == ALIAS else granted.own(arena, start, size)
        found = Packed(shape, weight, lease, starts)
    if numbers and asker is not None:
        found.holds = tuple(map(asker.held, numbers))
        for number in numbers:
            asker.let_go(number)  # it was kept until now
    return found
