"""The one format in which a run leaves the kernel: messages of a JSON header and binary buffers.

Live pages (over a Jupyter comm), cells (over a widget) and recordings (in a file) all carry the messages
defined here, and the page's TypeScript types are generated from these classes. Times are seconds since the run
started, sizes are bytes as floats (JavaScript's numbers are exact up to 2**53), tasks are the run's own numbers.

A page learns a run from a `RunHeader`, then `TaskEdges` (if they fit the budget), then `RowWindow`s by cursor
and `RunStatus` samples, then `RunEnded`. A header, a `Keyframe` and a window of rows come again every second or
two, so a page that joins late knows where things stand at once and has all the rows soon after. `Notices` tell
reasons, by cursor like rows; `StackSamples` and `WorkerLoad` come whole, at most once a second.

>>> import numpy as np
>>> status = RunStatus("s", 1, 0.5, 2, 64.0, 0.0, lane=np.array([0]), task=np.array([3]), start=np.array([0.25]))
>>> header, buffers = pack([status])
>>> header["messages"][0]["kind"], [len(buffer) for buffer in buffers]
('status', [4, 4, 8])
>>> unpack(header, buffers)[0].task
array([3], dtype=int32)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, TypeAlias, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from chunkscope.observe.chapters import Chapter
from chunkscope.observe.records import FailureInfo, LayerInfo, Place, RewriteInfo, RunSummary, StackFrame

__all__ = [
    "MESSAGES",
    "VERSION",
    "AccountOf",
    "Keyframe",
    "Message",
    "Notices",
    "RowWindow",
    "RunEnded",
    "RunHeader",
    "RunList",
    "RunStatus",
    "StackSamples",
    "TaskEdges",
    "WorkerLoad",
    "buffer_fields",
    "pack",
    "unpack",
]

VERSION = 3

Ints = Annotated[NDArray[Any], "i4"]
Floats = Annotated[NDArray[Any], "f8"]
Bits = Annotated[NDArray[Any], "u1"]


@dataclass(frozen=True, slots=True)
class RunHeader:
    """What a run is: sent when it starts, again when a segment is added, and with each keyframe."""

    kind: ClassVar[str] = "header"
    session: str
    run: int
    label: str
    executor: str
    wall_started: float
    lanes: tuple[str, ...]
    layers: tuple[LayerInfo, ...]
    layer_edges: tuple[tuple[int, int], ...]
    ntasks: int
    nedges: int
    budget: float | None
    forecast_peak: float | None
    origin: Place | None
    forecast: Floats
    """Forecast bytes while each task runs, temporaries included, over their order: thinned, peaks kept."""
    kept: Ints
    """Tasks whose outputs the caller asked for: not released by their last user."""
    part: Ints
    """For each task which of its layer's `parts` it is, -1 for none; empty where no layer has several calls."""
    rewrites: tuple[RewriteInfo, ...]
    """The steps of the rewrite, the first two hundred; empty where nothing was rewritten."""
    written: int
    """Operations of the expression as the user wrote it; 0 where not known."""
    planned: int
    """Operations after the rewrite; 0 where not known. Equal ones become one layer."""
    group: str = ""
    """What it is one of many of, such as "futures"; empty where it stands alone."""


@dataclass(frozen=True, slots=True)
class TaskEdges:
    """Which tasks each task reads from: those in `producer[ptr[t]:ptr[t + 1]]`."""

    kind: ClassVar[str] = "edges"
    session: str
    run: int
    ptr: Ints
    producer: Ints


@dataclass(frozen=True, slots=True)
class RowWindow:
    """Rows of the run's log from row `cursor` on: one for each finished task, in the order of finishing."""

    kind: ClassVar[str] = "rows"
    session: str
    run: int
    cursor: int
    task: Ints
    lane: Ints
    ready: Floats
    start: Floats
    stop: Floats
    bytes_out: Floats
    stored: Floats
    """Bytes of stored blocks right after the row, the task's inputs still among them."""
    scratch: Floats
    """Bytes of temporaries of the row's task while it ran; empty where no task of the window had any."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """What runs now: a sample."""

    kind: ClassVar[str] = "status"
    session: str
    run: int
    now: float
    nfinished: int
    stored: float
    scratch: float
    """Declared temporaries of the tasks that run now."""
    lane: Ints
    task: Ints
    start: Floats


@dataclass(frozen=True, slots=True)
class Keyframe:
    """Which tasks have finished, for a page that lacks rows: one bit a task, the first in the high bit."""

    kind: ClassVar[str] = "keyframe"
    session: str
    run: int
    nrows: int
    now: float
    finished: Bits


@dataclass(frozen=True, slots=True)
class RunEnded:
    """How a run ended."""

    kind: ClassVar[str] = "ended"
    session: str
    run: int
    state: str
    seconds: float
    nrows: int
    peak_bytes: float
    """The highest use: blocks and the temporaries of the tasks that ran at that moment."""
    peak_block_bytes: float
    """The highest use of blocks alone."""
    error: FailureInfo | None
    processor_seconds: float | None = None
    """Processor time of the whole process while the run was on; None where it was not measured."""
    preempted: int = 0
    """How often a thread of the process had to leave a processor that it could have used."""


@dataclass(frozen=True, slots=True)
class RunList:
    """The runs that the kernel still remembers, oldest first."""

    kind: ClassVar[str] = "runs"
    session: str
    runs: tuple[RunSummary, ...]


@dataclass(frozen=True, slots=True)
class Notices:
    """Decisions, each with its reason: why something happened when it did. Number `cursor` of the run and on."""

    kind: ClassVar[str] = "notices"
    session: str
    run: int
    cursor: int
    total: int
    """How many the run has made so far; more than are kept where it made very many."""
    topics: tuple[str, ...]
    """What each is about, one word: see `chunkscope.events.TOPICS`."""
    texts: tuple[str, ...]
    """The reason of each: one sentence."""
    time: Floats
    task: Ints
    """The task that each is about; -1 where it is about the run."""


@dataclass(frozen=True, slots=True)
class StackSamples:
    """Where the kernels' time went by function: a tree of sampled stacks. It replaces the one before."""

    kind: ClassVar[str] = "stacks"
    session: str
    run: int
    interval: float
    """Seconds between two looks."""
    samples: int
    """Stacks seen."""
    frames: tuple[StackFrame, ...]
    parent: Ints
    """The node that called each node, always an earlier one; -1 for the first function below a kernel."""
    frame: Ints
    layer: Ints
    """The operation that each node belongs to."""
    seconds: Floats
    """Lane seconds seen in each node itself, not in what it called."""


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """What worker processes took while the run went on: looks, in the order of time. It replaces the one before."""

    kind: ClassVar[str] = "workload"
    session: str
    run: int
    names: tuple[str, ...]
    limits: Floats
    """Bytes that each of them may hold by itself; 0 is no limit."""
    time: Floats
    worker: Ints
    """Which of the names each look is about."""
    own: Floats
    """Bytes that its process held by itself."""
    mapped: Floats
    """Bytes of shared blocks that it had read and had at hand."""
    processor: Floats
    """Processor cores that it used since the look before; 0 for its first."""


@dataclass(frozen=True, slots=True)
class AccountOf:
    """A run that is over, told in words: what was asked, where the time went, what would help."""

    kind: ClassVar[str] = "account"
    session: str
    run: int
    chapters: tuple[Chapter, ...]


Message: TypeAlias = (
    RunHeader
    | TaskEdges
    | RowWindow
    | RunStatus
    | Keyframe
    | RunEnded
    | RunList
    | Notices
    | StackSamples
    | WorkerLoad
    | AccountOf
)
MESSAGES: tuple[type[Message], ...] = get_args(Message)
_BY_KIND: dict[str, type[Message]] = {message.kind: message for message in MESSAGES}
_BUFFERS: dict[str, tuple[tuple[str, str], ...]] = {
    message.kind: tuple(
        (name, hint.__metadata__[0])
        for name, hint in get_type_hints(message, include_extras=True).items()
        if hasattr(hint, "__metadata__")
    )
    for message in MESSAGES
}


def buffer_fields(message: type[Message]) -> tuple[tuple[str, str], ...]:
    """The fields of a message that travel as binary buffers, in order, each with its element type.

    >>> buffer_fields(TaskEdges)
    (('ptr', 'i4'), ('producer', 'i4'))
    """
    return _BUFFERS[message.kind]


def pack(messages: Iterable[Message]) -> tuple[dict[str, Any], list[bytes]]:
    """One packet: a JSON header that lists the messages, and the buffers of all of them, little-endian."""
    headers: list[dict[str, Any]] = []
    buffers: list[bytes] = []
    for message in messages:
        binary = dict(buffer_fields(type(message)))
        header: dict[str, Any] = {"kind": message.kind}
        for field in fields(message):
            value = getattr(message, field.name)
            if field.name in binary:
                buffers.append(np.ascontiguousarray(value, dtype="<" + binary[field.name]).tobytes())
            else:
                header[field.name] = _plain(value)
        headers.append(header)
    return {"chunkscope": VERSION, "messages": headers}, buffers


def unpack(header: dict[str, Any], buffers: Sequence[bytes | memoryview]) -> list[Message]:
    """The messages of one packet, as they were packed. Raises ValueError for a packet of another version."""
    if header.get("chunkscope") != VERSION:
        found = header.get("chunkscope")
        raise ValueError(f"cannot read a packet of version {found}: this chunkscope reads version {VERSION}")
    messages: list[Message] = []
    position = 0
    for entry in header["messages"]:
        values = dict(entry)
        message: Any = _BY_KIND[values.pop("kind")]
        for name, code in buffer_fields(message):
            values[name] = np.frombuffer(buffers[position], dtype="<" + code)
            position += 1
        known = [(name, hint) for name, hint in _hints(message) if name in values]
        messages.append(message(**{name: _typed(hint, values[name]) for name, hint in known}))
    return messages


@cache
def _hints(record: Any) -> tuple[tuple[str, Any], ...]:
    """The fields of a record with their types; binary fields have none."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(
        (field.name, None if hasattr(hints[field.name], "__metadata__") else hints[field.name])
        for field in fields(record)
    )


def _typed(hint: Any, value: Any) -> Any:
    """What JSON holds, as the type that it was made of: lists as tuples, objects as records."""
    if type(value) is list:
        kinds = get_args(hint) if get_origin(hint) is tuple else _tuple_of(hint)
        if len(kinds) == 2 and kinds[1] is Ellipsis:
            return tuple([_typed(kinds[0], item) for item in value])
        return tuple([_typed(kind, item) for kind, item in zip(kinds, value, strict=True)])
    if type(value) is dict:
        record: Any = hint if is_dataclass(hint) else next(filter(is_dataclass, get_args(hint)))
        return record(**{name: _typed(kind, value[name]) for name, kind in _hints(record) if name in value})
    return value


def _tuple_of(hint: Any) -> tuple[Any, ...]:
    """The parts of the tuple in a union like `tuple[int, ...] | None`."""
    return next(get_args(kind) for kind in get_args(hint) if get_origin(kind) is tuple)


def _plain(value: Any) -> Any:
    """`value` as JSON can carry it."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return value
