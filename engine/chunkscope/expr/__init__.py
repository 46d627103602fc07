"""Expressions: immutable descriptions of whole operations, and the named rewrites over them."""

from chunkscope.expr.base import Expr, Output, Slots
from chunkscope.expr.lowering import lower, lower_through
from chunkscope.expr.rewrite import Context, Firing, Phase, Refusal, Rewrite, Rewritten, Rule, Sweep, rewrite
from chunkscope.expr.stored import Stored
from chunkscope.expr.walk import count_consumers, count_operations, postorder

__all__ = [
    "Context",
    "Expr",
    "Firing",
    "Output",
    "Phase",
    "Refusal",
    "Rewrite",
    "Rewritten",
    "Rule",
    "Slots",
    "Stored",
    "Sweep",
    "count_consumers",
    "count_operations",
    "lower",
    "lower_through",
    "postorder",
    "rewrite",
]
