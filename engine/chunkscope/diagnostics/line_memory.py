"""Memory line by line, through memory_profiler: also for functions that are defined in a notebook's cells."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any, NamedTuple

from chunkscope.display.markup import element, fragment
from chunkscope.display.tables import Bar, row_table
from chunkscope.display.theme import wrap
from chunkscope.errors import ConfigError
from chunkscope.types import SourceSpan
from chunkscope.units import format_bytes

__all__ = ["LineMemory", "LineReport", "profile_lines"]

MEBI = 1024**2


class LineMemory(NamedTuple):
    """One line of a function."""

    line: int
    text: str
    memory: float | None
    """Resident memory after it, at most, in bytes; None for a line that did not run."""
    increment: float | None
    """By how much it grew on this line, over all times; None for the head of the function, where counting begins."""
    times: int


@dataclass(frozen=True)
class LineReport:
    """Resident memory of this process by line of the functions that were watched."""

    functions: tuple[tuple[str, tuple[LineMemory, ...]], ...]
    """Name and place of each function that ran, with its lines."""
    value: Any = None
    """What the profiled statement returned."""

    @property
    def highest(self) -> float:
        """The highest resident memory that was seen, in bytes."""
        return max((row.memory or 0.0 for _, rows in self.functions for row in rows), default=0.0)

    def describe(self) -> str:
        """The table in words."""
        parts = []
        for name, rows in self.functions:
            parts.append(f"{name}: resident memory of the process, line by line")
            parts.append(f"{'line':>6} {'memory':>11} {'growth':>11} {'times':>6}  code")
            for row in rows:
                memory = "" if row.memory is None else format_bytes(row.memory)
                growth = "" if row.increment is None else _signed(row.increment)
                times = str(row.times) if row.times else ""
                parts.append(f"{row.line:6} {memory:>11} {growth:>11} {times:>6}  {row.text}".rstrip())
        return "\n".join(parts) or "none of the functions ran"

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str:
        parts = []
        for name, rows in self.functions:
            most = max((abs(row.increment or 0.0) for row in rows), default=0.0) or 1.0
            table = [
                (
                    row.line,
                    "" if row.memory is None else format_bytes(row.memory),
                    "" if row.increment is None else Bar(abs(row.increment) / most, _signed(row.increment)),
                    row.times or "",
                    element("pre", row.text),
                )
                for row in rows
            ]
            parts.append(element("p", f"{name}: resident memory of the process, line by line", class_="head"))
            columns = ("Line", "Memory", "Growth", "Times", "Code")
            parts.append(row_table(columns, table, limit=500))
        return str(wrap(fragment(parts or [element("p", "none of the functions ran")])))


def profile_lines(functions: Sequence[Callable[..., Any]], call: Callable[[], Any]) -> LineReport:
    """Calls `call` and tells for each line of `functions` what it did to the resident memory of this process.

    Through memory_profiler: lines that run in this thread are watched, so chunkscope's own runs inside `call` should
    be on "sync" for their functions to be seen. A small array may fit into memory that the process has already, and
    shows no growth. The functions run a good deal slower than usual.

    Raises ConfigError for something that has no Python source.

    >>> def f(n):
    ...     x = bytearray(n)
    ...     return len(x)
    >>> report = profile_lines([f], lambda: f(50_000_000))
    >>> report.value, len(report.functions[0][1])
    (50000000, 3)
    """
    from memory_profiler import LineProfiler

    profiler = LineProfiler(backend="psutil")
    profiler.code_map = _code_map(profiler.code_map)
    names = {}
    for function in functions:
        target = inspect.unwrap(function)
        target = getattr(target, "__func__", target)
        code = getattr(target, "__code__", None)
        if not isinstance(code, CodeType) or not linecache.getlines(code.co_filename):
            name = getattr(function, "__name__", repr(function))
            raise ConfigError(
                f"{name} has no Python source to go through line by line; give a function that is written in "
                "Python, in a file or a cell"
            )
        names[code] = getattr(target, "__qualname__", target.__name__).rpartition("<locals>.")[2]
        profiler.add_function(target)
    with profiler:
        value = call()
    found = []
    for filename, code, numbers in profiler.code_map._toplevel:
        measured = profiler.code_map[code]
        if measured:
            rows = tuple(_line(filename, number, measured.get(number)) for number in numbers)
            # The first line is where memory begins, not what it grew by.
            rows = (rows[0]._replace(increment=None), *rows[1:])
            place = SourceSpan(filename, code.co_firstlineno, code.co_firstlineno, 0, 0).place
            found.append((f"{names[code]} in {place}", rows))
    return LineReport(tuple(found), value)


def _code_map(plain: Any) -> Any:
    """memory_profiler's map of lines, which also takes code whose source is in no file: cells, doctests."""

    class CellMap(type(plain)):  # type: ignore[misc]
        def add(self, code: CodeType, toplevel_code: CodeType | None = None) -> None:
            if code in self:
                return
            if toplevel_code is None:
                lines, start = inspect.getsourcelines(code)
                self._toplevel.append((code.co_filename, code, range(start, start + len(lines))))
                self[code] = {}
            else:
                self[code] = self[toplevel_code]
            for inner in filter(inspect.iscode, code.co_consts):
                self.add(inner, toplevel_code or code)

    return CellMap(plain.include_children, plain.backend)


def _line(filename: str, number: int, measured: tuple[float, float, int] | None) -> LineMemory:
    text = linecache.getline(filename, number).rstrip("\n")
    if measured is None:
        return LineMemory(number, text, None, None, 0)
    increment, memory, times = measured
    return LineMemory(number, text, memory * MEBI, increment * MEBI, times)


def _signed(nbytes: float) -> str:
    return f"{'+' if nbytes > 0 else '-' if nbytes < 0 else ''}{format_bytes(abs(nbytes))}"
