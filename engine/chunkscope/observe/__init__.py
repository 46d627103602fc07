"""The run log and those who read it. The only way out of a run."""

from chunkscope.observe.reads import FileRead
from chunkscope.observe.registry import (
    Moment,
    Subscription,
    begin,
    end,
    forget,
    last_run,
    next_number,
    runs,
    subscribe,
)
from chunkscope.observe.runlog import OperationFigures, RunLog, RunState

__all__ = [
    "FileRead",
    "Moment",
    "OperationFigures",
    "RunLog",
    "RunState",
    "Subscription",
    "begin",
    "end",
    "forget",
    "last_run",
    "next_number",
    "runs",
    "subscribe",
]
