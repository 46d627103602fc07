"""Plugins: what users have done on each worker when it starts and ends, and what they have told about a cluster."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.executors.cluster.additions import ADDITIONS
from chunkscope.futures.modules import load_module

if TYPE_CHECKING:
    from chunkscope.futures.workers import Worker

__all__ = ["Environ", "ForwardOutput", "SchedulerPlugin", "UploadDirectory", "UploadFile", "WorkerPlugin"]


class WorkerPlugin:
    """The base of what `Client.register_plugin` has every worker do, those that start later too.

    >>> class Counted(WorkerPlugin):
    ...     def setup(self, worker):
    ...         worker.count = 10
    >>> from chunkscope import Client
    >>> with Client(processes=False, n_workers=1) as client:
    ...     told = client.register_plugin(Counted(), name="x")
    ...     client.run(lambda dask_worker: dask_worker.count)
    {'0': 10}
    """

    name: str = ""
    """Under which it is known; its class and a number, where none is said."""
    idempotent = False
    """Whether a worker that has one of this name keeps it, rather than takes the new one."""

    def setup(self, worker: Worker) -> Any:
        """Called on each worker before its first task."""

    def teardown(self, worker: Worker) -> Any:
        """Called on each worker before it ends as it was told to, and when the plugin is unregistered."""

    def transition(self, key: str, start: str, finish: str, **kwargs: Any) -> Any:
        """Called when a task goes from "ready" to "executing", and from there to "memory" or "error".

        On the thread that runs the task, for runs that begin after the plugin was registered. `key` is the task's name
        as run logs have it.
        """


class SchedulerPlugin:
    """The base of what is told about a cluster, in this process. `scheduler` is the cluster.

    `transition` is read from the run log and told soon after, in order; it cannot hold a task up.
    """

    name: str = ""
    idempotent = False

    def start(self, scheduler: Any) -> Any:
        """Called when the plugin is registered."""

    def before_close(self) -> Any:
        """Called before the workers end."""

    def close(self) -> Any:
        """Called when they have ended, and when the plugin is unregistered."""

    def restart(self, scheduler: Any) -> Any:
        """Called when all workers were replaced."""

    def add_client(self, scheduler: Any, client: str) -> Any:
        """Called when a client has opened."""

    def remove_client(self, scheduler: Any, client: str) -> Any:
        """Called when a client has closed."""

    def add_worker(self, scheduler: Any, worker: str) -> Any:
        """Called when there is a worker more."""

    def remove_worker(self, scheduler: Any, worker: str, *, stimulus_id: str = "", **kwargs: Any) -> Any:
        """Called when there is one less."""

    def update_graph(
        self,
        scheduler: Any,
        *,
        client: str,
        keys: set[str],
        tasks: list[str],
        annotations: dict[str, dict[str, Any]],
        priority: dict[str, tuple[float, ...]],
        stimulus_id: str,
        **kwargs: Any,
    ) -> Any:
        """Called before a graph runs: the names of its outputs and of all its tasks."""

    def transition(
        self, key: str, start: str, finish: str, *args: Any, stimulus_id: str = "", **kwargs: Any
    ) -> Any:
        """Called when a task has ended: from "processing" to "memory" or "erred". `kwargs` tell worker and times."""

    def log_event(self, topic: str, msg: Any) -> Any:
        """Called with each event that is told under a topic."""

    def valid_workers_downscaling(self, scheduler: Any, workers: list[str]) -> list[str]:
        """Those of `workers` that may go when the cluster gets smaller."""
        return workers


class Environ(WorkerPlugin):
    """Environment variables of workers, `Environ({"X": "1"})`; those of this process where workers are its threads."""

    def __init__(self, environ: dict[str, Any] | None = None) -> None:
        self.environ = {name: str(value) for name, value in (environ or {}).items()}

    def setup(self, worker: Worker) -> None:
        """Set them."""
        for name, value in self.environ.items():
            ADDITIONS.set(name, value)

    def teardown(self, worker: Worker) -> None:
        """Take them back."""
        for name in self.environ:
            ADDITIONS.set(name, None)


class UploadFile(WorkerPlugin):
    """A file of Python code that workers can import as it is now: a module, or a zip or egg of some.

    `load`: import it at once, afresh where it was imported before.
    """

    def __init__(self, filepath: str | os.PathLike[str], load: bool = True) -> None:
        path = Path(filepath)
        if not path.is_file():
            raise ConfigError(f"there is no file {str(path)!r} to upload")
        self.name = f"upload-{path.name}"
        self._filename = path.name
        self._content = path.read_bytes()
        self._load = load

    def setup(self, worker: Worker) -> None:
        """Put the file where the worker imports from, and import it."""
        load_module(worker.folder, self._filename, self._content, self._load)


class UploadDirectory(WorkerPlugin):
    """A folder whose modules and packages workers can import as they are now.

    restart_workers: not needed, modules that change are imported afresh; update_path: also import from the folder
    itself, not only the folder as a package. skip_words: parts of paths that are left out. mode: "workers", or "all"
    and "scheduler", which mean the same: the scheduler is a part of this process, which has the folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        restart_workers: bool = False,
        update_path: bool = False,
        skip_words: Sequence[str] = (".git", ".github", ".pytest_cache", "tests", "docs", "__pycache__"),
        skip: Sequence[Any] = (),
        mode: str = "workers",
    ) -> None:
        if mode not in ("workers", "scheduler", "all"):
            raise ConfigError(f"mode={mode!r} is not known; use 'workers', 'scheduler' or 'all'")
        root = Path(path).resolve()
        if not root.is_dir():
            raise ConfigError(f"there is no folder {str(path)!r} to upload")
        self.name = f"upload-{root.name}"
        self._root = root.name
        self._update_path = update_path
        self._files = {
            str(file.relative_to(root.parent)): file.read_bytes()
            for file in sorted(root.rglob("*"))
            if file.is_file()
            and not set(file.relative_to(root).parts) & set(skip_words)
            and not any(left_out(str(file)) for left_out in skip)
        }

    def setup(self, worker: Worker) -> None:
        """Put the files where the worker imports from."""
        folder = Path(worker.folder)
        for name, content in self._files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        ADDITIONS.add_path(str(folder))
        if self._update_path:
            ADDITIONS.add_path(str(folder / self._root))


class ForwardOutput(WorkerPlugin):
    """What tasks print arrives in this process, whether this is registered or not."""
