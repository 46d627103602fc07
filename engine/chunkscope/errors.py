"""Every error that chunkscope raises on its own account.

    ChunkscopeError
    ├── ChunkError (ValueError)            chunks that do not fit a shape
    ├── ShapeError (ValueError)            shapes that do not broadcast or reshape
    ├── DTypeError (TypeError)             a dtype that is unknown or does not fit
    ├── AxisError (IndexError, ValueError) an axis or index out of range
    ├── FrameError (ValueError)            frames, columns or partitions that do not fit together
    │   └── SchemaError                    columns that do not hold the dtypes that were promised
    ├── LazyValueError (TypeError)         `if`, `for` or `int` on a value that is not computed yet
    ├── ConfigError (ValueError)           an unknown option or a value that it cannot take
    ├── GraphError (RuntimeError)          a graph that cannot be: an engine fault, please report
    ├── MemoryBudgetError (MemoryError)    a plan that cannot fit `memory=`
    ├── BlockLostError (LookupError)       a stored block that was released or lost
    ├── RunCancelled (RuntimeError)        a run that somebody stopped
    ├── TaskExitError (RuntimeError)       a task that called sys.exit
    ├── TransferError (TypeError)          a value that cannot go to or come from another process
    ├── ClusterError (RuntimeError)        workers that cannot be started or reached
    │   └── WorkerDiedError                a task whose worker process died again and again
    └── IllegalTransition (RuntimeError)   a stimulus that the scheduler's table does not allow

An exception of the user's own, raised inside a task, is not in this tree: it comes back as itself, with a note that
says where it came from. A message here says what was asked, what was found and what would work.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "AxisError",
    "BlockLostError",
    "ChunkError",
    "ChunkscopeError",
    "ClusterError",
    "ConfigError",
    "DTypeError",
    "FrameError",
    "GraphError",
    "IllegalTransition",
    "LazyValueError",
    "MemoryBudgetError",
    "Mismatch",
    "RunCancelled",
    "SchemaError",
    "ShapeError",
    "TaskExitError",
    "TransferError",
    "WorkerDiedError",
]


class ChunkscopeError(Exception):
    """The root of chunkscope's own errors."""


class ChunkError(ChunkscopeError, ValueError):
    """Chunks that do not fit the shape they were asked for."""


class ShapeError(ChunkscopeError, ValueError):
    """Shapes that do not broadcast, align or reshape."""


class DTypeError(ChunkscopeError, TypeError):
    """A dtype that is unknown or that an operation cannot take."""


class AxisError(ChunkscopeError, IndexError, ValueError):
    """An axis or an index that is out of range."""


class FrameError(ChunkscopeError, ValueError):
    """Frames, columns, partitions or divisions that do not fit what was asked."""


class Mismatch(NamedTuple):
    """One row of an error table: a column that holds something else than was promised, and where that shows first."""

    column: Any
    found: str
    expected: str
    file: str
    line: int
    """1-based, as an editor counts; 0 where it is not known."""
    value: str


class SchemaError(FrameError):
    """Columns of one partition that do not hold the dtypes that were promised."""

    def __init__(self, message: str, table: tuple[Mismatch, ...] = (), dtype_hint: str = "") -> None:
        super().__init__(message)
        self.table = table
        self.dtype_hint = dtype_hint
        """The argument to paste: `dtype={...}`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.args[0], self.table, self.dtype_hint), self.__dict__)


class LazyValueError(ChunkscopeError, TypeError):
    """Python asked for the value of something that is not computed yet."""


class ConfigError(ChunkscopeError, ValueError):
    """An unknown option, or a value that the option cannot take."""


class GraphError(ChunkscopeError, RuntimeError):
    """A graph that breaks its own rules: a fault of the engine, not of the user."""


class MemoryBudgetError(ChunkscopeError, MemoryError):
    """A plan whose smallest possible peak is above the memory budget."""


class BlockLostError(ChunkscopeError, LookupError):
    """A stored block that is not there any more."""


class RunCancelled(ChunkscopeError, RuntimeError):
    """The run was stopped before its results were complete."""


class TaskExitError(ChunkscopeError, RuntimeError):
    """A task that called `sys.exit`: it may end its run, never the program."""


class TransferError(ChunkscopeError, TypeError):
    """A function, argument, result or exception that cannot be sent from one process to another."""


class ClusterError(ChunkscopeError, RuntimeError):
    """Worker processes that cannot be started, or that are gone."""


class WorkerDiedError(ClusterError):
    """A task that was given up because the processes that ran it died. Its attributes are the post-mortem."""

    def __init__(
        self, message: str, loss: Any = None, task: str = "", origin: Any = None, input_bytes: int = 0
    ) -> None:
        super().__init__(message)
        self.loss = loss
        """What is known of the last death: worker, process, exit status, the interpreter's last words."""
        self.task = task
        """The task by name."""
        self.origin = origin
        """The user's line that made it; None where that is not known."""
        self.input_bytes = input_bytes
        """Bytes of its inputs."""
        self.signal: str = getattr(loss, "signal", "")
        """What ended the last process, "SIGKILL"; empty where it ended by itself."""
        self.last_output: str = getattr(loss, "last_output", "")
        """The end of what that process had printed."""
        self.post_mortem: tuple[tuple[str, str], ...] = ()
        """All of it as rows for people."""

    def __reduce__(self) -> tuple[Any, ...]:
        about = (self.args[0], self.loss, self.task, self.origin, self.input_bytes)
        return (type(self), about, self.__dict__)


class IllegalTransition(ChunkscopeError, RuntimeError):
    """A stimulus that the transition table has no entry for; the state is unchanged."""
