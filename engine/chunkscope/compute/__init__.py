"""From a user's call to a run: compute, persist, optimize, plan, explain, simulate."""

from chunkscope.compute.debugging import Debug
from chunkscope.compute.explanation import Explanation, explain
from chunkscope.compute.plans import Advice, Plan, plan
from chunkscope.compute.prepare import Prepared, prepare
from chunkscope.compute.protocol import Assembler, Collection, is_collection
from chunkscope.compute.run import compute, optimize, persist
from chunkscope.compute.simulation import simulate
from chunkscope.compute.starting import start
from chunkscope.compute.unpack import unpack

__all__ = [
    "Advice",
    "Assembler",
    "Collection",
    "Debug",
    "Explanation",
    "Plan",
    "Prepared",
    "compute",
    "explain",
    "is_collection",
    "optimize",
    "persist",
    "plan",
    "prepare",
    "simulate",
    "start",
    "unpack",
]
