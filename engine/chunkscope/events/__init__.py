"""What happened in a run: rows in columns on the hot path, typed events when somebody reads."""

from chunkscope.events.columns import Columns, Rows
from chunkscope.events.events import Event, RunFinished, RunStarted, TaskFailed, TaskFinished
from chunkscope.events.failure import DEBUG, FAILURE, Failure
from chunkscope.events.notices import TOPICS, Notice, NoticeList

__all__ = [
    "DEBUG",
    "FAILURE",
    "TOPICS",
    "Columns",
    "Event",
    "Failure",
    "Notice",
    "NoticeList",
    "Rows",
    "RunFinished",
    "RunStarted",
    "TaskFailed",
    "TaskFinished",
]
