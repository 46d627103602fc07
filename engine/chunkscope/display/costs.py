"""What each operation of a run cost, with delayed calls told apart by their functions. Arrays in, figures out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from chunkscope.display.tasks import layer_title, task_titles
from chunkscope.graph import Strategy
from chunkscope.observe import RunLog

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cost", "costs_of", "titles_of"]


@dataclass(frozen=True, slots=True)
class Cost:
    """One operation of a run."""

    title: str
    number: int
    """Its category: the place of its title among those of the run."""
    ntasks: int
    finished: int
    seconds: float
    longest: float
    bytes_out: int


def titles_of(run: RunLog) -> tuple[list[str], NDArray[np.int64]]:
    """The titles of the run's operations in graph order, and for each task the number of its title."""
    numbers: dict[str, int] = {}
    parts = []
    for graph in run.graphs:
        for layer in graph.layers:
            if layer.strategy is Strategy.CALL:
                parts.append(
                    np.array(
                        [numbers.setdefault(t, len(numbers)) for t in task_titles(layer)], dtype=np.int64
                    )
                )
            else:
                number = numbers.setdefault(layer_title(layer), len(numbers))
                parts.append(np.full(layer.ntasks, number, dtype=np.int64))
    return list(numbers), np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def costs_of(run: RunLog) -> list[Cost]:
    """Tasks, kernel seconds, the longest task and bytes of each operation, in graph order."""
    rows = run.rows  # before the titles: a run that goes on may get more tasks, and rows for them, in between
    titles, of = titles_of(run)
    size = len(titles)
    durations = rows.stop - rows.start
    mine = of[rows.task]
    total = np.bincount(of, minlength=size)
    finished = np.bincount(mine, minlength=size)
    seconds = np.bincount(mine, weights=durations, minlength=size)
    nbytes = np.bincount(mine, weights=rows.bytes_out, minlength=size)
    longest = np.zeros(size)
    np.maximum.at(longest, mine, durations)
    return [
        Cost(title, i, int(total[i]), int(finished[i]), float(seconds[i]), float(longest[i]), int(nbytes[i]))
        for i, title in enumerate(titles)
    ]
