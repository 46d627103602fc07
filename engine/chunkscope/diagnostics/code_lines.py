"""What each line of the user's code cost, and the code itself, for reports."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

import numpy as np

from chunkscope.observe import RunLog
from chunkscope.types import SourceSpan

__all__ = ["CodeCost", "caller_code", "code_costs"]

MOST_LINES = 400


@dataclass(slots=True)
class CodeCost:
    """The tasks of all operations that one line of code made."""

    place: str
    """The file or the cell; "unknown" where the code left no trace."""
    line: int
    text: str
    operations: list[str] = field(default_factory=list)
    ntasks: int = 0
    seconds: float = 0.0
    bytes_out: int = 0


def code_costs(runs: Sequence[RunLog]) -> list[CodeCost]:
    """Finished tasks by the line that made their operation, the costliest line first."""
    table: dict[SourceSpan | tuple[str, int] | None, CodeCost] = {}
    for run in runs:
        rows = run.rows
        for graph in run.graphs:
            mine = (rows.task >= graph.first_task) & (rows.task < graph.first_task + graph.ntasks)
            number = graph.layer_of[rows.task[mine] - graph.first_task]
            size = len(graph.layers)
            counts = np.bincount(number, minlength=size).tolist()
            seconds = np.bincount(number, weights=(rows.stop - rows.start)[mine], minlength=size).tolist()
            nbytes = np.bincount(number, weights=rows.bytes_out[mine], minlength=size).tolist()
            for i, layer in enumerate(graph.layers):
                span = layer.origin.span if layer.origin is not None else None
                key = None if span is None else (span.filename, span.line)
                if key not in table:
                    known = CodeCost("unknown", 0, "")
                    table[key] = known if span is None else CodeCost(span.place, span.line, span.text)
                cost = table[key]
                if layer.op not in cost.operations:
                    cost.operations.append(layer.op)
                cost.ntasks += counts[i]
                cost.seconds += seconds[i]
                cost.bytes_out += int(nbytes[i])
    return sorted(table.values(), key=lambda cost: -cost.seconds)


def caller_code(stacklevel: int) -> str:
    """The source of the file or cell `stacklevel` frames up, or an empty string where it is not to be had."""
    frame: FrameType | None = sys._getframe(stacklevel)
    if frame is None:
        return ""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    if len(lines) <= MOST_LINES:
        return "".join(lines)
    first = max(frame.f_lineno - MOST_LINES // 2, 0)
    return "".join(lines[first : first + MOST_LINES])
