"""The records that wire messages hold: places, operations, failures, lines of lists. Plain values, no binary data."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "FailureInfo",
    "FrameInfo",
    "LayerInfo",
    "PartInfo",
    "Place",
    "RewriteInfo",
    "RunSummary",
    "StackFrame",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the user's source."""

    file: str
    line: int
    text: str
    cell: str
    """The id of the notebook's cell that holds the line; empty where there is none, or where it is not known."""


@dataclass(frozen=True, slots=True)
class PartInfo:
    """An operation that is part of another one's kernel, and the line that made it."""

    op: str
    origin: Place | None


@dataclass(frozen=True, slots=True)
class FrameInfo:
    """What the partitions of an operation hold where it makes a frame or a series; lists are empty where not known."""

    columns: tuple[tuple[str, str], ...]
    """Name and dtype, the first hundred."""
    ncolumns: int
    rows: tuple[int, ...]
    """Rows of each partition; empty for very many partitions."""
    exact: bool
    """Whether `rows` are counted; otherwise they are at most as many."""
    divisions: tuple[str, ...]
    """Index values between partitions, one more than partitions."""
    places: tuple[str, ...]
    """The file of each partition."""


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """One operation of the graph: tasks `first_task` and the `ntasks - 1` that follow, blocks in C order."""

    name: str
    op: str
    label: str
    strategy: str
    grid: tuple[int, ...]
    chunks: tuple[tuple[int, ...], ...] | None
    dtype: str | None
    detail: str
    first_task: int
    ntasks: int
    origin: Place | None
    nbytes: float
    """Predicted bytes of all its blocks."""
    scratch: float
    """Declared bytes of temporaries of one task."""
    read_bytes: float
    """Bytes that all its tasks read from files or the user's own arrays."""
    frame: FrameInfo | None
    parts: tuple[PartInfo, ...]
    """The operations that were fused into this one, inputs first, itself not among them. Of delayed calls (strategy
    "call") the different ones, where there are several: see `RunHeader.part`. The first fifty."""
    token: str
    """What tells equal operations of two runs: a hash of what is computed from what; empty for delayed calls."""
    uses: int
    """How many operations read its blocks, and one more where the caller asked for them."""


@dataclass(frozen=True, slots=True)
class FailureInfo:
    """Why a run failed, and at which task, where one is to blame; texts are empty where they say nothing."""

    task: int
    error: str
    origin: Place | None
    operation: str
    variable: str
    region: str
    partition: str
    file: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs."""

    run: int
    label: str
    executor: str
    state: str
    ntasks: int
    nfinished: int
    seconds: float
    wall_started: float
    group: str = ""
    """What it is one of many of, such as "futures"; empty where it stands alone."""


@dataclass(frozen=True, slots=True)
class RewriteInfo:
    """One step of the rewrite that led to the graph; a refused one has a reason, and nothing after it."""

    rule: str
    before: str
    after: str
    refused: bool
    reason: str
    op: str
    """The operation that the rule looked at."""
    origin: Place | None
    others: tuple[PartInfo, ...]
    """What a fusing rule took in, or left outside where it refused; the first few."""


@dataclass(frozen=True, slots=True)
class StackFrame:
    """A function of the user's, or of a library that it called; `line` is where it begins."""

    function: str
    file: str
    line: int
    cell: str
