"""The plugins of one cluster: on its workers, and told in this process."""

from __future__ import annotations

import inspect
import logging
import pickle
import shutil
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import cloudpickle

from chunkscope.blocks.folders import own_folder
from chunkscope.errors import ConfigError, TransferError
from chunkscope.executors.watching import WATCHERS
from chunkscope.futures.plugins import SchedulerPlugin, WorkerPlugin

if TYPE_CHECKING:
    from chunkscope.executors import Run
    from chunkscope.futures.crews import Crew
    from chunkscope.futures.journal import Journal
    from chunkscope.futures.workers import Worker

__all__ = ["Plugins", "install", "remove", "remove_all"]

_log = logging.getLogger("chunkscope.futures")
TEARDOWN_SECONDS = 5.0
LOOK_SECONDS = 0.05


# -- on a worker ------------------------------------------------------------------------------------------------


def install(name: str, body: bytes, base: str, worker: Worker) -> None:
    """Set a plugin up on `worker`, in the place of one with the same name. `base`: where workers have their folders."""
    worker.base = base
    plugin = pickle.loads(body)
    if name in worker.plugins:
        if plugin.idempotent:
            return
        remove(name, worker)
    finished(plugin.setup(worker))
    worker.plugins[name] = plugin
    if watches(plugin):
        tell = _Tell(plugin)
        worker.tells[name] = tell
        if not worker.of_threads:
            WATCHERS.append(tell)


def remove(name: str, worker: Worker) -> None:
    """Tear a plugin down."""
    plugin = worker.plugins.pop(name, None)
    tell = worker.tells.pop(name, None)
    if tell is not None and tell in WATCHERS:
        WATCHERS.remove(tell)
    if plugin is not None:
        finished(plugin.teardown(worker))


def remove_all(worker: Worker) -> None:
    """Tear all plugins down, the newest first."""
    for name in reversed(list(worker.plugins)):
        remove(name, worker)


class _Tell:
    """Tells a plugin of a task."""

    def __init__(self, plugin: WorkerPlugin) -> None:
        self.plugin = plugin

    def __call__(self, key: str, start: str, finish: str) -> None:
        self.plugin.transition(key, start, finish)


def watches(plugin: Any) -> bool:
    """Whether a plugin of workers or of the cluster wants to know of single tasks."""
    base = WorkerPlugin if isinstance(plugin, WorkerPlugin) else SchedulerPlugin
    return getattr(type(plugin), "transition", base.transition) is not base.transition


def finished(value: Any) -> Any:
    """`value`, or what it gives where it has to be awaited."""
    if not inspect.isawaitable(value):
        return value
    import asyncio

    return asyncio.run(_awaited(value))


async def _awaited(value: Any) -> Any:
    return await value


# -- in the process of the cluster --------------------------------------------------------------------------------


class Plugins:
    """Those of one cluster."""

    def __init__(self, crew: Crew, journal: Journal) -> None:
        self._crew = crew
        self._workers: dict[str, WorkerPlugin] = {}
        self._schedulers: dict[str, SchedulerPlugin] = {}
        self._cluster: Callable[[], Any] = lambda: None
        self._staff = crew.names()
        self._base = ""
        crew.on_run.append(self._started)
        journal.on_event.append(lambda topic, told: self._tell("log_event", topic, told))

    def of(self, cluster: Any) -> None:
        """What plugins of the cluster are handed as the scheduler."""
        self._cluster = weakref.ref(cluster)

    def register(self, plugin: Any, name: str | None = None) -> dict[str, Any]:
        """Enter a plugin; for one of workers, what its setup gave on each. Raises what a setup raises."""
        if isinstance(plugin, type) or not isinstance(plugin, WorkerPlugin | SchedulerPlugin):
            raise ConfigError(
                f"{plugin!r} is no plugin: give an object of a class that inherits from WorkerPlugin or SchedulerPlugin"
            )
        kind = self._workers if isinstance(plugin, WorkerPlugin) else self._schedulers
        known = name or plugin.name or _free_name(type(plugin).__name__, kind)
        if isinstance(plugin, SchedulerPlugin):
            if known in self._schedulers and plugin.idempotent:
                return {}
            self._schedulers[known] = plugin
            finished(plugin.start(self._cluster()))
            return {}
        plugin.name = known
        try:
            body = cloudpickle.dumps(plugin)
        except Exception as reason:
            raise TransferError(f"plugin {known!r} cannot be sent to workers: {reason}") from reason
        if not self._base:
            self._base = str(own_folder("workers"))
        set_up = partial(install, known, body, self._base)
        found = self._crew.each(set_up, self._crew.names())
        for told in found.values():
            if isinstance(told, Exception):
                raise told
        self._workers[known] = plugin
        self._crew.prepare(known, set_up)
        return {worker: {"status": "OK"} for worker in found}

    def unregister_worker(self, name: str) -> dict[str, Any]:
        """Tear a plugin of workers down, and have it on no further ones."""
        _known(name, self._workers)
        del self._workers[name]
        self._crew.prepare(name, None)
        found = self._crew.each(partial(remove, name), self._crew.names())
        return {
            worker: told if isinstance(told, Exception) else {"status": "OK"}
            for worker, told in found.items()
        }

    def unregister_scheduler(self, name: str) -> None:
        """Tell a plugin no more."""
        _known(name, self._schedulers)
        finished(self._schedulers.pop(name).close())

    def downscaling(self, names: list[str]) -> list[str]:
        """Those of these workers that may go."""
        for plugin in list(self._schedulers.values()):
            names = list(plugin.valid_workers_downscaling(self._cluster(), names))
        return names

    # -- what they are told --------------------------------------------------------------------------------------

    def staffed(self, names: Sequence[str]) -> None:
        """These are the workers now."""
        before, self._staff = self._staff, list(names)
        for name in before:
            if name not in names:
                self._tell("remove_worker", self._cluster(), name, stimulus_id="scale")
        for name in names:
            if name not in before:
                self._tell("add_worker", self._cluster(), name)

    def restarted(self) -> None:
        """Workers were replaced."""
        self._tell("restart", self._cluster())

    def client(self, name: str, opened: bool) -> None:
        """A client has opened or closed."""
        self._tell("add_client" if opened else "remove_client", self._cluster(), name)

    def ending(self) -> None:
        """The workers are about to end."""
        self._tell("before_close")
        if self._workers:
            self._crew.each(remove_all, self._crew.names(), timeout=TEARDOWN_SECONDS)

    def ended(self) -> None:
        """They have ended."""
        self._tell("close")
        if self._base:
            shutil.rmtree(self._base, ignore_errors=True)

    def _tell(self, method: str, *args: Any, **kwargs: Any) -> None:
        for name, plugin in list(self._schedulers.items()):
            try:
                finished(getattr(plugin, method)(*args, **kwargs))
            except Exception:
                _log.exception("plugin %r raised at %s", name, method)

    def _started(self, run: Run) -> None:
        if not self._schedulers:
            return
        log = run.log
        graph = log.graph
        tasks = [str(graph.key(task)) for task in range(graph.first_task, graph.first_task + graph.ntasks)]
        outputs = {
            tasks[task - graph.first_task]
            for task in graph.slot_task[graph.outputs - graph.first_slot].tolist()
        }
        self._tell(
            "update_graph", self._cluster(), client="", keys=outputs, tasks=tasks, annotations={}, priority={},
            stimulus_id=f"run-{log.number}",
        )  # fmt: skip
        if any(watches(plugin) for plugin in self._schedulers.values()):
            threading.Thread(target=self._follow, args=(run,), name="chunkscope-plugins", daemon=True).start()

    def _follow(self, run: Run) -> None:
        """Tell of each task that has ended, until the run has."""
        log, seen = run.log, 0
        while True:
            over = run.done.wait(LOOK_SECONDS)
            rows = log.columns.since(seen)
            for task, lane, start, stop in zip(
                rows.task.tolist(), rows.lane.tolist(), rows.start.tolist(), rows.stop.tolist(), strict=True
            ):
                key = str(log.graph_at(task).key(task))
                worker = log.lanes[lane] if lane < len(log.lanes) else ""
                self._tell(
                    "transition", key, "processing", "memory", stimulus_id=f"run-{log.number}", worker=worker,
                    startstops=({"action": "compute", "start": start, "stop": stop},),
                )  # fmt: skip
            seen += len(rows.task)
            if over:
                if log.error is not None:
                    key = str(log.error.key)
                    self._tell("transition", key, "processing", "erred", stimulus_id=f"run-{log.number}")
                return


def _free_name(kind: str, known: dict[str, Any]) -> str:
    return next(name for n in range(len(known) + 1) if (name := f"{kind}-{n}") not in known)


def _known(name: str, plugins: dict[str, Any]) -> None:
    if name not in plugins:
        known = ", ".join(map(repr, plugins)) or "none"
        raise ConfigError(f"no plugin is registered as {name!r}; registered: {known}")
