"""The page of what lower layers make: plans, explanations, runs, their memory. Found by `chunkscope.viewers`."""

from __future__ import annotations

from chunkscope.compute import Debug, Explanation, Plan
from chunkscope.display.comparison import comparison_html
from chunkscope.display.explanation import account_html, explanation_html
from chunkscope.display.failure import debug_html, failure_html
from chunkscope.display.memory import memory_html
from chunkscope.display.plan import plan_html
from chunkscope.display.run import recording_html, run_html
from chunkscope.display.stacks import stacks_html
from chunkscope.events import Failure
from chunkscope.observe import RunLog
from chunkscope.observe.account import Account
from chunkscope.observe.compare import Comparison
from chunkscope.observe.memory import MemoryUse
from chunkscope.observe.recording import Recording
from chunkscope.observe.stacks import Stacks

__all__ = ["html_of"]


def html_of(
    value: Plan
    | Explanation
    | Account
    | Comparison
    | Stacks
    | RunLog
    | Recording
    | MemoryUse
    | Failure
    | Debug,
) -> str:
    """The HTML page of a plan, an explanation, a run, its account or memory, a task that failed or is debugged."""
    if isinstance(value, Failure):
        return failure_html(value)
    if isinstance(value, Debug):
        return debug_html(value)
    if isinstance(value, Plan):
        return plan_html(value)
    if isinstance(value, Explanation):
        return explanation_html(value)
    if isinstance(value, Account):
        return account_html(value)
    if isinstance(value, Stacks):
        return stacks_html(value)
    if isinstance(value, Comparison):
        return comparison_html(value)
    if isinstance(value, MemoryUse):
        return memory_html(value)
    if isinstance(value, Recording):
        return recording_html(value)
    return run_html(value)
