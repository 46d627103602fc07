"""Which task of a run is meant: by its number, its key, its key as text, or as the views write it."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import NamedTuple, SupportsIndex

import numpy as np

from chunkscope.types import Key

__all__ = ["TaskRange", "task_meant"]

MOST_NAMED = 4


class TaskRange(NamedTuple):
    """The tasks of one operation in a run."""

    name: str
    op: str
    grid: tuple[int, ...]
    first_task: int

    def key(self, index: int) -> Key:
        """The key of one of its tasks."""
        return Key(self.name, tuple(int(i) for i in np.unravel_index(index, self.grid)) if self.grid else ())

    @property
    def ntasks(self) -> int:
        """How many tasks it has."""
        return int(np.prod(self.grid, dtype=np.int64))


def task_meant(run: int, ranges: Sequence[TaskRange], task: SupportsIndex | str | Key) -> int:
    """The number of a task: given by it, by its key "sum-1[0]", or as views write it where that is clear: "sum [0]".

    Raises KeyError for a task that the run does not have, and says what it has.
    """
    ntasks = sum(place.ntasks for place in ranges)
    if not isinstance(task, str | Key):
        try:
            number = operator.index(task)
        except TypeError:
            number = -1
        if 0 <= number < ntasks:
            return number
        raise KeyError(f"run {run} has no task {task!r}; its tasks are 0 to {ntasks - 1}{_first(ranges)}")
    wanted = str(task)
    name, _, rest = wanted.removesuffix("]").partition("[")
    name = name.strip()
    parts = [part.strip() for part in rest.split(",") if part.strip()]
    block = tuple(int(part) for part in parts if part.isdigit())
    mine = [place for place in ranges if place.name == name] or [p for p in ranges if p.op == name]
    fitting = [
        place
        for place in mine
        if len(block) == len(parts) == len(place.grid)
        and all(i < n for i, n in zip(block, place.grid, strict=True))
    ]
    if len(fitting) == 1:
        (place,) = fitting
        return place.first_task + (int(np.ravel_multi_index(block, place.grid)) if block else 0)
    raise KeyError(f"run {run} has no task {wanted!r}; {_offered(mine, name, ntasks, ranges)}")


def _offered(mine: Sequence[TaskRange], name: str, ntasks: int, ranges: Sequence[TaskRange]) -> str:
    """What would work."""
    if not mine:
        return f"its tasks are 0 to {ntasks - 1}{_first(ranges)}"
    said = []
    for place in mine[:MOST_NAMED]:
        last = f" to {str(place.key(place.ntasks - 1))!r}" if place.ntasks > 1 else ""
        said.append(f"{str(place.key(0))!r}{last}")
    more = f", and {len(mine) - MOST_NAMED} more operations" if len(mine) > MOST_NAMED else ""
    return f"the tasks of {name!r} are {', '.join(said)}{more}"


def _first(ranges: Sequence[TaskRange]) -> str:
    return f", the first is {ranges[0].key(0)}" if ranges and ranges[0].ntasks else ""
