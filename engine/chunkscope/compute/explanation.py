"""How an expression is rewritten before it runs: each step before and after, each refusal with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chunkscope.compute.prepare import optimised
from chunkscope.compute.unpack import unpack
from chunkscope.compute.wording import after_words, before_words
from chunkscope.errors import ConfigError
from chunkscope.expr import Expr, Firing, count_operations, postorder
from chunkscope.observe.viewers import page
from chunkscope.units import format_count

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The record of one rewrite."""

    before: tuple[Expr, ...]
    after: tuple[Expr, ...]
    steps: tuple[Firing, ...]

    @property
    def firings(self) -> tuple[Firing, ...]:
        """The steps that changed something."""
        return tuple(step for step in self.steps if step.after is not None)

    @property
    def refusals(self) -> tuple[Firing, ...]:
        """The steps that a rule refused, each with its reason."""
        return tuple(step for step in self.steps if step.after is None)

    def describe(self) -> str:
        """Every step in words."""
        written, left = (count_operations(postorder(roots)) for roots in (self.before, self.after))
        become = "becomes" if written == 1 else "become"
        lines = [f"rewrite: {format_count(written, 'operation')} {become} {left}"]
        for number, step in enumerate(self.steps, start=1):
            if step.after is not None:
                lines.append(f"  {number}. {step.rule}: {before_words(step)} → {after_words(step)}")
            else:
                lines.append(f"  {number}. {step.rule} refused at {before_words(step)}: {step.reason}")
        if not self.steps:
            lines.append("  no rule applies")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.describe()

    def _repr_html_(self) -> str | None:
        return page(self)


def explain(*args: Any, rules: Sequence[str] | bool | None = None) -> Explanation:
    """The rewrite that `compute` with the same arguments would do, step by step. Nothing runs."""
    collections, _ = unpack(args)
    if not collections:
        raise ConfigError(
            "nothing to explain: give at least one lazy collection, like a delayed call or an array"
        )
    after, record, _ = optimised(collections, rules)
    return Explanation(tuple(c.__chunkscope_expr__() for c in collections), after, record)
