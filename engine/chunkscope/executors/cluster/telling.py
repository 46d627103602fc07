"""What a stand-in tells its process before a batch: runs, kernels, inputs, each once, and the batch itself."""

from __future__ import annotations

import pickle
from collections import deque
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.allocator import whole_pages
from chunkscope.blocks.arenas import ARENAS, Arenas, Lease
from chunkscope.blocks.packing import INLINE_BYTES, Packed, is_plain, pack
from chunkscope.blocks.spilling import SPILLER
from chunkscope.executors.cluster import wire
from chunkscope.executors.cluster.channel import Channel
from chunkscope.executors.cluster.forkserver import environment
from chunkscope.executors.cluster.grants import Granted
from chunkscope.executors.cluster.process import Process
from chunkscope.executors.table import is_asked_for, slots_made

if TYPE_CHECKING:
    from chunkscope.executors.cluster.shipment import Shipment
    from chunkscope.executors.run import Run

__all__ = ["Teller"]

_NONE: frozenset[int] = frozenset()


class Teller:
    """What one thread of a worker process was told, and what it is told next."""

    _channel: Channel
    _world: dict[str, Any]

    def __init__(self, process: Process, thread: int) -> None:
        self.process = process
        self.thread = thread
        """Which of the process's threads it stands for."""
        self._arenas: set[int] = set()
        self._runs: dict[int, int] = {}  # versions of the runs that it knows
        self._over: deque[int] = deque()
        self._tells_soon = False
        self._kernels: dict[int, set[int]] = {}

    def _introduce(self, run: Run, shipment: Shipment) -> None:
        """Tell the process what it does not know yet: that runs are over, of this run, where the parent is now."""
        channel = self._channel
        self._tell_over()
        gone = self._arenas - SPILLER.numbers
        if gone:
            self._arenas -= gone
            channel.send(wire.GONE, pickle.dumps(gone))
        number = run.log.number
        if self._runs.get(number) != shipment.version:
            opening = shipment.opening()
            world = environment()
            if world != self._world:
                self._world = world
                channel.send(wire.WORLD, pickle.dumps(world))
            for lease in shipment.pinned:
                self._show(lease)
            channel.send(wire.OPEN, opening)
            self._runs[number] = shipment.version
            self._kernels.setdefault(number, set())

    def _tell_over(self) -> None:
        self._tells_soon = False
        over = []
        while self._over:
            number = self._over.popleft()
            self._kernels.pop(number, None)
            if self._runs.pop(number, None) is not None:
                over.append(number)
        if over:
            self._channel.send(wire.CLOSE, pickle.dumps(over))

    def _show(self, lease: Lease) -> None:
        self._show_arena(lease.arenas, lease.extent.arena)

    def _show_arena(self, arenas: Arenas, arena: int) -> None:
        """Hand the process the descriptor of an arena, once."""
        if arena not in self._arenas:
            descriptor, nbytes = arenas.file(arena)
            self._channel.send(wire.ARENA, pickle.dumps((arena, nbytes)), (descriptor,))
            self._arenas.add(arena)

    def _message(
        self,
        run: Run,
        batch: list[int],
        followers: frozenset[int],
        shipment: Shipment,
        grants: Granted,
        leases: dict[int, Lease],
    ) -> bytes:
        """The batch: kernels that are new are sent before it; inputs are in it, or named, or made by it."""
        table, data = run.table, run.data
        layer_of, dep_ptr, deps = table.layer_of, table.dep_ptr, table.deps
        number = run.log.number
        known = self._kernels[number]
        for layer in {layer_of[task] for task in batch}:
            if layer not in known:
                name, lease = shipment.kernel(layer)
                if lease is not None:
                    self._show(lease)
                self._channel.send(wire.KERNEL, pickle.dumps((number, layer, name), protocol=5))
                known.add(layer)
        plain: dict[int, Any] = {}
        packed: dict[int, tuple[Any, ...]] = {}
        made = slots_made(table, batch) if followers else _NONE
        quiet = [task for task in batch if task in followers and not is_asked_for(table, task)]
        for task in batch:
            for slot in deps[dep_ptr[task] : dep_ptr[task + 1]]:
                if slot in made:
                    continue
                value = data[slot]
                if type(value) is not Packed:
                    if is_plain(value):
                        plain[slot] = value
                        continue
                    value = data[slot] = pack(value)
                if slot not in packed:
                    packed[slot], lease = wire.sent_from(value)
                    if lease is not None:
                        leases[lease.number] = lease
                        self._show(lease)
        if shipment.expects_large:
            inner = {slot for task in quiet for slot in deps[dep_ptr[task] : dep_ptr[task + 1]]}
            need = 0
            for slot in slots_made(table, batch) - inner:
                nbytes = table.slot_bytes[slot]
                if nbytes >= INLINE_BYTES:
                    need += whole_pages(nbytes + 1024)
            if need:
                SPILLER.make_room(need)
                extent = ARENAS.allocate(need)
                grants.add(extent)
                self._show_arena(ARENAS, extent.arena)
        return pickle.dumps(
            (number, batch, quiet, plain, packed, [tuple(extent) for extent in grants.extents]), protocol=5
        )
