"""What computing would cost, before anything runs: tasks, bytes read, the peak of memory, and advice on chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chunkscope import config
from chunkscope.compute.prepare import Prepared, prepare
from chunkscope.compute.unpack import unpack
from chunkscope.errors import ConfigError
from chunkscope.executors import default_workers
from chunkscope.graph import Graph, Layer, Strategy
from chunkscope.observe.viewers import page
from chunkscope.scheduler import Forecast
from chunkscope.units import format_bytes, format_count

__all__ = ["Advice", "Operation", "Plan", "plan"]

SMALL_BYTES = 1 << 20
LARGE_BYTES = 512 << 20
MANY_TASKS = 1000


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that would make the run better: why, and the code that does it."""

    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One layer of the plan, for people."""

    op: str
    ntasks: int
    strategy: Strategy
    block_bytes: int
    """Bytes of its largest output block, as predicted."""
    total_bytes: int
    exact: bool
    detail: str


@dataclass(frozen=True)
class Plan:
    """The cost of one run, predicted. Sizes of delayed calls' results are not known before they run."""

    prepared: Prepared
    lanes: int
    budget: int | None

    @property
    def graph(self) -> Graph:
        """The lowered graph."""
        return self.prepared.graph

    @property
    def ntasks(self) -> int:
        """Number of tasks."""
        return self.graph.ntasks

    @property
    def nlayers(self) -> int:
        """Number of operations."""
        return len(self.graph.layers)

    @property
    def read_bytes(self) -> int:
        """Bytes read from files and from the user's own arrays."""
        return self.graph.read_bytes

    @property
    def forecast(self) -> Forecast:
        """Memory over the chosen order."""
        return self.prepared.forecast

    @property
    def peak_bytes(self) -> int:
        """The forecast peak of blocks and declared temporaries, on this plan's number of workers."""
        return self.forecast.peak_bytes

    @cached_property
    def output_bytes(self) -> int:
        """Bytes of the computed values."""
        local = self.graph.outputs - self.graph.first_slot
        return int(self.graph.slot_bytes[local].sum())

    @property
    def exact(self) -> bool:
        """Whether every size is exact; otherwise some are bounds or guesses."""
        return all(layer.exact for layer in self.graph.layers)

    @property
    def doubt(self) -> str:
        """Which sizes are not exact, and what they are; empty where all are exact."""
        inexact = {layer.strategy is Strategy.CALL for layer in self.graph.layers if not layer.exact}
        said = {True: "sizes of delayed calls are guesses", False: "some sizes are upper bounds or estimates"}
        return ", ".join(said[calls] for calls in sorted(inexact))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The layers in order."""
        found = []
        for number, layer in enumerate(self.graph.layers):
            sizes = self.graph.slot_bytes[self.graph.slot_ptr[number] : self.graph.slot_ptr[number + 1]]
            largest = int(sizes.max()) if len(sizes) else 0
            found.append(
                Operation(
                    layer.op,
                    layer.ntasks,
                    layer.strategy,
                    largest,
                    int(sizes.sum()),
                    layer.exact,
                    layer.detail,
                )
            )
        return tuple(found)

    @cached_property
    def advice(self) -> tuple[Advice, ...]:
        """What to change, with the reason, as code; empty when nothing is wrong."""
        found = []
        for layer, operation in zip(self.graph.layers, self.operations, strict=True):
            advice = _advise(layer, operation, self.lanes)
            if advice is not None and advice not in found:
                found.append(advice)
        return tuple(found)

    def describe(self) -> str:
        """The plan in words."""
        lines = [
            f"plan: {format_count(self.ntasks, 'task')} in {format_count(self.nlayers, 'operation')}, "
            f"on {format_count(self.lanes, 'worker')}",
            f"  reads {format_bytes(self.read_bytes)}, makes a result of {format_bytes(self.output_bytes)}"
            + ("" if self.exact else f" ({self.doubt})"),
            f"  peak: {format_bytes(self.peak_bytes)}"
            + (f" of a budget of {format_bytes(self.budget)}" if self.budget is not None else ""),
        ]
        for row in self.operations:
            lines.append(
                f"  {row.op}: {format_count(row.ntasks, 'task')}, {row.strategy.value}, blocks up to "
                f"{format_bytes(row.block_bytes)}" + (f" ({row.detail})" if row.detail else "")
            )
        lines += [f"  advice: {advice.reason}: {advice.code}" for advice in self.advice]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)


def _advise(layer: Layer, operation: Operation, lanes: int) -> Advice | None:
    if layer.chunks is None or not operation.block_bytes:
        return None
    shape = tuple(sum(sizes) for sizes in layer.chunks)
    # A fused reduction gives a few bytes for a large chunk; what it works on shows in its temporaries.
    handled = max(operation.block_bytes, layer.scratch_bytes)
    if operation.ntasks >= MANY_TASKS and handled < SMALL_BYTES // 8:
        return Advice(
            f"{operation.op!r} has {operation.ntasks:,} blocks of only {format_bytes(operation.block_bytes)}: the "
            "bookkeeping of each costs more than its work",
            "chunks='16MiB'",
        )
    if operation.block_bytes > LARGE_BYTES:
        return Advice(
            f"{operation.op!r} has blocks of {format_bytes(operation.block_bytes)}, and {lanes} of them are worked on "
            "at once",
            "chunks='32MiB'",
        )
    if 1 < operation.ntasks < lanes and operation.total_bytes > 16 * SMALL_BYTES and shape:
        rows = max(1, -(-int(np.max(shape)) // (4 * lanes)))
        axis = int(np.argmax(shape))
        return Advice(
            f"{operation.op!r} has {operation.ntasks} blocks for {lanes} workers, so some stay idle",
            f"chunks={{{axis}: {rows}}}",
        )
    return None


def plan(
    *args: Any,
    scheduler: str | None = None,
    num_workers: int | None = None,
    memory: str | int | None = None,
    rules: Sequence[str] | bool | None = None,
) -> Plan:
    """What `compute` with the same arguments would cost. Nothing runs.

    Raises ConfigError when there is no lazy value among the arguments.

    >>> from chunkscope import delayed, plan
    >>> plan(delayed(sum)([1, 2])).ntasks
    1
    """
    collections, _ = unpack(args)
    if not collections:
        raise ConfigError(
            "nothing to plan: give at least one lazy collection, like a delayed call or an array"
        )
    sync = config.get("scheduler", scheduler) == "sync"
    lanes = 1 if sync else config.get("num_workers", num_workers) or default_workers()
    return Plan(prepare(collections, rules=rules, lanes=lanes), lanes, config.get("memory", memory))
