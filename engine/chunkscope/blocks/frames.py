"""What pandas blocks weigh, how a part of a larger frame lets go of it, and how user code gets them without harm.

Nothing here imports pandas: whoever hands in a frame has it loaded. The columns are read through the frame's manager,
which costs 10 µs where `memory_usage` costs 400; where that is not to be had, `memory_usage` is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KINDS", "Sheltered", "frame_bytes", "is_frame", "own_frame"]

SAMPLE = 64
"""Objects of a column that are looked at."""
OVERHANG = 1 << 16
"""A part that holds this much more than itself, and more than itself twice, is copied."""

KINDS: set[type] = set()
"""The classes of pandas blocks that this process has stored so far."""


def is_frame(kind: type) -> bool:
    """Whether a class is a frame, a series or an index of pandas; remembers those that are."""
    if kind in KINDS:
        return True
    if kind.__module__.partition(".")[0] != "pandas" or not hasattr(kind, "memory_usage"):
        return False
    KINDS.add(kind)
    return True


def frame_bytes(value: Any) -> int:
    """The bytes of a frame, series or index: columns, strings, categories and index; Python objects by a sample.

    >>> import numpy as np, pandas as pd
    >>> frame_bytes(pd.DataFrame({"x": np.zeros(1000), "y": np.zeros(1000, dtype="int16")})) - 10_000 < 200
    True
    """
    manager = getattr(value, "_mgr", None)
    blocks = getattr(manager, "blocks", None)
    if blocks is None:
        return _index_bytes(value) if manager is None else int(np.sum(value.memory_usage(deep=False)))
    total = sum(_array_bytes(block.values) for block in blocks)
    return total + _index_bytes(value.index)


def _array_bytes(values: Any) -> int:
    """The bytes of the values of some columns."""
    if _is_object(values):
        return int(values.nbytes) + _object_bytes(np.asarray(values))
    return int(values.nbytes)


def _is_object(values: Any) -> bool:
    return isinstance(values.dtype, np.dtype) and values.dtype.kind == "O"


def _index_bytes(index: Any) -> int:
    """The bytes of an index; a range costs nothing that matters."""
    if type(index).__name__ == "RangeIndex":
        return 0
    if _is_object(index) and not hasattr(index, "levels"):
        values = index.to_numpy()
        return int(values.nbytes) + _object_bytes(values)
    return int(index.memory_usage(deep=False))


def _object_bytes(values: NDArray[np.object_]) -> int:
    """What the Python objects of an array weigh beside their pointers, by a sample spread evenly over it.

    An object that comes up again and again is one object that many places share.
    """
    flat = values.reshape(-1)
    if not len(flat):
        return 0
    places = np.linspace(0, len(flat) - 1, min(SAMPLE, len(flat))).astype(np.int64)
    sample = {id(item): sys.getsizeof(item) for item in flat[places]}
    mean = sum(sample.values()) / len(sample)
    shared = len(places) > 8 and 2 * len(sample) < len(places)
    return int(mean * (len(sample) if shared else len(flat)))


def own_frame(value: Any) -> Any:
    """The value as a block of a frame may be stored: a part of something much larger is copied, to let go of it."""
    if not is_frame(type(value)) or not _holds_more(value):
        return value
    copied = value.copy(deep=True)
    if getattr(copied, "ndim", 1) == 2:
        for number, values in enumerate(_columns(copied)):
            if _arrow_of(values) is not None:
                copied.isetitem(number, _compact(values))
        return copied
    values = copied.array
    if _arrow_of(values) is None:
        return copied
    options = {"index": copied.index} if hasattr(copied, "index") else {}
    return type(copied)(_compact(values), name=copied.name, **options)


def _holds_more(value: Any) -> bool:
    """Whether the arrays of a frame are parts of arrays more than twice their size."""
    blocks = getattr(getattr(value, "_mgr", None), "blocks", None)
    if blocks is None:
        return False
    seen: dict[int, int] = {}
    held = needed = 0
    for block in blocks:
        values = block.values
        needed += int(values.nbytes)
        arrow = _arrow_of(values)
        if arrow is not None:
            held += int(arrow.get_total_buffer_size())
            continue
        array = values if isinstance(values, np.ndarray) else getattr(values, "_ndarray", None)
        if array is None:
            held += int(values.nbytes)
            continue
        while isinstance(array.base, np.ndarray):
            array = array.base
        seen[id(array)] = max(int(array.nbytes), 0)
    held += sum(seen.values())
    return held > 2 * needed + OVERHANG


def _columns(frame: Any) -> Iterator[Any]:
    for number in range(frame.shape[1]):
        yield frame.iloc[:, number].array


def _arrow_of(values: Any) -> Any:
    """The Arrow data under some pandas values, or None."""
    return getattr(values, "_pa_array", None)


def _compact(values: Any) -> Any:
    """A copy of values kept in Arrow that holds nothing else: a mere slice would hold its whole buffers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    data = _arrow_of(values)
    return values.dtype.__from_arrow__(pc.take(data, pa.array(np.arange(len(data)))))


class Sheltered:
    """A kernel of the user's that gets frames as shallow copies: writing to one leaves the stored block as it is."""

    __slots__ = ("kernel",)

    def __init__(self, kernel: Callable[..., Any]) -> None:
        self.kernel = kernel

    def __call__(self, block: int, /, *inputs: Any) -> Any:
        return self.kernel(block, *[x.copy(deep=False) if type(x) in KINDS else x for x in inputs])
