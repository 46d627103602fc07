"""What every lazy value can do: be computed, kept, planned and explained. Collections inherit it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from chunkscope.compute.explanation import Explanation
    from chunkscope.compute.plans import Plan

__all__ = ["Lazy"]


class Lazy:
    """The methods of a collection that lead to `chunkscope.compute` and its companions, with the same options."""

    __slots__ = ()

    def compute(self, **options: Any) -> Any:
        """The value, as NumPy, pandas or Python has it. Options: those of `chunkscope.compute`."""
        from chunkscope.compute.run import single

        __tracebackhide__ = True
        return single(self, **options)  # type: ignore[arg-type] # every collection has the protocol

    def persist(self, **options: Any) -> Self:
        """The same with its blocks computed and kept in memory. Options: those of `chunkscope.persist`."""
        from chunkscope.compute.run import persist

        found: Self = persist(self, **options)[0]
        return found

    def plan(self, **options: Any) -> Plan:
        """What computing it would take: tasks, bytes read, peak memory. Options: those of `chunkscope.plan`."""
        from chunkscope.compute.plans import plan

        return plan(self, **options)

    def explain(self, **options: Any) -> Explanation:
        """How it would be rewritten before it runs, step by step. Options: those of `chunkscope.explain`."""
        from chunkscope.compute.explanation import explain

        return explain(self, **options)
