"""What workers are told of a run: its integer graph, once each, and every kernel with the first task that needs it."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Sequence
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.blocks.arenas import Lease
from chunkscope.blocks.packing import INLINE_BYTES, Packed, pack
from chunkscope.errors import TransferError
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.executors.cluster.forward import habits, tell_again
from chunkscope.executors.cluster.wire import LayerCard, sent_from
from chunkscope.expr.stored import fetch
from chunkscope.graph import Layer, Strategy
from chunkscope.observe.sampling import SAMPLER

if TYPE_CHECKING:
    from chunkscope.executors.run import Run

__all__ = ["Shipment"]


class Shipment:
    """The parts of one run that travel, made once and shared by all workers. Thread-safe."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._kernels: dict[int, tuple[tuple[Any, ...], Lease | None]] = {}
        self._blocks: list[Packed] = []
        self.pinned: list[Lease] = []
        """The memory of what travels: it stays where it is until the run is over."""
        self._opening = b""
        self.version = -1
        """How many segments `opening` tells of."""
        self.layers: list[Layer] = []
        self.stored: dict[int, fetch] = {}
        """Layers that hand out blocks that are there: no worker is needed for them."""
        self.context: Context = copy_context()
        """Where the run was asked for: what its tasks print belongs there."""
        self.habits = habits()
        self.expects_large = False
        """Whether any block is thought to be too large to travel in a message."""
        self._open()

    def opening(self) -> bytes:
        """The message that opens the run at a worker, or tells it that it has grown."""
        with self._lock:
            graphs = self._run.log.graphs
            if self.version != len(graphs):
                self._open()
        return self._opening

    def _open(self) -> None:
        run = self._run
        graphs, table = run.log.graphs, run.table
        cards = []
        self.layers = [layer for graph in graphs for layer in graph.layers]
        for number, layer in enumerate(self.layers):
            _, first_task, first_slot, *_ = table.layers[number]
            card = LayerCard(
                layer.op,
                layer.strategy.value,
                layer.noutputs,
                layer.scratch_bytes,
                layer.user,
                layer.frame is not None,
                first_task,
                first_slot,
                layer.name,
                layer.grid,
            )
            cards.append(card)
            if layer.strategy is Strategy.STORED and isinstance(layer.kernel, fetch):
                self.stored[number] = layer.kernel
        SERVER.expected.update(_modules(self.layers))
        columns = (
            np.array(table.layer_of, dtype=np.int32),
            np.array(table.dep_ptr, dtype=np.int64),
            np.array(table.deps, dtype=np.int64),
        )
        names = [self._pin(pack(column))[0] for column in columns]
        told = run.log.number, cards, names, self.habits, SAMPLER.interval_of(run.log), run.depth
        self._opening = pickle.dumps(told, protocol=5)
        self.expects_large = bool(np.max(table.slot_bytes, initial=0) >= INLINE_BYTES)
        self.version = len(graphs)

    @property
    def names_things(self) -> bool:
        """Whether something that travels names things of ours: who has it there holds them."""
        return any(block.holds for block in self._blocks)

    def _pin(self, block: Packed) -> tuple[tuple[Any, ...], Lease | None]:
        """The name of a block that workers may read as long as the run goes on."""
        name, lease = sent_from(block)
        self._blocks.append(block)
        if lease is not None:
            self.pinned.append(lease)
        return name, lease

    def kernel(self, number: int) -> tuple[tuple[Any, ...], Lease | None]:
        """The name of a layer's kernel, and its memory. Raises TransferError where it cannot be pickled."""
        with self._lock:
            found = self._kernels.get(number)
            if found is None:
                layer = self.layers[number]
                light = getattr(layer.kernel, "light", None)
                kernel: Any = layer.kernel if light is None else light()
                try:
                    found = self._pin(pack(kernel))
                except Exception as reason:
                    raise TransferError(
                        f"the function of {layer.op!r}, or something that it refers to, cannot be sent to another "
                        f"process ({type(reason).__name__}: {reason}); make such things inside the function, or "
                        "use scheduler='threads'"
                    ) from reason
                self._kernels[number] = found
        return found

    def lease(self, number: int) -> Lease:
        """The lease of that number, which a kernel's data lies in."""
        with self._lock:
            return next(lease for lease in self.pinned if lease.number == number)

    def tell(self, kind: bytes, body: bytes | bytearray) -> str:
        """Print, warn or log here what a task did there; returns it. Nothing that goes wrong touches the run."""
        return self.context.copy().run(tell_again, kind, body)


def _modules(layers: Sequence[Layer]) -> set[str]:
    """Our own modules that the kernels of the layers come from."""
    found = set()
    for layer in layers:
        if layer.strategy not in (Strategy.STORED, Strategy.CALL):
            kernel = getattr(layer.kernel, "func", layer.kernel)
            found.add(str(getattr(kernel, "__module__", "")))
    return {name for name in found if name.startswith("chunkscope.")}
