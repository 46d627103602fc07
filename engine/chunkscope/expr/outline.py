"""An expression in one line, for explanations and logs."""

from __future__ import annotations

from chunkscope.expr.base import Expr

__all__ = ["outline"]


def outline(expr: Expr, depth: int = 2) -> str:
    """An expression in one line, `depth` levels deep: "sum(add(x, ones))".

    >>> from chunkscope import delayed
    >>> outline((delayed(sum)([1]) + 1).__chunkscope_expr__())
    'add(sum)'
    """
    title = getattr(expr, "title", None) or expr.op
    inputs = expr.inputs()
    if not inputs:
        return str(title)
    if depth == 0:
        return f"{title}(…)"
    shown = [outline(child, depth - 1) for child in inputs[:4]] + (["…"] if len(inputs) > 4 else [])
    return f"{title}({', '.join(shown)})"
