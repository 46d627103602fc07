"""A block as bytes that another process can read: a short header, and its buffers, which are not copied to be read.

Blocks of 64 KiB and more lie in shared memory; what is smaller travels with its header. Python's pickle protocol 5
takes arrays, Arrow tables and pandas blocks apart into a header and buffers, and puts them together over any memory.
"""

from __future__ import annotations

import io
import pickle
from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import cloudpickle
import numpy as np

from chunkscope.blocks.arenas import ALIGNMENT, ARENAS, Arenas, Lease
from chunkscope.blocks.frames import is_frame
from chunkscope.blocks.layout import laid_out, parts
from chunkscope.blocks.passing import PASSING, Pinning, by_value, passed, passing
from chunkscope.blocks.protect import size_of
from chunkscope.blocks.spilling import SPILLER, Berth, Mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INLINE_BYTES", "Packed", "Shape", "is_plain", "loaded", "pack", "rebuild", "take_apart"]

INLINE_BYTES = 1 << 16
"""Smaller blocks travel with their header."""

_PLAIN = frozenset((int, float, complex, bool, type(None)))
ARRAY, FRAME, OTHER = range(3)


class Shape(NamedTuple):
    """How a packed block is put together again."""

    kind: int
    header: bytes
    sizes: tuple[int, ...]
    """Bytes of each buffer."""


def is_plain(value: Any) -> bool:
    """Whether a value travels as it is, many in one pickle: numbers, short texts, small arrays.

    >>> is_plain(3), is_plain("x"), is_plain([1])
    (True, True, False)
    """
    kind = type(value)
    if kind in _PLAIN:
        return True
    if kind is str or kind is bytes:
        return len(value) < 4096
    if kind is np.ndarray:
        flags = value.flags
        return (
            value.nbytes < INLINE_BYTES
            and not value.dtype.hasobject
            and (flags.c_contiguous or flags.f_contiguous)
        )
    return isinstance(value, np.generic) and value.nbytes < 4096


def take_apart(value: Any, *, by_value: bool = False) -> tuple[Shape, list[memoryview]]:
    """Header and buffers of a value. `by_value`: things of `__main__` travel whole, whatever process reads them.

    Raises what pickling raises.
    """
    kind = type(value)
    code = ARRAY if kind is np.ndarray and not value.dtype.hasobject else FRAME if is_frame(kind) else OTHER
    found: list[pickle.PickleBuffer] = []
    if by_value and code != ARRAY:
        header = _dumped(value, _ByValue, found)
    else:
        try:
            header = _dumped(value, _ByName, found)
        except Exception:
            found.clear()
            header = _dumped(value, _ByValue, found)
    buffers = [buffer.raw() for buffer in found]
    if len(header) >= INLINE_BYTES:  # it is large itself: it lies beside the buffers, as the last of them
        buffers.append(memoryview(header))
        header = b""
    return Shape(code, header, tuple(buffer.nbytes for buffer in buffers)), buffers


def rebuild(shape: Shape, buffers: Sequence[Any]) -> Any:
    """The value over its buffers; an array is read-only."""
    header: Any = shape.header
    if not header:
        *buffers, header = buffers
    value = pickle.loads(header, buffers=buffers)
    if shape.kind == ARRAY:
        value.setflags(write=False)
    return value


def _dumped(value: Any, pickler: type[pickle.Pickler], found: list[pickle.PickleBuffer]) -> bytes:
    file = io.BytesIO()
    pickler(file, protocol=5, buffer_callback=found.append).dump(value)
    return file.getvalue()


def _array(value: NDArray[Any]) -> Any:
    """How an array is pickled: out of band whatever its dtype and its layout, which comes back as it was.

    NumPy itself copies arrays of times, and those in neither C nor Fortran order.
    """
    if value.dtype.hasobject:
        return value.__reduce_ex__(5)
    if not value.flags.forc:
        return laid_out, parts(value)
    if value.dtype.kind in "mM":
        return _timed, (value.view(np.int64), value.dtype.str)
    return value.__reduce_ex__(5)


def _timed(base: NDArray[np.int64], dtype: str) -> NDArray[Any]:
    return base.view(dtype)


class _ByName(pickle.Pickler):
    dispatch_table = {np.ndarray: _array}  # noqa: RUF012 - declared by the base class


class _ByValue(cloudpickle.Pickler):  # type: ignore[misc]
    dispatch_table: ClassVar[Any] = ChainMap({np.ndarray: _array}, cloudpickle.Pickler.dispatch_table)


def starts_of(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Where each buffer starts, and the bytes of all with the gaps between them."""
    starts, at = [], 0
    for size in sizes:
        starts.append(at)
        at += -(-size // ALIGNMENT) * ALIGNMENT
    return starts, at


class Packed:
    """A block in the store: read by any process, owned here. Its memory is free when nobody refers to it any more.

    >>> import numpy as np
    >>> x = pack(np.arange(100_000))
    >>> y = x.load()
    >>> int(y.sum()), y.flags.writeable, x.nbytes
    (4999950000, False, 800000)
    """

    __slots__ = ("__weakref__", "_berth", "_offsets", "holds", "inline", "nbytes", "shape")

    def __init__(
        self,
        shape: Shape,
        nbytes: int,
        lease: Lease | None = None,
        starts: Sequence[int] = (),
        inline: tuple[bytes, ...] = (),
    ) -> None:
        self.shape = shape
        self.nbytes = nbytes
        """What the block weighs."""
        self._berth = None if lease is None else Berth.of(lease)
        self._offsets = () if lease is None else tuple(start - lease.extent.start for start in starts)
        self.holds: tuple[Any, ...] = ()
        """What its header names by number."""
        self.inline = inline
        """The buffers, where there is no lease."""

    @property
    def lease(self) -> Lease | None:
        """The memory that the block lies in now; None where it is small and travels in messages."""
        return None if self._berth is None else self._berth.lease

    def sign(self, mark: Mark) -> None:
        """Note which task has made it, where nobody has yet."""
        berth = self._berth
        if berth is not None and berth.mark is None:
            berth.mark = mark

    def place(self) -> tuple[Lease | None, tuple[int, ...]]:
        """The memory that it lies in now, and the positions of its buffers there; to be read from at once."""
        berth = self._berth
        if berth is None:
            return None, ()
        SPILLER.touch(berth)
        lease = berth.lease
        return lease, tuple(lease.extent.start + offset for offset in self._offsets)

    def load(self, *, own: bool = False) -> Any:
        """The block, read-only over the shared memory; what is no array or frame is the caller's with `own`."""
        lease, starts = self.place()
        if lease is None:
            buffers: list[Any] = list(self.inline)
        else:
            read = lease.arenas.read
            buffers = [read(lease, start, size) for start, size in zip(starts, self.shape.sizes, strict=True)]
        if own and self.shape.kind == OTHER:
            head = 0 if self.shape.header else 1
            buffers = [
                bytearray(buffer) if number < len(buffers) - head else buffer
                for number, buffer in enumerate(buffers)
            ]
        return rebuild(self.shape, buffers)

    @property
    def on_disk(self) -> bool:
        """Whether it was moved to disk to make room; it is read as one in memory is."""
        lease = self.lease
        return lease is not None and getattr(lease.arenas, "on_disk", False)

    @property
    def shared_bytes(self) -> int:
        """Bytes of shared memory that it holds, those of other parts of the same lease among them."""
        lease = self.lease
        return 0 if lease is None else lease.extent.size

    def compact(self) -> Packed:
        """Itself, or a copy in memory of its own where it is a small part of what it holds."""
        lease, starts = self.place()
        if lease is None or 2 * sum(self.shape.sizes) >= lease.extent.size:
            return self
        parts = zip(starts, self.shape.sizes, strict=True)
        read = lease.arenas.read
        found = _placed(self.shape, [read(lease, start, size) for start, size in parts], self.nbytes, ARENAS)
        found.holds = self.holds
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        if not by_value():
            if self._berth is None:
                return (_small, (self.shape, self.nbytes, self.inline, self.holds))
            found = passed(self, "packed", self.shape, self.nbytes, self._offsets)
            if found is not None:
                return found
        return (_as_it_is, (self.load(own=True),))  # whoever pickles it elsewhere gets the value

    @property
    def berth(self) -> Any:
        """Where it lies, for those who move it; None where it is small."""
        return self._berth

    @classmethod
    def afar(cls, shape: Shape, nbytes: int, offsets: tuple[int, ...], berth: Any) -> Packed:
        """A block of another process; `berth.lease` is where it lies now, mapped here."""
        found = cls(shape, nbytes)
        found._berth, found._offsets = berth, offsets
        return found


def _small(shape: Shape, nbytes: int, inline: tuple[bytes, ...], holds: tuple[Any, ...]) -> Packed:
    found = Packed(shape, nbytes, inline=inline)
    found.holds = holds
    return found


def _as_it_is(value: Any) -> Any:
    return value


def pack(value: Any, arenas: Arenas = ARENAS, *, by_value: bool = True) -> Packed:
    """The value in the store. Raises what pickling raises."""
    if PASSING.get() is not None:  # for one reader, who has the things in it kept for them
        shape, buffers = take_apart(value, by_value=by_value)
        return _placed(shape, buffers, size_of(value), arenas)
    pinning = Pinning()
    with passing(pinning):
        shape, buffers = take_apart(value, by_value=by_value)
    found = _placed(shape, buffers, size_of(value), arenas)
    found.holds = tuple(pinning.things)
    return found


def _placed(shape: Shape, buffers: Sequence[Any], nbytes: int, arenas: Arenas) -> Packed:
    starts, total = starts_of(shape.sizes)
    if total < INLINE_BYTES:
        return Packed(shape, nbytes, inline=tuple(map(bytes, buffers)))
    home = SPILLER.home(total) if arenas is ARENAS else arenas
    try:
        lease = _written(home, total, starts, buffers)
    except OSError:
        if home is arenas:
            raise
        lease = _written(arenas, total, starts, buffers)  # the disk is full
    return Packed(shape, nbytes, lease, [lease.extent.start + start for start in starts])


def _written(arenas: Arenas, total: int, starts: Sequence[int], buffers: Sequence[Any]) -> Lease:
    lease = arenas.lease(total)
    for start, buffer in zip(starts, buffers, strict=True):
        arenas.write(lease.extent, start, [buffer])
    return lease


def loaded(value: Any) -> Any:
    """The value itself, or the block that is packed in it."""
    return value.load() if type(value) is Packed else value
