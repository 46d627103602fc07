"""Names and options that have a meaning elsewhere and none here: asking for one is refused, never overlooked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chunkscope.errors import ConfigError

__all__ = ["UNOFFERED", "refuse", "refuse_client_options", "refuse_cluster_options", "unoffered"]

_WHY = {
    "workers": "any worker may run any task, all read the same memory; leave it out, or say allow_other_workers=True",
    "actors": "only submit and map make actors: client.submit(Counter, actor=True)",
    "resources": "only submit and map take resources; submit the call that needs them",
    "retries": "only submit and map try again; submit the call that may fail",
}


def refuse(method: str, **asked: Any) -> None:
    """Raise ConfigError for the first of these options that asks for something.

    >>> refuse("compute", workers=None, actors=False)
    >>> refuse("compute", actors=True)
    Traceback (most recent call last):
    chunkscope.errors.ConfigError: compute(actors=True): only submit and map make actors: ...
    """
    for name, value in asked.items():
        if value:
            raise ConfigError(f"{method}({name}={value!r}): {_WHY.get(name, 'there is no such option')}")


_NETWORK = "nothing listens on a network: the scheduler is a thread of this process and workers inherit their sockets"
_HARMLESS = frozenset(
    (
        *(
            "loop",
            "start",
            "scheduler_port",
            "worker_dashboard_address",
            "scheduler_sync_interval",
            "silence_logs",
        ),
        *(
            "heartbeat_interval",
            "connection_limit",
            "direct_to_workers",
            "services",
            "worker_services",
            "extensions",
        ),
        *("service_kwargs", "scheduler_kwargs", "blocked_handlers"),
    )
)
"""Options of servers that are not there: asking for none of them, or for the usual, is no mistake."""
_OPTIONS = {
    "host": _NETWORK,
    "ip": _NETWORK,
    "port": _NETWORK,
    "interface": _NETWORK,
    "protocol": f"{_NETWORK}; processes=False has threads of this process for workers, as 'inproc' has",
    "security": f"{_NETWORK}; there is nothing to encrypt",
    "worker_class": "workers are worker processes, or threads with processes=False",
    "serializers": "values are pickled, large ones go through memory that all workers read",
    "deserializers": "values are pickled, large ones go through memory that all workers read",
    "local_directory": "blocks that are moved to disk go to a private folder, removed at the end",
}


def refuse_cluster_options(asked: Mapping[str, Any]) -> None:
    """Raise ConfigError for options of `LocalCluster` that it does not have."""
    for name, value in asked.items():
        if name in _HARMLESS and not value:
            continue
        if name in _OPTIONS and not value:
            continue
        if name in _OPTIONS:
            raise ConfigError(f"LocalCluster({name}={value!r}): {_OPTIONS[name]}")
        unknown = ", ".join(name for name in asked if name not in _HARMLESS)
        raise ConfigError(
            f"LocalCluster takes no {unknown or name}; it takes n_workers, threads_per_worker, processes, "
            "memory_limit, name, resources and asynchronous"
        )


def refuse_client_options(asked: dict[str, Any]) -> dict[str, Any]:
    """The options of `Client` that are its cluster's. Raises ConfigError for those that neither has."""
    left = {}
    for name, value in asked.items():
        if name in ("serializers", "deserializers", "security") and value:
            raise ConfigError(f"Client({name}={value!r}): {_OPTIONS[name]}")
        if name not in (*_OPTIONS, *_HARMLESS) or value:
            left[name] = value
    return left


# -- names ------------------------------------------------------------------------------------------------------

_FORKED = "worker processes are started by LocalCluster, from a fork server of this process"
_KEPT = "a LocalCluster replaces a worker that has died by itself; watch it with a SchedulerPlugin"
_ENVIRONMENT = (
    "workers are started from this environment and have what it has; install here, and restart the cluster"
)

UNOFFERED: dict[str, str] = {
    "CompatibleExecutor": "an executor of concurrent.futures is client.get_executor()",
    "CondaInstall": _ENVIRONMENT,
    "ForwardLoggingPlugin": "records of loggers arrive here anyway; client.forward_logging says from which level on",
    "InstallPlugin": _ENVIRONMENT,
    "MemrayScheduler": "memory is told by run.memory() and the panel",
    "Nanny": _KEPT,
    "NannyPlugin": f"{_KEPT}, and set processes up with a WorkerPlugin",
    "PipInstall": _ENVIRONMENT,
    "SSHCluster": f"{_NETWORK}; for many machines use a cluster of dask.distributed",
    "Scheduler": "the scheduler is a part of LocalCluster; what it decides is in the run log: chunkscope.last_run()",
    "SchedulerUploadFile": "the scheduler is a part of this process: import the module here",
    "Security": f"{_NETWORK}; there is nothing to encrypt",
    "Span": "what a span covered is told by run.tags; mark runs with `with span('x'):`",
    "SpansSchedulerExtension": "mark runs with `with span('x'):` and read run.tags",
    "SpansWorkerExtension": "mark runs with `with span('x'):` and read run.tags",
    "SpecCluster": "LocalCluster has workers of one kind; use LocalCluster(n_workers=..., threads_per_worker=...)",
    "Status": "the status of a cluster, a client, a worker or a future is a word: cluster.status == 'running'",
    "SubprocessCluster": f"{_FORKED}; use LocalCluster()",
    "connect": f"{_NETWORK}; use Client(cluster)",
    "memray_scheduler": "memory is told by run.memory() and the panel; memray itself can run around your program",
    "memray_workers": "memory is told by run.memory() and the panel; memray itself can run around your program",
    "rpc": f"{_NETWORK}; call functions on workers with client.run(f)",
}
"""Public names of dask.distributed that have no meaning here: why, and what to use."""


class _Unoffered(type):
    """What stands in the place of such a name: whatever is asked of it is refused."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        raise ConfigError(f"{cls.__name__} is not offered: {UNOFFERED[cls.__name__]}")

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ConfigError(f"{cls.__name__}.{name} is not offered: {UNOFFERED[cls.__name__]}")


def unoffered(name: str) -> Any:
    """What stands in the place of a name that is not offered. Raises AttributeError for any other name.

    >>> unoffered("Nanny")()
    Traceback (most recent call last):
    chunkscope.errors.ConfigError: Nanny is not offered: a LocalCluster replaces a worker that has died by itself; ...
    """
    if name not in UNOFFERED:
        raise AttributeError(name)
    return _Unoffered(name, (), {"__doc__": f"Not offered: {UNOFFERED[name]}."})
