"""The kernel of fused partition-wise operations: a short program over registers, run once for each partition.

The first registers are the inputs; each line calls one step and puts its value in the next register. A register is
dropped right after its last reader, so that a chain holds two values at a time, not all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from chunkscope.graph.layer import spent

if TYPE_CHECKING:
    from chunkscope.types import Origin

__all__ = ["Line", "Program", "Step"]

_BLAME = "__chunkscope_line__"


class Step(Protocol):
    """One operation on one partition: picklable. A step that makes a partition from nothing takes no inputs."""

    def __call__(self, block: int, /, *inputs: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Line:
    """A step, the registers it reads, and those that nobody reads afterwards; its name and line for people."""

    step: Step
    args: tuple[int, ...]
    dead: tuple[int, ...] = ()
    title: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """The kernel: the value of the last line.

    >>> add = Line(lambda block, x: x + 1, (0,), title="add")
    >>> multiply = Line(lambda block, x, y: x * y, (0, 1), title="multiply")
    >>> Program.of(1, [add, multiply])(0, 3)
    12
    """

    ninputs: int
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, ninputs: int, lines: Sequence[Line]) -> Program:
        """The program of these lines, in an order in which they can run; finds out when registers are dropped."""
        last: dict[int, int] = {}
        for number, line in enumerate(lines):
            for register in line.args:
                last[register] = number
        return cls(
            ninputs,
            tuple(
                replace(line, dead=tuple(sorted({r for r in line.args if last[r] == number})))
                for number, line in enumerate(lines)
            ),
        )

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        registers = list(inputs)
        value: Any = None
        for line in self.lines:
            try:
                value = line.step(block, *[registers[i] for i in line.args])
            except BaseException as error:
                error.__dict__[_BLAME] = line
                raise
            for register in line.dead:
                registers[register] = None
            registers.append(value)
        return value

    def blame(self, error: BaseException) -> tuple[str, Origin | None] | None:
        """The operation that raised `error`, and the user's line that made it."""
        line = error.__dict__.get(_BLAME)
        return None if line is None else (line.title, line.origin)

    def inputs_of(self, error: BaseException) -> list[Any] | None:
        """What the operation that raised `error` was given, as long as the exception has its whole traceback."""
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code is Program.__call__.__code__:
                line, registers = error.__dict__.get(_BLAME), trace.tb_frame.f_locals["registers"]
                return None if line is None else [registers[i] for i in line.args]
            trace = trace.tb_next
        return None

    def stripped(self) -> Program:
        """The program without data that its steps may hold; for logs of runs that are over.

        A step that tells people something (`place_of`, `reads_of`) says what stays of it with `stripped()`.
        """
        return Program(self.ninputs, tuple(replace(line, step=_stripped(line.step)) for line in self.lines))

    def place_of(self, block: int) -> str:
        """Where the partition comes from, if a step of it reads a file."""
        for line in self.lines:
            place = getattr(line.step, "place_of", None)
            if place is not None:
                return str(place(block))
        return ""

    def reads_of(self, block: int) -> tuple[tuple[str, int, int], ...]:
        """The parts of files that the steps read for this partition: path, first byte, the byte after the last."""
        found: list[tuple[str, int, int]] = []
        for line in self.lines:
            reads = getattr(line.step, "reads_of", None)
            if reads is not None:
                found.extend(reads(block))
        return tuple(found)


def _stripped(step: Step) -> Step:
    strip = getattr(step, "stripped", None)
    return spent if strip is None else strip()
