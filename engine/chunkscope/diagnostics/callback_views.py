"""What callbacks are handed: a run's graph and its state, which can also be read as Dask's two dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.graph import Graph, Layer
from chunkscope.observe import RunLog
from chunkscope.types import Key

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Keys", "State", "Tasks"]

PLACES = ("waiting", "ready", "running", "finished")


class Keys(Collection[Key]):
    """The keys of some tasks of a run, made when somebody reads them."""

    def __init__(self, run: RunLog, tasks: Sequence[int]) -> None:
        self._run = run
        self._tasks = tasks

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Key]:
        return (self._run.graph_at(int(task)).key(int(task)) for task in self._tasks)

    def __contains__(self, key: object) -> bool:
        return any(key == mine for mine in self)

    def __repr__(self) -> str:
        return repr(set(map(str, self)))


class Tasks(Mapping[Key, Layer]):
    """A run's tasks by key, each with the layer that makes it; all attributes are those of its `Graph`."""

    def __init__(self, run: RunLog, graph: Graph) -> None:
        self._run = run
        self._graph = graph

    def __len__(self) -> int:
        return sum(graph.ntasks for graph in self._run.graphs)

    def __iter__(self) -> Iterator[Key]:
        return iter(Keys(self._run, range(len(self))))

    def __contains__(self, key: object) -> bool:
        return key in self._layers and self._inside(key)

    def __getitem__(self, key: Key) -> Layer:
        if key not in self:
            raise KeyError(key)
        return self._layers[key.layer]

    @cached_property
    def _layers(self) -> _Layers:
        return _Layers({layer.name: layer for graph in self._run.graphs for layer in graph.layers})

    def _inside(self, key: object) -> bool:
        assert isinstance(key, Key)
        grid = self._layers[key.layer].grid
        return len(grid) == len(key.block) and all(0 <= i < n for i, n in zip(key.block, grid, strict=True))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)


class _Layers(dict[str, Layer]):
    """Layers by name; of a key the name is looked for."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, Key) and super().__contains__(key.layer)


class State(Mapping[str, Collection[Key]]):
    """Where each task of a run is, as far as it was told: `state["finished"]`. All attributes are its `RunLog`'s.

    Looking at what waits or is ready costs time in proportion to the tasks.
    """

    def __init__(self, run: RunLog) -> None:
        self._run = run
        self._done: list[int] = []
        self._now: list[int] = []

    def begin(self, task: int) -> None:
        """A task is told to run."""
        self._now = [task]

    def end(self, *tasks: int) -> None:
        """Tasks have finished."""
        self._done += tasks
        self._now = []

    def __len__(self) -> int:
        return len(PLACES)

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __getitem__(self, place: str) -> Collection[Key]:
        if place == "finished":
            return Keys(self._run, self._done)
        if place == "running":
            return Keys(self._run, self._now)
        if place not in PLACES:
            raise KeyError(f"the state of a run has {', '.join(PLACES)}, not {place!r}")
        waits = self._waits()
        waits[[*self._done, *self._now]] = place == "ready"  # neither waits, nor is ready
        return Keys(self._run, np.flatnonzero(waits == (place == "waiting")).tolist())

    def _waits(self) -> NDArray[np.bool_]:
        """Which tasks read a block that was not told to be made."""
        graphs = self._run.graphs
        missing = np.ones(sum(graph.ntasks for graph in graphs), dtype=bool)
        missing[self._done] = False
        maker = np.concatenate([graph.slot_task + graph.first_task for graph in graphs])
        waits = np.zeros(len(missing), dtype=bool)
        for graph in graphs:
            reader = np.repeat(np.arange(graph.ntasks), np.diff(graph.dep_ptr)) + graph.first_task
            waits[reader[missing[maker[graph.deps]]]] = True
        return waits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._run, name)
