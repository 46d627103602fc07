"""Clusters that stay, and futures: calls that run as soon as they are submitted.

>>> from chunkscope.futures import Client
>>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
...     client.submit(max, [3, 1, 2]).result()
3
"""

from importlib import import_module
from typing import Any

from chunkscope.futures.actors import Actor, ActorFuture
from chunkscope.futures.client import Client
from chunkscope.futures.cluster import LocalCluster, clusters
from chunkscope.futures.coordination import Event, Lock, MultiLock, Queue, Semaphore, Variable
from chunkscope.futures.current import default_client
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import futures_of
from chunkscope.futures.inside import (
    get_client,
    get_worker,
    local_client,
    rejoin,
    secede,
    worker_client,
)
from chunkscope.futures.promise import FutureCancelled as CancelledError
from chunkscope.futures.unoffered import unoffered
from chunkscope.futures.waiting import as_completed, fire_and_forget, wait

__all__ = [
    "Actor",
    "ActorFuture",
    "CancelledError",
    "Client",
    "Event",
    "Future",
    "LocalCluster",
    "Lock",
    "MultiLock",
    "Queue",
    "Semaphore",
    "Variable",
    "as_completed",
    "clusters",
    "default_client",
    "fire_and_forget",
    "futures_of",
    "get_client",
    "get_worker",
    "local_client",
    "rejoin",
    "secede",
    "wait",
    "worker_client",
]

_PLACES = {
    "ALL_COMPLETED": "chunkscope.futures.waiting",
    "FIRST_COMPLETED": "chunkscope.futures.waiting",
    "Adaptive": "chunkscope.futures.adaptive",
    "ClientExecutor": "chunkscope.futures.pool_executor",
    "Environ": "chunkscope.futures.plugins",
    "ForwardOutput": "chunkscope.futures.plugins",
    "Reschedule": "chunkscope.executors.faults",
    "SchedulerPlugin": "chunkscope.futures.plugins",
    "TimeoutError": "builtins",
    "UploadDirectory": "chunkscope.futures.plugins",
    "UploadFile": "chunkscope.futures.plugins",
    "Worker": "chunkscope.futures.workers",
    "WorkerPlugin": "chunkscope.futures.plugins",
    "get_task_metadata": "chunkscope.futures.task_metadata",
    "print": "chunkscope.futures.speaking",
    "span": "chunkscope.observe.spans",
    "sync": "chunkscope.futures.asynchronous",
    "warn": "chunkscope.futures.speaking",
}
"""Names that few programs use: imported when they are asked for."""


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        value = getattr(import_module(_PLACES[name]), name)
    elif name == "BaseActorFuture":
        value = import_module("chunkscope.futures.actors").ActorFuture
    elif name == "KilledWorker":
        value = import_module("chunkscope.errors").WorkerDiedError
    else:
        value = unoffered(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
