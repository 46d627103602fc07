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
    """How two frames differ that are made by the same operation: " of 2 of 31 columns: Origin, DepDelay"."""
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
