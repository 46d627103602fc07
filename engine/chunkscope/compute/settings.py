"""How one call is to run: the options that it was given, those of its context, and the cluster that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chunkscope import config
from chunkscope.executors import default_workers
from chunkscope.executors.opened import OPENED

if TYPE_CHECKING:
    from chunkscope.executors import Run

__all__ = ["Settings", "settings_of"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of one call, looked up once at the edge."""

    executor: str
    num_workers: int | None
    budget: int | None
    start: Callable[[Run, bool], None] | None = None
    """What runs it in place of an executor by name: a cluster."""

    @property
    def lanes(self) -> int:
        """How many tasks run at once."""
        return 1 if self.executor == "sync" else self.num_workers or default_workers()


def settings_of(scheduler: str | None, num_workers: int | None, memory: str | int | None) -> Settings:
    """The options of a call.

    The executor is the one that the call names, else that of a `with config.set(...)` block around it, else a cluster
    with an open client, else the option's value. Raises ConfigError for what an option cannot be.
    """
    workers, budget = config.get("num_workers", num_workers), config.get("memory", memory)
    opened = OPENED.newest
    if opened is not None and scheduler is None and config.said("scheduler") is None:
        lanes = opened.lanes()
        return Settings(opened.name, min(lanes, workers or lanes), budget, opened.start)
    return Settings(config.get("scheduler", scheduler), workers, budget)
