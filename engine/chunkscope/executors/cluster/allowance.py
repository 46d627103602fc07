"""How many bytes the tasks that run in a group of workers may hold, so that every worker stays within its limit.

Blocks that no running task reads can move to disk. What has to be in memory is what running tasks read, make and need
beside it, and what processes hold by themselves. So a task is let in when

- its inputs, outputs and temporaries fit into its worker beside those of the others that run there, and
- its inputs and outputs fit into shared memory beside those of all others that run,

or when nothing else runs there: a task that cannot fit alone is refused before its run starts, where its sizes are
known; where they are bounds or guesses it is tried, alone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.blocks import claims
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.packing import INLINE_BYTES, Packed
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import MemoryBudgetError
from chunkscope.executors.cluster.process import USUAL_FLOOR, Process
from chunkscope.executors.remedies import cut_smaller
from chunkscope.graph import Strategy
from chunkscope.scheduler.forecast import forecast
from chunkscope.scheduler.tables import needs
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chunkscope.executors.pool import Place
    from chunkscope.executors.run import Run
    from chunkscope.graph import Graph

__all__ = ["Allowance"]

SHARED_SHARE = 0.6
"""Of all limits together: what blocks in shared memory may take, less what tasks need beyond the rest."""
LEAST_SHARE = 0.1
ROOM_SHARE = 0.9
"""Of a worker's limit: what predictions may fill."""
SMALL_BATCH = 8
"""Batches of so many tasks are let in unseen: their tasks take a fraction of a millisecond each."""
MOST_OWNERS = 3
MOST_TOLD = 200
"""Of a run in which more tasks have to wait for a worker's memory only these are told of."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes that a batch needs while it runs."""

    inputs: int = 0
    outputs: int = 0
    temporaries: int = 0

    def __add__(self, other: Need) -> Need:
        return Need(
            self.inputs + other.inputs, self.outputs + other.outputs, self.temporaries + other.temporaries
        )

    @property
    def total(self) -> int:
        """What it takes of its worker."""
        return self.inputs + self.outputs + self.temporaries

    @property
    def own(self) -> int:
        """What the process holds by itself."""
        return self.outputs + self.temporaries

    @property
    def shared(self) -> int:
        """What it takes of shared memory."""
        return self.inputs + self.outputs


class Allowance:
    """The memory accounts of a group. Thread-safe."""

    def __init__(self, limit: int, n_workers: int, spill: bool = True) -> None:
        """`limit`: bytes for each worker."""
        self.limit = limit
        self.spill = spill
        self._n_workers = n_workers
        self._lock = threading.Lock()
        self._seated: dict[tuple[int, int], Place] = {}
        self._held: dict[tuple[int, int], tuple[Process, Need, Place]] = {}
        self._waiting: dict[int, Run] = {}
        self._told: dict[int, set[int]] = {}
        self._closed = False
        self.resize(n_workers)

    @property
    def shared_limit(self) -> int:
        """Bytes that blocks in shared memory may take now."""
        total = self.limit * self._n_workers
        rest = (1 - SHARED_SHARE) * self.limit
        own: dict[Process, int] = {}
        for process, need, _ in list(self._held.values()):
            own[process] = own.get(process, process.idle_bytes) + need.own
        beyond = sum(max(0.0, nbytes - rest) for nbytes in own.values())
        return int(max(SHARED_SHARE * total - beyond, LEAST_SHARE * total))

    def resize(self, n_workers: int) -> None:
        """There are so many workers now."""
        self._n_workers = n_workers
        self._hold_shared()

    def close(self) -> None:
        """Let go of all, for good: a lane may still be on its way to `settle`."""
        with self._lock:
            self._closed = True
            SPILLER.allow(self, None)

    def _hold_shared(self) -> None:
        with self._lock:
            if self.spill and not self._closed:
                SPILLER.allow(self, self.shared_limit)

    # -- before a run ---------------------------------------------------------------------------------------

    def check(self, run: Run) -> None:
        """Raise MemoryBudgetError where a run can never fit: a task of known sizes, or without disk the whole plan."""
        for graph in run.log.graphs:
            self._check(graph)
        if not self.spill and run.log.ranks is not None:
            self._check_memory(run.log.graph, run.log.ranks, run.delivery.keeps_packed)

    def _check(self, graph: Graph) -> None:
        room = self.room(None)
        if int(graph.slot_bytes.sum()) + int(graph.scratch.max(initial=0)) <= room:
            return
        inputs, own = _inputs(graph), needs(graph)
        exact = np.array([layer.exact for layer in graph.layers])[graph.layer_of]
        total = np.where(exact, inputs + own, 0)
        task = int(total.argmax())
        if total[task] <= room:
            return
        layer = graph.layers[int(graph.layer_of[task])]
        raise MemoryBudgetError(
            f"memory_limit={format_bytes(self.limit)} is too small for {layer.op!r}: task "
            f"{graph.key(graph.first_task + task)} needs {format_bytes(int(total[task]))} at once "
            f"({format_bytes(int(inputs[task]))} that it reads, {format_bytes(int(own[task]))} that it makes), and a "
            f"worker has room for {format_bytes(room)} beside what it holds by itself; use memory_limit="
            f"'{-(-int((int(total[task]) + USUAL_FLOOR) / ROOM_SHARE) // 10**6)}MB' or more for each worker, or "
            f"{cut_smaller(layer)}"
        )

    def _check_memory(self, graph: Graph, ranks: NDArray[np.int64], keep_outputs: bool) -> None:
        """Raise MemoryBudgetError where blocks would have to move to disk, in a cluster that may not do that."""
        sizes = np.where(graph.slot_bytes < INLINE_BYTES, 0, graph.slot_bytes)  # those travel in messages
        for number, layer in enumerate(graph.layers):
            if layer.strategy is Strategy.STORED:  # held already
                sizes[graph.slot_ptr[number] : graph.slot_ptr[number + 1]] = 0
        memory = forecast(replace(graph, slot_bytes=sizes), ranks, keep_outputs=keep_outputs)
        held, room = ARENAS.used_bytes, self.shared_limit
        if held + memory.floor_bytes <= room:
            return
        layer = graph.layer_at(memory.peak_task)
        owners = sorted((one for one in claims() if one.nbytes), key=lambda one: -one.nbytes)[:MOST_OWNERS]
        names = ", ".join(
            f"{one.label or one.operation or 'persist'} {format_bytes(one.nbytes)}" for one in owners
        )
        raise MemoryBudgetError(
            f"the blocks of this plan do not fit in memory, and this cluster may not write to disk (spill=False): "
            f"{format_bytes(memory.floor_bytes)} are needed at once, in operation {layer.op!r}, beside "
            f"{format_bytes(held)} that are held already{f' ({names})' if names and held else ''}; its "
            f"{format_count(self._n_workers, 'worker')} of {format_bytes(self.limit)} share {format_bytes(room)}; let "
            f"blocks go that you need no more, use a larger memory_limit or spill=True, or {cut_smaller(layer)}"
        )

    def room(self, process: Process | None) -> int:
        """Bytes that running tasks may take of a worker."""
        floor = USUAL_FLOOR if process is None else process.floor_bytes()
        return max(int(ROOM_SHARE * self.limit) - floor, 0)

    # -- while it runs --------------------------------------------------------------------------------------

    def sit(self, run: Run, lane: int, place: Place) -> None:
        """The tasks of a lane run where the member of that place is."""
        self._seated[run.log.number, lane] = place

    def leave(self, run: Run, lane: int) -> None:
        """The lane has nothing more to do there; it may be later than the run."""
        self.release(run, lane)
        self._seated.pop((run.log.number, lane), None)

    def admit(self, run: Run, lane: int, batch: list[int]) -> int:
        """How many tasks of a batch may start now. Called under the lock of the run."""
        if len(batch) >= SMALL_BATCH:
            return len(batch)
        number = run.log.number
        own_place = self._seated[number, lane]
        process: Process = own_place.member.process
        with self._lock:
            here = everywhere = 0
            others_here = others = False
            for other, need, place in self._held.values():
                everywhere += need.shared
                here += need.total if other is process else 0
                if not place.left:  # a task that waits for others will not make room before they have run
                    others = True
                    others_here = others_here or other is process
            room, shared = self.room(process), self.shared_limit
            found = Need()
            admitted = 0
            for task in batch:
                need = found + self._need(run, task)
                first = not admitted
                if need.total + here > room and not (first and not others_here):
                    if first:
                        self._tell(run, task, need.total, f"{process.name} has", room - here)
                    break
                taken = need.shared + everywhere if self.spill else ARENAS.used_bytes + need.outputs
                if taken > shared and not (first and not others):
                    if first:
                        self._tell(run, task, need.shared, "shared memory has", shared - taken + need.shared)
                    break
                found, admitted = need, admitted + 1
            if admitted:
                self._held[number, lane] = process, found, own_place
                self._waiting.pop(number, None)
            else:
                self._waiting[number] = run
        return admitted

    def release(self, run: Run, lane: int) -> None:
        """What a lane was at is done. Called without the lock of any run."""
        with self._lock:
            if self._held.pop((run.log.number, lane), None) is None:
                return
        self.look_again(run)

    def look_again(self, but: Run | None = None) -> None:
        """Have runs that wait for memory look again; `but` will do that by itself."""
        with self._lock:
            waiting = [run for run in self._waiting.values() if run is not but]
            self._waiting.clear()
        for run in waiting:
            run.unblock()

    def settle(self) -> None:
        """Have shared memory keep to what it may take now. Called without the lock of any run: blocks may move."""
        if self.spill:
            self._hold_shared()
            SPILLER.make_room()

    def end(self, run: Run) -> None:
        """The run is over."""
        number = run.log.number
        with self._lock:
            self._waiting.pop(number, None)
            self._told.pop(number, None)
        for key in [key for key in list(self._held) if key[0] == number]:
            self.release(run, key[1])

    def _need(self, run: Run, task: int) -> Need:
        """What one task needs: sizes as measured where blocks are there, else as predicted."""
        table, data = run.table, run.data
        slot_bytes = table.slot_bytes
        _, first_task, slot, noutputs, *_ = table.layers[table.layer_of[task]]
        inputs = 0
        for read in table.deps[table.dep_ptr[task] : table.dep_ptr[task + 1]]:
            value = data[read]
            inputs += value.nbytes if type(value) is Packed else slot_bytes[read]
        slot += (task - first_task) * noutputs
        outputs = sum(slot_bytes[slot : slot + noutputs])
        return Need(inputs, outputs, max(run.machine.need_of(task) - outputs, 0))

    def _tell(self, run: Run, task: int, need: int, who: str, room: int) -> None:
        told = self._told.setdefault(run.log.number, set())
        if task not in told and len(told) < MOST_TOLD:
            told.add(task)
            run.log.tell(
                "held",
                f"{run.machine.key(task)} waits for memory: it needs {format_bytes(need)} while it runs, and {who} "
                f"{format_bytes(max(room, 0))} left beside what runs",
                task,
            )


def _inputs(graph: Graph) -> NDArray[np.int64]:
    """Bytes that each task reads; blocks of earlier segments are not counted."""
    local = graph.deps - graph.first_slot
    sizes = np.where(local >= 0, graph.slot_bytes[np.maximum(local, 0)], 0) if len(local) else local
    total = np.concatenate([[0], np.cumsum(sizes)])
    found: NDArray[np.int64] = total[graph.dep_ptr[1:]] - total[graph.dep_ptr[:-1]]
    return found
