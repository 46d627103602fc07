"""Delayed calls: wrap functions, call them as usual, compute later. `delayed` and `Delayed` are the public names."""

from chunkscope.delayed.lazy import Delayed, delayed

__all__ = ["Delayed", "delayed"]
