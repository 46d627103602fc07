"""One step of a rewrite in words: both expressions in a line, and what differs where the lines do not tell."""

from __future__ import annotations

from typing import Any

from chunkscope.expr import Expr, Firing
from chunkscope.expr.outline import outline

__all__ = ["after_words", "before_words"]

MOST_NAMES = 4


def before_words(step: Firing) -> str:
    """The expression that a rule looked at."""
    return outline(step.before)


def after_words(step: Firing) -> str:
    """What the rule made of it; empty for a refusal."""
    if step.after is None:
        return ""
    words = outline(step.after)
    return words + _difference(step.before, step.after) if words == outline(step.before) else words


def _difference(before: Expr, after: Expr) -> str:
    """How two differ that are made by the same operations: " of 2 of 31 columns: Origin, DepDelay"."""
    fewer = _fewer_blocks(before, after)
    if fewer:
        return fewer
    old, new = _columns(before), _columns(after)
    if not old or not new:
        return ""
    if len(new) < len(old):
        return f" of {len(new):,} of {len(old):,} columns: {_listed(list(new))}"
    coded = [name for name in _coded(after) if name not in _coded(before)]
    if coded:
        return f" with {_listed(coded)} as codes"
    changed = [name for name in new if name in old and new[name] != old[name]]
    if changed:
        kinds = list(dict.fromkeys(new[name] for name in changed))
        return f" with {_listed(changed)} as {_listed(kinds)}"
    return ""


def _fewer_blocks(before: Expr, after: Expr) -> str:
    """What is no longer made: " of 2 of its 12 partitions", ", 8 of 48 blocks of normal"."""
    old, new = _source(before), _source(after)
    had, has = _blocks(old), _blocks(new)
    if not 0 < has < had or old.op != new.op:
        return ""
    noun = "partitions" if hasattr(new, "npartitions") else "blocks"
    if new is after:
        return f" of {has:,} of its {had:,} {noun}"
    return f", {has:,} of {had:,} {noun} of {outline(new)}"


def _source(expr: Expr) -> Expr:
    """What an expression is made from in the end: the first input of the first input, and so on."""
    while inputs := expr.inputs():
        expr = inputs[0]
    return expr


def _blocks(expr: Any) -> int:
    """How many blocks or partitions an expression has; 0 where it has none."""
    found = getattr(expr, "npartitions", None)
    return int(getattr(getattr(expr, "grid", None), "nblocks", 0) if found is None else found)


def _coded(expr: Any) -> list[str]:
    """The columns that a reader hands on as codes."""
    columns = getattr(expr, "columns_read", None) or ()
    return [str(column.name) for column in columns if getattr(column, "coded", False)]


def _columns(expr: Any) -> dict[str, str]:
    """Names and dtypes of the columns of an expression that makes a frame."""
    meta = getattr(expr, "meta", None)
    names, dtypes = getattr(meta, "columns", None), getattr(meta, "dtypes", None)
    if names is None or dtypes is None:
        return {}
    return {str(name): str(dtype) for name, dtype in zip(names, dtypes, strict=True)}


def _listed(names: list[str]) -> str:
    return ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
