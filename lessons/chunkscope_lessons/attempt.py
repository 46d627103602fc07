"""What a check is given: the learner's variables, the record of their cell, and ways to say what is wrong.

A check is a function of one `Attempt`. It returns what it saw when all is well and raises `Wrong` otherwise;
a value that is missing or still `...` raises `NotAttempted`, an exception of the learner's own code comes as `Raised`.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from chunkscope.graph import Graph
from chunkscope.observe import RunLog

from .calls import side_by_side
from .fingerprint import matches
from .journal import CellRun, Journal

T = TypeVar("T")


class Wrong(Exception):
    """The attempt is not right: what was seen, what was expected, why it matters."""

    def __init__(self, message: str, misconception: str | None = None) -> None:
        super().__init__(message)
        self.misconception = misconception


class NotAttempted(Exception):
    """A placeholder is still there, or the cell has not run."""


class Raised(Exception):
    """The learner's code raised `error` while the check used it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Trace:
    """What computing did: the runs, how often each file was opened, how often by the cell itself and by each run."""

    runs: tuple[RunLog, ...]
    opened: Mapping[str, int]
    opened_here: Mapping[str, int]
    opened_in: tuple[Mapping[str, int], ...] = ()

    @property
    def computes(self) -> int:
        """Number of runs."""
        return len(self.runs)

    @property
    def ntasks(self) -> int:
        """Tasks in all runs."""
        return sum(run.ntasks for run in self.runs)

    @property
    def side_by_side(self) -> int:
        """The largest number of tasks that could run at one time: ready, with a worker for each."""
        return max(map(side_by_side, self.runs), default=0)

    @property
    def peak_bytes(self) -> int:
        """The largest number of bytes of blocks stored at one time."""
        return max((run.peak_bytes for run in self.runs), default=0)

    @property
    def result_bytes(self) -> int:
        """The largest number of bytes that one run handed back to the notebook."""
        return max(map(_result_bytes, self.runs), default=0)

    @property
    def reads(self) -> Counter[str]:
        """How often each file was read by tasks, by its path; 1 where each of its parts was read once."""
        found: Counter[str] = Counter()
        for run in self.runs:
            found.update({path: read.count for path, read in run.reads().items()})
        return found

    @property
    def read_bytes(self) -> Counter[str]:
        """Bytes read of each file by tasks."""
        found: Counter[str] = Counter()
        for run in self.runs:
            found.update({path: read.nbytes for path, read in run.reads().items()})
        return found

    @property
    def operations(self) -> Counter[str]:
        """Tasks by the name of their operation; of delayed calls, by the name of their function."""
        found: Counter[str] = Counter()
        for run in self.runs:
            for graph in run.graphs:
                found += operations_of(graph)
        return found


def _result_bytes(run: RunLog) -> int:
    rows = run.rows
    made = 0
    for graph in run.graphs:
        asked = graph.slot_task[graph.outputs - graph.first_slot] + graph.first_task
        made += int(rows.bytes_out[np.isin(rows.task, asked)].sum())
    return made


def _trace(cell: CellRun) -> Trace:
    by_run = tuple(dict(+opened) for opened in cell.opened_in)
    return Trace(tuple(cell.runs), dict(cell.opened), dict(+cell.opened_here), by_run)


def operations_of(graph: Graph) -> Counter[str]:
    """Returns the tasks of a graph by the name of their operation; of delayed calls, by that of their function."""
    found: Counter[str] = Counter()
    for layer in graph.layers:
        names = getattr(layer.kernel, "names", None)
        found.update([layer.op] * layer.ntasks if names is None else names())
    return found


def own_calls_of(graph: Graph) -> Counter[str]:
    """Returns the delayed calls in a graph of functions that are defined in the notebook, by the function's name.

    `add` as written by the learner counts, the addition of two lazy values by `+` does not. Of a plan: the graph
    of a run that has ended holds no functions.
    """
    found: Counter[str] = Counter()
    for layer in graph.layers:
        for function in getattr(layer.kernel, "functions", ()):
            if getattr(function, "__module__", "") == "__main__":
                found[function.__name__] += 1
    return found


class Attempt:
    """One try at one exercise."""

    def __init__(self, item: str, namespace: dict[str, Any], cell: CellRun, journal: Journal) -> None:
        self.item = item
        self._namespace = namespace
        self._cell = cell
        self._journal = journal

    @property
    def source(self) -> str:
        """The text of the exercise's cell as it last ran."""
        return self._cell.source

    @property
    def run(self) -> Trace:
        """What the cell itself computed."""
        return _trace(self._cell)

    def value(self, name: str) -> Any:
        """Returns the learner's variable `name`."""
        found = self._namespace.get(name, ...)
        if found is ...:
            raise NotAttempted(f"`{name}` has no value yet: replace `...` in the cell above and run it")
        return found

    def lazy(self, name: str, misconception: str | None = None) -> Any:
        """Returns the learner's variable `name`, which has to be a lazy value."""
        found = self.value(name)
        if not is_lazy(found):
            raise Wrong(
                f"`{name}` is already a plain {type(found).__name__}: it was worked out while the cell ran. "
                "It should be a plan, which you compute afterwards",
                misconception,
            )
        return found

    def plain(self, name: str, kinds: type | tuple[type, ...]) -> Any:
        """Returns the learner's variable `name`, which has to be a computed value of one of `kinds`."""
        found = self.value(name)
        if is_lazy(found):
            raise Wrong(f"`{name}` is still a plan: nothing has been computed. Ask for its value", "M08")
        if not isinstance(found, kinds):
            names = " or ".join(k.__name__ for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
            names = "a number" if np.number in (kinds if isinstance(kinds, tuple) else ()) else names
            raise Wrong(f"`{name}` is a {type(found).__name__}, expected {names}")
        return found

    def number(self, name: str) -> float:
        """Returns the learner's variable `name`, which has to be a computed number, Python's or NumPy's."""
        return float(self.plain(name, (int, float, np.number)))

    def expect(self, good: bool, message: str, misconception: str | None = None) -> None:
        """Raises Wrong with the message unless `good`."""
        if not good:
            raise Wrong(message, misconception)

    def is_known(self, name: str, value: Any, expected: str, digits: int | None = None) -> bool:
        """Tells whether `value` has the fingerprint `expected` for this exercise and `name`."""
        return matches(f"{self.item}.{name}", value, expected, digits)

    def watch(self, work: Callable[[], T]) -> tuple[T, Trace]:
        """Returns what `work` returns and what it computed; an exception of the learner's code becomes Raised."""
        record = self._journal.begin("")
        try:
            result = work()
        except Exception as error:
            raise Raised(error) from error
        finally:
            self._journal.end(record)
        return result, _trace(record)

    def compute(self, lazy: Any) -> tuple[Any, Trace]:
        """Returns the value of a lazy value, computed on two threads, and what that did."""
        return self.watch(lambda: lazy.compute(scheduler="threads", num_workers=2))


def is_lazy(value: Any) -> bool:
    """Tells whether a value is a plan rather than data."""
    return hasattr(value, "__chunkscope_expr__")


def close(value: Any, expected: Any, relative: float = 1e-9) -> bool:
    """Tells whether numbers, sequences, mappings or arrays agree to `relative`."""
    if isinstance(expected, Mapping):
        return (
            isinstance(value, Mapping)
            and value.keys() == expected.keys()
            and all(close(value[key], expected[key], relative) for key in expected)
        )
    if isinstance(expected, np.ndarray):
        array = np.asarray(value)
        return array.shape == expected.shape and bool(np.allclose(array, expected, rtol=relative, atol=0))
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return (
            isinstance(value, Sequence)
            and len(value) == len(expected)
            and all(close(v, e, relative) for v, e in zip(value, expected, strict=True))
        )
    try:
        return math.isclose(float(value), float(expected), rel_tol=relative)
    except (TypeError, ValueError):
        return bool(value == expected)
