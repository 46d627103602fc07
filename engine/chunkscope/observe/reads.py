"""Which files a run read, how often and how much: what the kernels of its finished tasks tell by `reads_of(block)`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chunkscope.events import Rows
from chunkscope.graph import Graph
from chunkscope.observe.figures import peak_overlap

__all__ = ["FileRead", "file_reads", "reads_of_path"]


@dataclass(frozen=True, slots=True)
class FileRead:
    """How a run read one file."""

    count: int
    """How often the byte was read that was read most: 1 where every part was read once, 0 where nothing was."""
    nbytes: int
    """Bytes read in all."""
    tasks: int
    """Finished tasks that read from it."""


def file_reads(graphs: Sequence[Graph], rows: Rows) -> dict[str, FileRead]:
    """The files that the finished tasks read, by path, in the order of the tasks."""
    starts: dict[str, list[float]] = {}
    stops: dict[str, list[float]] = {}
    tasks: dict[str, int] = {}
    done = np.sort(rows.task)
    for graph in graphs:
        for number, layer in enumerate(graph.layers):
            tell = getattr(layer.kernel, "reads_of", None)
            if tell is None:
                continue
            first, end = graph.first_task + graph.task_ptr[number : number + 2]
            for task in done[np.searchsorted(done, first) : np.searchsorted(done, end)].tolist():
                read = tell(task - int(first))
                for path, start, stop in read:
                    starts.setdefault(path, []).append(start)
                    stops.setdefault(path, []).append(stop)
                for path in {path for path, _, _ in read}:
                    tasks[path] = tasks.get(path, 0) + 1
    return {path: _figures(starts[path], stops[path], tasks[path]) for path in starts}


def _figures(starts: list[float], stops: list[float], tasks: int) -> FileRead:
    start, stop = np.array(starts, dtype=np.float64), np.array(stops, dtype=np.float64)
    some = stop > start
    return FileRead(peak_overlap(start[some], stop[some]), int((stop - start).sum()), tasks)


def reads_of_path(found: dict[str, FileRead], path: str | os.PathLike[str]) -> FileRead:
    """The reads of one file, by its absolute path, else by its name where only one file has it."""
    wanted = os.path.abspath(path)
    exact = [read for name, read in found.items() if os.path.abspath(name) == wanted]
    if exact:
        return exact[0]
    alike = [read for name, read in found.items() if os.path.basename(name) == os.path.basename(path)]
    return alike[0] if len(alike) == 1 else FileRead(0, 0, 0)
