"""Chunked arrays, tables and delayed calls, and everything that can be seen of their computation.

The names below are imported when they are first used, so that `import chunkscope` costs next to nothing.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.compute import compute, explain, is_collection, optimize, persist, plan, simulate
    from chunkscope.delayed import Delayed, delayed
    from chunkscope.diagnostics import what_if
    from chunkscope.display import visualize  # type: ignore[no-redef]
    from chunkscope.futures import (
        CancelledError,
        Client,
        Event,
        Future,
        LocalCluster,
        Lock,
        MultiLock,
        Queue,
        Semaphore,
        Variable,
        as_completed,
        default_client,
        fire_and_forget,
        futures_of,
        get_client,
        wait,
    )
    from chunkscope.observe import RunLog, last_run, runs
    from chunkscope.observe.compare import compare
    from chunkscope.observe.recording import load

__version__ = "0.1.0"

_HOME = {
    "Actor": "chunkscope.futures",
    "ActorFuture": "chunkscope.futures",
    "BaseActorFuture": "chunkscope.futures",
    "Adaptive": "chunkscope.futures",
    "CancelledError": "chunkscope.futures",
    "Client": "chunkscope.futures",
    "Delayed": "chunkscope.delayed",
    "Environ": "chunkscope.futures",
    "Event": "chunkscope.futures",
    "ForwardOutput": "chunkscope.futures",
    "Future": "chunkscope.futures",
    "KilledWorker": "chunkscope.futures",
    "LocalCluster": "chunkscope.futures",
    "Lock": "chunkscope.futures",
    "MemorySampler": "chunkscope.diagnostics",
    "MultiLock": "chunkscope.futures",
    "Queue": "chunkscope.futures",
    "Reschedule": "chunkscope.futures",
    "RunLog": "chunkscope.observe",
    "SchedulerPlugin": "chunkscope.futures",
    "Semaphore": "chunkscope.futures",
    "UploadDirectory": "chunkscope.futures",
    "UploadFile": "chunkscope.futures",
    "Variable": "chunkscope.futures",
    "Worker": "chunkscope.futures",
    "WorkerPlugin": "chunkscope.futures",
    "as_completed": "chunkscope.futures",
    "compare": "chunkscope.observe.compare",
    "compute": "chunkscope.compute",
    "default_client": "chunkscope.futures",
    "delayed": "chunkscope.delayed",
    "explain": "chunkscope.compute",
    "fire_and_forget": "chunkscope.futures",
    "futures_of": "chunkscope.futures",
    "get_client": "chunkscope.futures",
    "get_task_metadata": "chunkscope.futures",
    "get_task_stream": "chunkscope.diagnostics",
    "get_worker": "chunkscope.futures",
    "is_collection": "chunkscope.compute",
    "last_run": "chunkscope.observe",
    "load": "chunkscope.observe.recording",
    "local_client": "chunkscope.futures",
    "optimize": "chunkscope.compute",
    "performance_report": "chunkscope.diagnostics",
    "persist": "chunkscope.compute",
    "plan": "chunkscope.compute",
    "print": "chunkscope.futures",
    "progress": "chunkscope.diagnostics",
    "rejoin": "chunkscope.futures",
    "runs": "chunkscope.observe",
    "secede": "chunkscope.futures",
    "simulate": "chunkscope.compute",
    "span": "chunkscope.futures",
    "sync": "chunkscope.futures",
    "visualize": "chunkscope.display",
    "wait": "chunkscope.futures",
    "warn": "chunkscope.futures",
    "what_if": "chunkscope.diagnostics",
    "worker_client": "chunkscope.futures",
}
_UNOFFERED = frozenset(
    (
        *(
            "CompatibleExecutor",
            "CondaInstall",
            "InstallPlugin",
            "Nanny",
            "NannyPlugin",
            "PipInstall",
            "SSHCluster",
        ),
        *("Scheduler", "Security", "SpecCluster", "Status", "SubprocessCluster", "connect", "rpc"),
    )
)
"""Names of other programs that have no meaning here: they are there to say so, and what to use."""
_MODULES = ("array", "config", "dataframe", "diagnostics", "errors", "futures")

__all__ = [
    "Actor",
    "ActorFuture",
    "BaseActorFuture",
    "Adaptive",
    "CancelledError",
    "Client",
    "Delayed",
    "Environ",
    "Event",
    "ForwardOutput",
    "Future",
    "KilledWorker",
    "LocalCluster",
    "Lock",
    "MemorySampler",
    "MultiLock",
    "Queue",
    "Reschedule",
    "RunLog",
    "SchedulerPlugin",
    "Semaphore",
    "UploadDirectory",
    "UploadFile",
    "Variable",
    "Worker",
    "WorkerPlugin",
    "as_completed",
    "compare",
    "compute",
    "default_client",
    "delayed",
    "explain",
    "fire_and_forget",
    "futures_of",
    "get_client",
    "get_task_metadata",
    "get_task_stream",
    "get_worker",
    "is_collection",
    "last_run",
    "load",
    "local_client",
    "optimize",
    "performance_report",
    "persist",
    "plan",
    "print",
    "progress",
    "rejoin",
    "runs",
    "secede",
    "simulate",
    "span",
    "sync",
    "visualize",
    "wait",
    "warn",
    "what_if",
    "worker_client",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in _MODULES:
        return import_module(f"chunkscope.{name}")
    elif name in _UNOFFERED:
        value = getattr(import_module("chunkscope.futures"), name)
    else:
        raise AttributeError(f"chunkscope has no attribute {name!r}")
    globals()[name] = value
    return value


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext chunkscope` calls: adds the magics `%%chunkscope` and `%chunkmem`."""
    from chunkscope.diagnostics.magics import ChunkscopeMagics

    shell.register_magics(ChunkscopeMagics)


class _Package(ModuleType):
    """This package: `compute` and `delayed` are functions here, although packages have the same names."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (
            name in _HOME and isinstance(value, ModuleType)
        ):  # the import system binds submodules by their name
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

if "ipykernel" in sys.modules:  # whatever a notebook makes from now on can be traced to its cell
    from chunkscope.cells import watch_cells

    watch_cells()


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME, *_MODULES})
