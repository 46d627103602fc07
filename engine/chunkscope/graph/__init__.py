"""The lowered form of a computation: layers of kernels over block grids, and integer arrays."""

from chunkscope.graph.builder import GraphBuilder, Ragged
from chunkscope.graph.graph import Graph
from chunkscope.graph.layer import FrameShape, Layer, Strategy

__all__ = ["Graph", "GraphBuilder", "FrameShape", "Layer", "Ragged", "Strategy"]
