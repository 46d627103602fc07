"""What a kernel makes: its own operation and all that was fused into it, by the record of the rewrite.

Operations are told apart by their word and by the instruction of the user's code that made them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chunkscope.graph import Layer
from chunkscope.types import Origin

if TYPE_CHECKING:
    from chunkscope.observe.runlog import Step

__all__ = ["alike", "calls_of", "fused_into", "made", "named"]


def named(layer: Layer, local: int) -> tuple[str, Origin | None]:
    """The operation and the line of one task; a table of calls knows those of each."""
    origin_of = getattr(layer.kernel, "origin_of", None)
    return (layer.op, layer.origin) if origin_of is None else origin_of(local)


def made(record: Sequence[Step], op: str, origin: Origin | None) -> list[tuple[str, Origin | None]]:
    """What a kernel makes: its own operation first, then all that was fused into it, and so on down."""
    found: dict[tuple[str, int], tuple[str, Origin | None]] = {}
    stack = [(op, origin)]
    while stack:
        name, where = stack.pop()
        if (name, id(where)) in found:
            continue
        found[name, id(where)] = (name, where)
        for step in record:
            if step.after and step.rule.startswith("fuse") and step.origin is where and alike(name, step.op):
                stack.extend(step.others)
    return list(found.values())


def fused_into(record: Sequence[Step], layer: Layer) -> list[tuple[str, Origin | None]]:
    """The operations inside a layer's kernel in the order of their work, inputs first; its own not among them."""
    own = {id(layer.origin)}
    inside = [
        (op, origin)
        for op, origin in made(record, layer.op, layer.origin)[1:]
        if not (id(origin) in own and alike(layer.op, op))
    ]
    return inside[::-1]


def calls_of(layer: Layer, most: int) -> tuple[list[tuple[str, Origin | None]], list[int]]:
    """The different calls of a table of calls, `most` at most, and which of them each task is (-1: a further one)."""
    numbers: dict[tuple[str, int, int], int] = {}
    found: list[tuple[str, Origin | None]] = []
    parts: list[int] = []
    for local in range(layer.ntasks):
        op, origin = named(layer, local)
        same = (op, *((0, 0) if origin is None else origin.instruction))
        number = numbers.get(same)
        if number is None:
            number = numbers[same] = len(found) if len(found) < most else -1
            if number >= 0:
                found.append((op, origin))
        parts.append(number)
    return found, parts


def alike(op: str, word: str) -> bool:
    """Whether the word of a record's operation is that of a layer, whose word may tell a whole chain."""
    return op == word or op.endswith(f"→ {word}")
