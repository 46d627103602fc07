"""Which page belongs to what: the entry point `html` of the viewers, used by plans, explanations and runs."""

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
    return explanation_html(value) if isinstance(value, Explanation) else run_html(value)
