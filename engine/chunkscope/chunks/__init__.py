"""Chunk geometry: how an array is cut, sliced, aligned and cut anew. Numbers and slices; no tasks, no data."""

from chunkscope.chunks.align import broadcast_shapes, common_sizes, unify
from chunkscope.chunks.grid import ChunkGrid
from chunkscope.chunks.normalize import AUTO_BYTES, normalize_chunks
from chunkscope.chunks.rechunk import AxisOverlap, axis_overlap, block_edges
from chunkscope.chunks.reshape import ReshapePlan, plan_reshape
from chunkscope.chunks.slicing import AxisCut, cut_axis, split_index, take_blocks

__all__ = [
    "AUTO_BYTES",
    "AxisCut",
    "AxisOverlap",
    "ChunkGrid",
    "ReshapePlan",
    "axis_overlap",
    "block_edges",
    "broadcast_shapes",
    "common_sizes",
    "cut_axis",
    "normalize_chunks",
    "plan_reshape",
    "split_index",
    "take_blocks",
    "unify",
]
