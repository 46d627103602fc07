"""A block that outlives its run: persisted, scattered, or the result of a future."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Literal, TypeAlias

from chunkscope.blocks.carry import packed_error
from chunkscope.blocks.ledger import LEDGER
from chunkscope.blocks.packing import Packed, is_plain, pack
from chunkscope.blocks.passing import by_value, passed
from chunkscope.blocks.protect import size_of
from chunkscope.errors import BlockLostError, TransferError

__all__ = ["Standing", "StoredBlock"]

Standing: TypeAlias = Literal["pending", "stored", "spilled", "lost", "failed"]

_lock = threading.Lock()


class StoredBlock:
    """A place for one block, filled once: with a value or with the error of the task that should have made it.

    The bytes are booked when it is filled and given back when the last reference to it is dropped.

    >>> block = StoredBlock()
    >>> block.done
    False
    >>> block.fill(42); block.get()
    42
    """

    __slots__ = (
        "__weakref__",
        "_booked",
        "_callbacks",
        "_error",
        "_event",
        "_nbytes",
        "_trace",
        "_value",
        "done",
    )

    def __init__(self, nbytes: int = 0) -> None:
        self.done = False
        self._nbytes = nbytes
        self._booked = 0
        self._value: Any = None
        self._error: BaseException | None = None
        self._trace: TracebackType | None = None
        self._event: threading.Event | None = None
        self._callbacks: list[Callable[[], None]] = []

    @property
    def nbytes(self) -> int:
        """Bytes of the block; the prediction until it is there."""
        return self._nbytes

    @property
    def failed(self) -> bool:
        """Whether the block will never be there."""
        return self._error is not None

    @property
    def error(self) -> BaseException | None:
        """Why the block will never be there; None where it is there, or still to come."""
        return self._error

    @property
    def trace(self) -> TracebackType | None:
        """Where the error was raised, in the frames of the task."""
        return self._trace

    @property
    def standing(self) -> Standing:
        """Where the block is now: "spilled" is on disk, "lost" one that was there and was given up."""
        if not self.done:
            return "pending"
        if self._error is None:
            value = self._value
            return "spilled" if type(value) is Packed and value.on_disk else "stored"
        return "lost" if isinstance(self._error, BlockLostError) else "failed"

    def fill(self, value: Any) -> None:
        """Store the value. It must be read-only already where it can be."""
        nbytes = size_of(value)
        LEDGER.book(nbytes)
        self._value, self._nbytes, self._booked = value, nbytes, nbytes
        self._finish()

    def fail(self, error: BaseException) -> None:
        """Store why there will be no value. A second outcome is ignored."""
        self.fail_all((self,), error)

    @staticmethod
    def fail_all(blocks: Iterable[StoredBlock], error: BaseException) -> None:
        """The same for several: who waits for one of them finds all of them failed.

        >>> x, y = StoredBlock(), StoredBlock()
        >>> x.when_done(lambda: print(y.standing)); StoredBlock.fail_all([x, y], ValueError())
        failed
        """
        with _lock:
            failed = [block for block in blocks if not block.done]
            for block in failed:
                block._error, block._trace, block.done = error, error.__traceback__, True
        for block in failed:
            block._finish()

    def lose(self, error: BaseException) -> None:
        """Where it is not there yet, it will never be here, in a child of the process where it will. Takes no lock."""
        if not self.done:
            self._error, self._callbacks, self.done = error, [], True

    def _finish(self) -> None:
        with _lock:
            self.done = True
            callbacks, self._callbacks = self._callbacks, []
            event = self._event
        if event is not None:
            event.set()
        for callback in callbacks:
            callback()

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call `callback` once the block is there or has failed; at once if it is already."""
        with _lock:
            if not self.done:
                self._callbacks.append(callback)
                return
        callback()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the block is there or has failed; False when the time ran out first."""
        with _lock:
            if self.done:
                return True
            event = self._event = self._event or threading.Event()
        return event.wait(timeout)

    def get(self) -> Any:
        """The block; waits for it. Raises what its task raised."""
        if not self.done:
            self.wait()
        if self._error is not None:
            raise self._error.with_traceback(self._trace)  # raising it adds frames: each time anew
        value = self._value
        return value.load(own=True) if type(value) is Packed else value

    def packed(self) -> Any:
        """The block as another process can have it: `Packed`, or a plain value. From now on it is in shared memory.

        Raises what made it fail, TransferError for what cannot be sent.
        """
        value = self._value if self.done and self._error is None else self.get()
        if type(value) is Packed or is_plain(value):
            return value
        try:
            found = pack(value)
        except Exception as reason:
            raise TransferError(
                f"a block that is kept here cannot be sent to another process ({type(reason).__name__}: {reason}); "
                "use scheduler='threads', or keep plain data, arrays or frames"
            ) from reason
        with _lock:
            if self._error is None:
                self._value = found
        return found

    def release(self, error: BaseException | None = None) -> None:
        """Drop the value now, whoever still holds the handle; reading it later raises `error`, or BlockLostError."""
        with _lock:
            booked, self._booked, self._value = self._booked, 0, None
            self._error = error or BlockLostError(
                "this block was released; compute or persist its collection again"
            )
            self.done = True
        LEDGER.book(-booked)

    def __reduce__(self) -> tuple[Any, ...]:
        facts = () if by_value() else self.facts()
        return passed(self, "block", *facts, pending=not (facts and facts[0])) or (_stored, (self._sent(),))

    def facts(self) -> tuple[bool, int, Any, Any]:
        """For whoever has it by number: whether it is done, bytes, its value where that is small, its error packed."""
        if not self.done:
            return False, self._nbytes, None, None
        error, value = self._error, self._value
        if error is not None:
            return True, self._nbytes, None, packed_error(error)
        return True, self._nbytes, value if is_plain(value) else None, None

    def _sent(self) -> Any:
        """What goes to another process in its place: a packed block, which may go by number, or a copy."""
        value = self.get() if by_value() or not self.done else self._value
        return self.get() if self.failed else value

    def __del__(self, give_back: Callable[[int], None] = LEDGER.book) -> None:
        if self._booked:  # the default argument lives on when the interpreter takes modules apart
            give_back(-self._booked)

    def __repr__(self) -> str:
        state = "failed" if self.failed else "stored" if self.done else "pending"
        return f"<StoredBlock {state}, {self.nbytes} bytes>"


def _stored(value: Any) -> StoredBlock:
    block = StoredBlock()
    block.fill(value)
    return block
