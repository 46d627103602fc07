"""Expressions: immutable descriptions of whole operations, and the named rewrites over them."""

from chunkscope.expr.base import Expr, Output, Slots
from chunkscope.expr.lowering import lower
from chunkscope.expr.rewrite import Context, Firing, Phase, Refusal, Rewritten, Rule, rewrite
from chunkscope.expr.stored import Stored
from chunkscope.expr.walk import count_consumers, postorder

__all__ = [
    "Context",
    "Expr",
    "Firing",
    "Output",
    "Phase",
    "Refusal",
    "Rewritten",
    "Rule",
    "Slots",
    "Stored",
    "count_consumers",
    "lower",
    "postorder",
    "rewrite",
]
