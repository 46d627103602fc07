"""Watching and profiling runs from code: progress, callbacks, profiles, reports. All of it is read from the run log.

Bokeh, psutil, memory_profiler and IPython are imported by what needs them, when it is used.
"""

from chunkscope.diagnostics.callback import Callback
from chunkscope.diagnostics.memory_owners import memory_owners
from chunkscope.diagnostics.memory_profiler import MemoryProfiler
from chunkscope.diagnostics.memory_sampler import MemorySampler
from chunkscope.diagnostics.prediction import what_if
from chunkscope.diagnostics.profiler import CacheProfiler, Profiler
from chunkscope.diagnostics.progress import progress
from chunkscope.diagnostics.progress_bar import ProgressBar
from chunkscope.diagnostics.report import performance_report
from chunkscope.diagnostics.resource_profiler import ResourceProfiler
from chunkscope.diagnostics.task_stream import get_task_stream
from chunkscope.diagnostics.visualizing import visualize

__all__ = [
    "CacheProfiler",
    "Callback",
    "MemoryProfiler",
    "MemorySampler",
    "Profiler",
    "ProgressBar",
    "ResourceProfiler",
    "get_task_stream",
    "memory_owners",
    "performance_report",
    "progress",
    "visualize",
    "what_if",
]
