"""The page of what lower layers make: plans, explanations, runs. Found through the entry point `chunkscope.viewers`."""

from __future__ import annotations

from chunkscope.compute import Explanation, Plan
from chunkscope.display.explanation import explanation_html
from chunkscope.display.plan import plan_html
from chunkscope.display.run import run_html
from chunkscope.observe import RunLog

__all__ = ["html_of"]


def html_of(value: Plan | Explanation | RunLog) -> str:
    """The HTML page of a plan, an explanation or a run."""
    if isinstance(value, Plan):
        return plan_html(value)
    if isinstance(value, Explanation):
        return explanation_html(value)
    return run_html(value)
