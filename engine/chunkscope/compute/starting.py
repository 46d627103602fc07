"""Computing collections in the background: the whole value of each goes to a place that outlives the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chunkscope.compute.protocol import Assembler, Collection
from chunkscope.compute.run import Assembling, ordered, prepared_for
from chunkscope.compute.settings import Settings
from chunkscope.executors import enter, launch
from chunkscope.executors.wanted import Wanted

if TYPE_CHECKING:
    from chunkscope.blocks import StoredBlock
    from chunkscope.executors import Run
    from chunkscope.executors.opened import Opened

__all__ = ["start"]


def start(
    collections: Sequence[Collection],
    places: Sequence[StoredBlock],
    *,
    executor: Opened,
    optimize_graph: bool = True,
    priority: float = 0.0,
    label: str = "",
) -> Run:
    """Start computing collections together on an open executor, and return at once.

    `places` gets the value of each when all are there, or what a task raised. They are held weakly: where nobody has
    one of them any more, the work ends.
    """
    wanted = Wanted()
    refs = list(map(wanted.ref, places))
    settings = Settings(executor.name, executor.lanes(), None, executor.start)
    prepared = prepared_for(collections, None if optimize_graph else False, settings)
    assemblers: list[Assembler] = [
        collection.__chunkscope_assembler__(place.shape)
        for collection, place in zip(collections, prepared.places, strict=True)
    ]

    def finish(run: Run) -> None:
        for assembler, ref in zip(assemblers, refs, strict=True):
            place = ref()
            if place is None or place.done:
                continue
            if run.error is not None:
                place.fail(run.error)
                continue
            try:
                place.fill(assembler.result())
            except Exception as error:
                place.fail(error)

    order = ordered(prepared, list(map(Assembling, assemblers)), settings, label, (), priority)
    run = enter(order)
    wanted.of(run)
    run.on_end.append(finish)
    launch(run, order)
    return run
