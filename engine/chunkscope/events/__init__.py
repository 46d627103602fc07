"""What happened in a run: rows in columns on the hot path, typed events when somebody reads."""

from chunkscope.events.columns import Columns, Rows
from chunkscope.events.events import Event, RunFinished, RunStarted, TaskFailed, TaskFinished
from chunkscope.events.failure import DEBUG, FAILURE, Failure

__all__ = [
    "DEBUG",
    "FAILURE",
    "Columns",
    "Event",
    "Failure",
    "Rows",
    "RunFinished",
    "RunStarted",
    "TaskFailed",
    "TaskFinished",
]
