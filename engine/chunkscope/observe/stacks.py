"""Where the kernels' time went by function: stacks seen now and then, folded into one tree for each run.

A stack begins below the kernel; frames of chunkscope itself are folded away, so what is left are the user's functions
and those of the libraries that they call. Nothing here runs by itself: `sampling.py` looks, this file counts.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chunkscope.cells import CELLS
from chunkscope.observe.records import StackFrame
from chunkscope.observe.viewers import page
from chunkscope.units import format_count, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OWN", "Seen", "Spot", "StackTree", "Stacks", "below_kernels"]

MOST_NODES = 4_000
"""Nodes of one run's tree; beyond that time goes to the function above."""
DEEPEST = 64
"""Functions of one stack, from the kernel inwards."""
_PERFORM = "chunkscope.executors.perform"
"""The module whose frame is right above a kernel's."""
OWN = StackFrame("built-in kernel", "chunkscope", 0, "")
"""Stands for stacks that are chunkscope's own all the way down."""


class Spot(NamedTuple):
    """A function as another process knows it; has what is asked of code objects here."""

    co_filename: str
    co_qualname: str
    co_firstlineno: int

    @classmethod
    def of(cls, code: CodeType) -> Spot:
        """The spot of a function of this process."""
        return cls(code.co_filename, code.co_qualname, code.co_firstlineno)


class Seen(NamedTuple):
    """A stack that was seen in another process."""

    stack: tuple[Spot, ...]
    """Outermost function first."""
    layer: int
    samples: int
    seconds: float


@dataclass(frozen=True)
class Stacks:
    """The tree of a run: node `i` was called by node `parent[i]`, which comes before it; -1 is the kernel."""

    interval: float
    """Seconds between two looks."""
    samples: int
    """Stacks seen."""
    operations: tuple[str, ...]
    """The operations that `layer` counts."""
    frames: tuple[StackFrame, ...]
    parent: NDArray[np.int32]
    frame: NDArray[np.int32]
    layer: NDArray[np.int32]
    own: NDArray[np.float64]
    """Lane seconds in each node itself."""

    @property
    def total(self) -> NDArray[np.float64]:
        """Lane seconds in each node and in all that it called."""
        total = self.own.copy()
        for node in range(len(total) - 1, -1, -1):
            if self.parent[node] >= 0:
                total[self.parent[node]] += total[node]
        return total

    @property
    def seconds(self) -> float:
        """Lane seconds seen."""
        return float(self.own.sum())

    def functions(self) -> list[tuple[StackFrame, float, float]]:
        """Each function with its own seconds and those with all that it called, the costliest first."""
        total = self.total
        own: dict[int, float] = defaultdict(float)
        inside: dict[int, float] = defaultdict(float)
        for node, number in enumerate(self.frame.tolist()):
            own[number] += float(self.own[node])
            if number not in self._above(node):  # a function that calls itself counts once
                inside[number] += float(total[node])
        ordered = sorted(own, key=lambda number: (-own[number], -inside[number]))
        return [(self.frames[number], own[number], inside[number]) for number in ordered]

    def _above(self, node: int) -> Iterator[int]:
        node = int(self.parent[node])
        while node >= 0:
            yield int(self.frame[node])
            node = int(self.parent[node])

    def describe(self, most: int = 12) -> str:
        """The costliest functions in words, then the calls by operation as an indented tree."""
        if not self.samples:
            return "no stacks were seen: a run is looked at from its first tenth of a second on"
        head = (
            f"{format_count(self.samples, 'stack')} seen, one each {format_seconds(self.interval)} and lane:"
        )
        lines = [f"{head} {format_seconds(self.seconds)} in kernels"]
        for frame, own, inside in self.functions()[:most]:
            share = own / self.seconds
            lines.append(
                f"  {share:4.0%} {frame.function}{_place(frame)}: {format_seconds(own)} in itself, "
                f"{format_seconds(inside)} with what it calls"
            )
        total = self.total
        for layer in sorted(set(self.layer.tolist())):
            mine = (self.layer == layer) & (self.parent < 0)
            lines.append(f"  {self.operations[layer]}: {format_seconds(float(total[mine].sum()))}")
            lines += self._lines(np.flatnonzero(mine).tolist(), total)
        return "\n".join(lines)

    def _lines(self, roots: list[int], total: NDArray[np.float64]) -> Iterator[str]:
        """The calls below `roots` that took a hundredth of all time or more."""
        children: dict[int, list[int]] = {}
        for node, parent in enumerate(self.parent.tolist()):
            children.setdefault(parent, []).append(node)
        stack = [(node, 0) for node in sorted(roots, key=lambda node: total[node])]
        while stack:
            node, depth = stack.pop()
            if total[node] < 0.01 * self.seconds:
                continue
            frame = self.frames[int(self.frame[node])]
            indent = "  " * (depth + 2)
            yield f"{indent}{frame.function}{_place(frame)}: {format_seconds(float(total[node]))}"
            below = sorted(children.get(node, []), key=lambda child: total[child])
            stack += [(child, depth + 1) for child in below]

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)


class StackTree:
    """The tree while it grows. Thread-safe."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.samples = 0
        self._lock = threading.Lock()
        self._nodes: dict[tuple[int, CodeType | Spot | None, int], int] = {}
        self._parent: list[int] = []
        self._code: list[CodeType | Spot | None] = []
        self._layer: list[int] = []
        self._own: list[float] = []

    def add(self, stack: list[CodeType], layer: int, seconds: float) -> None:
        """Count one stack, outermost function first; an empty one is all chunkscope's own."""
        with self._lock:
            self._count(stack, layer, seconds, 1)

    def take(self, seen: Iterable[Seen]) -> None:
        """Count what was seen in another process."""
        with self._lock:
            for one in seen:
                self._count(one.stack, one.layer, one.seconds, one.samples)

    def _count(self, stack: Sequence[CodeType | Spot], layer: int, seconds: float, samples: int) -> None:
        node = -1
        codes: list[CodeType | Spot | None] = [*stack[:DEEPEST]] or [None]
        for code in codes:
            key = (node, code, layer)
            found = self._nodes.get(key)
            if found is None:
                if len(self._own) >= MOST_NODES and node >= 0:
                    break
                found = self._nodes[key] = len(self._own)
                self._parent.append(node)
                self._code.append(code)
                self._layer.append(layer)
                self._own.append(0.0)
            node = found
        self._own[node] += seconds
        self.samples += samples

    def freeze(self, operations: tuple[str, ...], wall: float | None = None) -> Stacks:
        """The tree so far; `wall`: when its run began, for the cells of its functions."""
        own = list(self._own)
        codes = self._code[: len(own)]
        numbers: dict[CodeType | Spot | None, int] = {}
        frame = [numbers.setdefault(code, len(numbers)) for code in codes]
        return Stacks(
            self.interval,
            self.samples,
            operations,
            tuple(OWN if code is None else _frame(code, wall) for code in numbers),
            np.array(self._parent[: len(own)], dtype=np.int32),
            np.array(frame, dtype=np.int32),
            np.array(self._layer[: len(own)], dtype=np.int32),
            np.array(own),
        )


def below_kernels(innermost: FrameType) -> list[list[CodeType]]:
    """For each kernel that a thread is in, outermost first, the functions from it inwards, without chunkscope's own."""
    found: list[list[CodeType]] = []
    here: list[CodeType] = []
    frame: FrameType | None = innermost
    while frame is not None:
        module: Any = frame.f_globals.get("__name__")
        if module == _PERFORM:
            found.append(here[::-1])
            here = []
        elif type(module) is not str or not module.startswith("chunkscope."):
            here.append(frame.f_code)
        frame = frame.f_back
    return found[::-1]


def _frame(code: CodeType | Spot, wall: float | None) -> StackFrame:
    """A function as people know it; a cell of a notebook has no file name that means anything."""
    spot = CELLS.find(code.co_filename, wall)
    name = code.co_qualname
    if spot is not None:
        return StackFrame(name, "the cell", code.co_firstlineno + spot.offset, spot.cell)
    cell = "ipykernel" in code.co_filename or code.co_filename.startswith("<")
    return StackFrame(name, "the cell" if cell else _short(code.co_filename), code.co_firstlineno, "")


def _short(filename: str) -> str:
    """A file with the package that it is in: "pandas/core/frame.py"; another one by its name."""
    parts = PurePath(filename).parts
    for top in ("site-packages", "dist-packages"):
        if top in parts:
            return "/".join(parts[parts.index(top) + 1 :])
    return parts[-1] if parts else filename


def _place(frame: StackFrame) -> str:
    return f" ({frame.file}, line {frame.line})" if frame.line else ""
