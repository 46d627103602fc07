"""Clusters that stay, and futures: calls that run as soon as they are submitted.

>>> from chunkscope.futures import Client
>>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
...     client.submit(max, [3, 1, 2]).result()
3
"""

from chunkscope.futures.client import Client
from chunkscope.futures.cluster import LocalCluster, clusters
from chunkscope.futures.coordination import Event, Lock, MultiLock, Queue, Semaphore, Variable
from chunkscope.futures.current import default_client
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import futures_in as futures_of
from chunkscope.futures.promise import FutureCancelled as CancelledError
from chunkscope.futures.waiting import as_completed, fire_and_forget, wait

get_client = default_client

__all__ = [
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
    "wait",
]
