"""What a client asks of workers rather than of the cluster: functions on each of them, plugins, logs, stacks."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.benchmark import measure
from chunkscope.futures.gathering import futures_in
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.plugins import UploadFile, WorkerPlugin
from chunkscope.futures.staff import finished
from chunkscope.observe import runs

if TYPE_CHECKING:
    from chunkscope.futures.workers import Worker

__all__ = ["OnWorkers"]

ON_ERROR = ("raise", "return", "ignore")


class OnWorkers(ClientParts):
    """The methods of a client that reach the workers themselves, beside what they run."""

    @offloaded
    def run(
        self,
        function: Callable[..., Any],
        *args: Any,
        workers: Collection[str] | str | None = None,
        wait: bool = True,
        nanny: bool = False,
        on_error: Literal["raise", "return", "ignore"] = "raise",
        **kwargs: Any,
    ) -> Any:
        """What `function(*args, **kwargs)` gives on each worker, by its name, at once, beside what they run.

        A function that takes `dask_worker` gets the `Worker`. on_error: "raise" the first exception, "return" it in the
        place of the value, or "ignore" workers that raised. With `wait=False` nothing is returned.

        >>> from chunkscope import Client
        >>> with Client(processes=False, n_workers=2) as client:
        ...     client.run(abs, -1)
        {'0': 1, '1': 1}
        """
        self.check_open()
        if nanny:
            raise ConfigError(
                "run(nanny=True): workers have no nanny processes; run(function) asks the workers"
            )
        if on_error not in ON_ERROR:
            raise ConfigError(f"on_error={on_error!r} is not known; use 'raise', 'return' or 'ignore'")
        crew = self.cluster.crew
        names = crew.check(workers)
        ask = partial(crew.each, partial(_perform, function, args, kwargs), names)
        if not wait:
            self.background(ask)
            return None
        found = ask()
        for told in found.values():
            if isinstance(told, Exception) and on_error == "raise":
                raise told
        if on_error == "ignore":
            return {name: told for name, told in found.items() if not isinstance(told, Exception)}
        return found

    @offloaded
    def run_on_scheduler(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What `function(*args, **kwargs)` gives here, where the scheduler is; `dask_scheduler` is the cluster."""
        self.check_open()
        if _takes(function, "dask_scheduler"):
            kwargs["dask_scheduler"] = self.cluster
        return finished(function(*args, **kwargs))

    # -- plugins -----------------------------------------------------------------------------------------------

    @offloaded
    def register_plugin(self, plugin: Any, name: str | None = None) -> Any:
        """Have a WorkerPlugin on every worker, those that start later too, or tell a SchedulerPlugin of the cluster.

        Returns the state by worker. Raises what a plugin's `setup` or `start` raises.
        """
        self.check_open()
        return self.cluster.plugins.register(plugin, name)

    register_worker_plugin = register_scheduler_plugin = register_plugin

    @offloaded
    def unregister_worker_plugin(self, name: str, nanny: bool | None = None) -> Any:
        """Tear a plugin of the workers down."""
        if nanny:
            raise ConfigError("unregister_worker_plugin(nanny=True): workers have no nanny processes")
        return self.cluster.plugins.unregister_worker(name)

    @offloaded
    def unregister_scheduler_plugin(self, name: str) -> Any:
        """Tell a plugin of the cluster no more."""
        self.cluster.plugins.unregister_scheduler(name)

    @offloaded
    def register_worker_callbacks(self, setup: Callable[..., Any] | None = None) -> Any:
        """Have `setup()`, or `setup(dask_worker=...)`, called on every worker, those that start later too."""
        self.check_open()
        return self.cluster.plugins.register(_Callback(setup))

    @offloaded
    def upload_file(self, filename: str, load: bool = True) -> Any:
        """Have workers import a file of code as it is now: a module, a zip or an egg. `load`: import it at once."""
        self.check_open()
        return self.cluster.plugins.register(UploadFile(filename, load))

    # -- what they say -----------------------------------------------------------------------------------------

    @offloaded
    def get_worker_logs(
        self, n: int | None = None, workers: Collection[str] | None = None, nanny: bool = False
    ) -> Any:
        """The last `n` lines of each worker, (level, text): what happened to it, and what its tasks said.

        Nothing of workers that are threads: what their tasks say goes where this process's own text goes.
        """
        crew = self.cluster.crew
        found = crew.said(crew.check(workers))
        return {
            name: tuple(("INFO", text) for _, text in (lines if n is None else lines[-n:] if n else ()))
            for name, lines in found.items()
        }

    @offloaded
    def get_scheduler_logs(self, n: int | None = None) -> Any:
        """The last `n` lines of what happened to the cluster, (level, text). Of runs: `run.notices`."""
        return tuple(("INFO", text) for _, text in self.cluster.journal.lines(n))

    @offloaded
    def forward_logging(self, logger_name: str | None = None, level: int | str = logging.NOTSET) -> Any:
        """Hand records of a logger on to the loggers here, from `level` on. They are anyway, until told otherwise.

        Which records there are is said by the levels of the loggers of this process.
        """
        self.cluster.plugins.register(_Forward(logger_name, logging._checkLevel(level)))  # type: ignore[attr-defined]

    @offloaded
    def unforward_logging(self, logger_name: str | None = None) -> Any:
        """Hand records of a logger on no more."""
        self.cluster.plugins.register(_Forward(logger_name, None))

    # -- what they do ------------------------------------------------------------------------------------------

    @offloaded
    def call_stack(self, futures: Any = None, keys: Collection[str] | None = None) -> Any:
        """The calls that each running task is in, outermost first: {worker: {key: [text]}}.

        Of all tasks, or of those of `futures` or `keys`. Workers that run none of them are left out.
        """
        wanted = None if keys is None else set(keys)
        if futures is not None:
            wanted = (wanted or set()) | {future.key for future in futures_in(futures)}
        names = self.keys_by_place()
        logs = {log.number: log for log in runs()}
        found: dict[str, dict[str, list[str]]] = {}
        for worker, stacks in self.cluster.crew.stacks().items():
            for place, stack in stacks.items():
                log = logs.get(place[0])
                key = names.get(place) or (str(log.graph_at(place[1]).key(place[1])) if log else str(place))
                if wanted is None or key in wanted:
                    found.setdefault(worker, {})[key] = stack
        return found

    @offloaded
    def benchmark_hardware(self) -> Any:
        """What this machine does, in bytes per second by size: "memory", "disk", and "network", between workers.

        Takes about a second. Between workers there is no network: a block is written to memory that all of them read.
        """
        self.check_open()
        crew = self.cluster.crew
        found: dict[str, dict[str, float]] = {"memory": {}, "disk": {}, "network": {}}
        told = crew.each(measure, crew.names()[:1])
        for result in told.values():
            if isinstance(result, Exception):
                raise result
            found.update(result)
        found["network"] = self.passing_speed()
        return found


def _perform(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], worker: Worker
) -> Any:
    """On a worker: call a function of the user's."""
    if _takes(function, "dask_worker"):
        kwargs = {**kwargs, "dask_worker": worker}
    return finished(function(*args, **kwargs))


def _takes(function: Callable[..., Any], name: str) -> bool:
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


class _Callback(WorkerPlugin):
    """What `register_worker_callbacks` has workers do."""

    def __init__(self, function: Callable[..., Any] | None) -> None:
        self._function = function

    def setup(self, worker: Worker) -> None:
        """Call it."""
        if self._function is not None:
            _perform(self._function, (), {}, worker)


class _Forward(WorkerPlugin):
    """From which level on a worker hands the records of a logger on; None: not at all."""

    def __init__(self, logger: str | None, level: int | None) -> None:
        self.name = f"forward-logging-{logger or 'root'}"
        self._logger = logger or ""
        self._level = level

    def setup(self, worker: Worker) -> None:
        """Have it so. Threads of the cluster's process log there in any case."""
        from chunkscope.executors.cluster.forward import FORWARDED

        FORWARDED[self._logger] = self._level
