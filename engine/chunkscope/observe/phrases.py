"""Pieces of sentences about operations: what they do, what they make, and the line that they come from."""

from __future__ import annotations

from chunkscope.graph import Layer, Strategy
from chunkscope.types import Origin
from chunkscope.units import format_count

__all__ = ["DOES", "in_line", "line_of", "name_of", "shape_of", "where"]

LONGEST_CODE = 120
DOES = {
    Strategy.SOURCE: "makes its blocks, and needs no others",
    Strategy.BLOCKWISE: "works on each block alone",
    Strategy.TREE: "combines partial results, a few at a time",
    Strategy.SHUFFLE: "builds each block from parts of many",
    Strategy.GATHERS: "needs all the blocks in one task",
    Strategy.CALL: "calls a function of yours",
    Strategy.STORED: "hands out blocks that were stored before",
}


def name_of(layer: Layer) -> str:
    """The operation as people call it: by the user's label first."""
    return layer.label or layer.op


def where(origin: Origin | None) -> str:
    """Who asked for a run: "Cell In[3]", "Line 5 of script.py"."""
    span = origin.span if origin is not None else None
    if span is None:
        return "It"
    place = span.place
    return f"{place[:1].upper()}{place[1:]}" if place.startswith("cell ") else f"Line {span.line} of {place}"


def line_of(origin: Origin | None) -> str:
    """The line of code that made an operation; empty where it is not to be had."""
    span = origin.span if origin is not None else None
    return in_line(span.text) if span is not None else ""


def in_line(text: str) -> str:
    """A piece of code or an expression in one line, without what would end it."""
    line = " ".join(text.split()).replace("`", "'")
    return line if len(line) <= LONGEST_CODE else line[: LONGEST_CODE - 1] + "…"


def shape_of(layer: Layer, made: bool = False) -> str:
    """What an operation makes, in a few words; once it is `made`, a bound of the plan for its rows says nothing."""
    if layer.frame is not None:
        rows = sum(layer.frame.rows)
        about = "" if layer.frame.exact else "at most "
        width = max(layer.frame.ncolumns, len(layer.frame.columns))
        size = f"{about}{format_count(rows, 'row')} × {format_count(width, 'column')}"
        if made and not layer.frame.exact:
            size = format_count(width, "column")
        return f"{size} in {format_count(layer.ntasks, 'partition')}"
    if layer.chunks is not None:
        if not layer.chunks:
            return "one number"
        shape = " × ".join(f"{sum(sizes):,}" for sizes in layer.chunks)
        return f"an array of {shape} in {format_count(layer.ntasks, 'chunk')}"
    return format_count(layer.ntasks, "value")
