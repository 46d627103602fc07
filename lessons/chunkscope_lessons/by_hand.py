"""Graphs that a learner writes by hand, as plain dicts: drawn, modelled and run by the engine.

    {"a": 1, "b": (add, "a", 10)}

A tuple that begins with a function is a task: the function and its arguments. An argument that is a key of the dict
(also inside a list) stands for that key's result. Everything else is data.
"""

from collections.abc import Hashable, Mapping
from typing import Any

from chunkscope import Delayed, delayed
from chunkscope.display import visualize
from chunkscope.display.picture import Picture

Graph = Mapping[Hashable, Any]


def from_dict(graph: Graph, key: Hashable) -> Delayed:
    """Returns the lazy value of `key`: each task of the dict that it needs is one task, named by its key.

    A value that is still `...` becomes a task that says so by its name and gives `...`.

    Raises KeyError for a key that is not there, and ValueError where tasks wait for each other in a circle.

    >>> from_dict({"x": 1, "y": (sum, ["x", "x"]), "z": (pow, "y", 3)}, "z").compute()
    8
    """
    return _Reader(graph).lazy(key)


def draw(graph: Graph) -> Picture:
    """Returns the picture of a dict, with one node for each task.

    >>> draw({"x": (abs, -1), "y": (abs, -2), "z": (sum, ["x", "y"])})
    graph: 3 tasks, 3 layers, widest 2, critical path 2
      1. x
      2. y
      3. z ← 1, 2
    """
    if not graph:
        raise ValueError("the dict is empty: give it at least one task, like {'total': (sum, [1, 2])}")
    reader = _Reader(graph)
    lazy = {key: reader.lazy(key) for key in graph}
    read = {needed for value in graph.values() for needed in needs(graph, value)}
    return visualize(*[value for key, value in lazy.items() if key not in read], tasks=True)


def needs(graph: Graph, value: Any) -> list[Hashable]:
    """Returns the keys that a value of the dict reads, in order, each as often as it stands there.

    >>> needs({"x": 1, "y": 2}, (sum, ["x", "y", 3]))
    ['x', 'y']
    """
    if not is_task(value):
        return []
    found: list[Hashable] = []
    todo = list(value[1:])
    while todo:
        argument = todo.pop(0)
        if isinstance(argument, list):
            todo = [*argument, *todo]
        elif is_key(graph, argument):
            found.append(argument)
    return found


def is_task(value: Any) -> bool:
    """Tells whether a value of a dict is a task: a tuple of a function and its arguments."""
    return isinstance(value, tuple) and bool(value) and callable(value[0])


def is_key(graph: Graph, argument: Any) -> bool:
    """Tells whether an argument is one of the dict's keys."""
    try:
        return argument in graph
    except (TypeError, ValueError):  # an array has no hash, and a tuple with one inside has none either
        return False


class _Reader:
    """Turns the entries of one dict into delayed calls, each once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made: dict[Hashable, Delayed] = {}
        self._waiting: list[Hashable] = []

    def lazy(self, key: Hashable) -> Delayed:
        if key in self._made:
            return self._made[key]
        if key not in self._graph:
            there = ", ".join(map(repr, self._graph)) or "no key"
            raise KeyError(f"the dict has no {key!r}; it has {there}")
        if key in self._waiting:
            circle = [*self._waiting[self._waiting.index(key) :], key]
            raise ValueError(
                f"no task of this circle can begin: {' waits for '.join(map(repr, circle))}; "
                "remove one of these arrows"
            )
        self._waiting.append(key)
        self._made[key] = self._call(key, self._graph[key])
        self._waiting.pop()
        return self._made[key]

    def _call(self, key: Hashable, value: Any) -> Delayed:
        name = "-".join(map(str, key)) if isinstance(key, tuple) else str(key)
        call: Delayed
        if value is ...:
            call = delayed(_itself, name=f"{name}: still ...")(...)
        elif is_task(value):
            call = delayed(value[0], name=name)(*map(self._argument, value[1:]))
        else:
            call = delayed(_itself, name=name)(value)
        return call

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, list):
            return [self._argument(part) for part in argument]
        return self.lazy(argument) if is_key(self._graph, argument) else argument


def _itself(value: Any) -> Any:
    return value


def critical_path(graph: Graph) -> int:
    """Returns the number of tasks on the longest chain of a dict without circles; plain data counts as none.

    >>> critical_path({"x": 5, "y": (abs, "x"), "z": (abs, "y")})
    2
    """
    lengths: dict[Hashable, int] = {}

    def length(key: Hashable) -> int:
        if key not in lengths:
            below = max((length(needed) for needed in needs(graph, graph[key])), default=0)
            lengths[key] = below + is_task(graph[key])
        return lengths[key]

    return max(map(length, graph), default=0)
