"""A run in one file: the messages of its wire stream, as they would have come live.

Layout: 8 bytes of magic, the length of the JSON header as a 64-bit little-endian number, the header, then the
buffers; every part starts at a multiple of 8, so that a page can use the buffers where they lie.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

from chunkscope.errors import ConfigError
from chunkscope.observe.feed import Feed
from chunkscope.observe.fold import fold
from chunkscope.observe.moments import describe
from chunkscope.observe.recorded_why import RecordedWhy
from chunkscope.observe.runlog import RunLog
from chunkscope.observe.viewers import VIEWS, page, view, viewer
from chunkscope.observe.why import Why
from chunkscope.observe.wire import Message, RowWindow, RunEnded, RunHeader, pack, unpack
from chunkscope.units import format_count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from chunkscope.types import Key

__all__ = ["MAGIC", "SUFFIX", "Recording", "load", "record", "save"]

MAGIC = b"CHNKSCP1"
SUFFIX = ".chunkscope"
PAGES = (".html", ".htm")


@dataclass(frozen=True)
class Recording:
    """A recorded run: its wire messages. Whatever shows a run in a cell shows it too: `recording.replay()`."""

    messages: tuple[Message, ...]

    def __post_init__(self) -> None:
        if not self.messages or not isinstance(self.messages[0], RunHeader):
            raise ValueError("not a recording of a run: it does not begin with the run's header")

    @property
    def header(self) -> RunHeader:
        """What the run was."""
        first = self.messages[0]
        assert isinstance(first, RunHeader)
        return first

    @property
    def nrows(self) -> int:
        """Number of finished tasks in the recording."""
        return sum(len(message.task) for message in self.messages if isinstance(message, RowWindow))

    @property
    def state(self) -> str:
        """How the run ended, or "running" where it was recorded before its end."""
        ends = [message for message in self.messages if isinstance(message, RunEnded)]
        return ends[-1].state if ends else "running"

    def why(self, task: SupportsIndex | str | Key, time: float | None = None) -> Why:
        """Why a task was where it was, at `time` in seconds since the run began; None is at its end.

        `task`: its number, its key, or its key as text. In the words of `RunLog.why`, as far as the recorded facts
        tell: what earlier runs had made is not among them. Raises KeyError for a task that the run does not have.
        """
        return RecordedWhy(self.messages).why(task, time)

    def states(self, time: float | None = None) -> NDArray[np.uint8]:
        """The state of every task (`fold.Shown`) at `time`, in seconds since the run began; None is at its end."""
        (found,) = fold(self.messages).values()
        return found.states(time)

    def describe(self, time: float | None = None) -> str:
        """The run in words; with `time`, as it was then: states by operation, what was decided last."""
        return describe(self, time)

    def __repr__(self) -> str:
        label = f" ({self.header.label})" if self.header.label else ""
        ended = f"{self.nrows:,} of {format_count(self.header.ntasks, 'task')}"
        return f"<Recording of run {self.header.run}{label}, {self.state}: {ended}>"

    def _repr_html_(self) -> str | None:
        return page(self)

    def __getattr__(self, name: str) -> Any:
        return view(self, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *VIEWS]

    def to_bytes(self) -> bytes:
        """The recording as its file holds it."""
        header, buffers = pack(self.messages)
        text = json.dumps(
            {**header, "sizes": [len(buffer) for buffer in buffers]}, separators=(",", ":")
        ).encode()
        parts = [MAGIC, len(text).to_bytes(8, "little"), _padded(text), *map(_padded, buffers)]
        return b"".join(parts)

    def save(self, path: str | Path) -> Path:
        """Write it to a file and return where; see `chunkscope.RunLog.save`."""
        return save(self, path)

    @classmethod
    def from_bytes(cls, data: bytes) -> Recording:
        """The recording that `data` holds. Raises ValueError where it holds none."""
        if data[:8] != MAGIC:
            raise ValueError(
                f"not a chunkscope recording: it begins with {data[:8]!r}, a recording with {MAGIC!r}"
            )
        length = int.from_bytes(data[8:16], "little")
        at = 16 + length + -length % 8
        try:
            header = json.loads(data[16 : 16 + length])
        except ValueError as error:
            raise ValueError("a damaged chunkscope recording: its header is not whole") from error
        buffers = []
        for size in header["sizes"]:
            buffers.append(data[at : at + size])
            at += size + -size % 8
        if at > len(data):
            raise ValueError(
                f"a damaged chunkscope recording: {at} bytes are announced, {len(data)} are there"
            )
        return cls(tuple(unpack(header, buffers)))


def record(log: RunLog, session: str = "") -> Recording:
    """The run so far, as a recording."""
    messages: Sequence[Message] = Feed(log, session).everything(told=True)
    return Recording(tuple(messages))


def save(run: RunLog | Recording, path: str | Path) -> Path:
    """Write the run to `path` and return where: `.chunkscope` is added where the name has no suffix.

    A name that ends in .html gets the page that `chunkscope_widgets.report` makes: it opens in any browser, alone.
    """
    target = Path(path)
    target = target if target.suffix else target.with_suffix(SUFFIX)
    if target.suffix.lower() in PAGES:
        page = viewer("report")
        if page is None:
            raise ConfigError(
                f"cannot save a run as {target.name!r}: pages need the viewers that chunkscope[lab] installs; "
                f"{target.with_suffix(SUFFIX).name!r} can be written without them"
            )
        target.write_text(page(run), encoding="utf-8")
        return target
    recorded = run if isinstance(run, Recording) else record(run)
    target.write_bytes(recorded.to_bytes())
    return target


def load(path: str | Path) -> Recording:
    """The recording in the file `path`."""
    return Recording.from_bytes(Path(path).read_bytes())


def _padded(part: bytes) -> bytes:
    return part + b"\0" * (-len(part) % 8)
