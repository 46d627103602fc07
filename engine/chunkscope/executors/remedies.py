"""What would help where a plan needs more memory than there is."""

from __future__ import annotations

from chunkscope.graph import Layer, Strategy

__all__ = ["cut_smaller"]


def cut_smaller(layer: Layer) -> str:
    """What to cut so that a plan fits. No size is named: how much less it needs depends on what is kept for later."""
    if layer.strategy is Strategy.CALL:
        return "give each call less to do"
    told = "chunkscope.plan(x) tells what a plan needs"
    if layer.frame is not None:
        return (
            f"smaller partitions: blocksize= of the reader, or more by x.repartition(npartitions=...); {told}"
        )
    return f"smaller chunks where the arrays are made: {told}"
