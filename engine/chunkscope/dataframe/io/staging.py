"""Files that appear whole or not at all: written under hidden names beside their place, renamed when complete."""

from __future__ import annotations

import errno
import os
import threading
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chunkscope.errors import FrameError

__all__ = ["Stage"]


class Stage:
    """The unfinished files of one write. What is left of them goes with `abort`, and with the last reference to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex[:12]
        self._lock = threading.Lock()
        self._over = False
        self._made = not folder.exists()
        weakref.finalize(self, _sweep, folder, self.mark, self._made)

    def __chunkscope_token__(self) -> str:
        return self.mark

    def __reduce__(self) -> tuple[object, ...]:
        return (_rejoined, (self.folder, self.mark))

    def hidden(self, name: str) -> Path:
        """Where the file `name` is while it is not complete."""
        return self.folder / f".{name}.{self.mark}.part"

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        """The hidden path to write `name` to. After a failure, or once the write is over, nothing stays there."""
        path = self.hidden(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            yield path
        except BaseException as error:
            with suppress(OSError):
                path.unlink()
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                raise OSError(
                    errno.ENOSPC,
                    f"no space left on the disk while writing {self.folder / name}; nothing was put in its place, "
                    "and what was written is removed; make room or write elsewhere",
                ) from error
            raise
        with self._lock:
            if self._over:
                with suppress(OSError):
                    path.unlink()

    def publish(self, names: list[str]) -> list[str]:
        """Give every file its final name, over whatever is there."""
        with self._lock:
            if self._over:
                raise FrameError(f"this write to {self.folder} was given up: it failed, or was interrupted")
            for name in names:
                os.replace(self.hidden(name), self.folder / name)
        return [str(self.folder / name) for name in names]

    def abort(self) -> None:
        """Remove what was written so far; what is still being written removes itself."""
        with self._lock:
            self._over = True
            _sweep(self.folder, self.mark, self._made)


def _rejoined(folder: Path, mark: str) -> Stage:
    """The same write, in another process: cleaning up is the business of the first."""
    stage = Stage.__new__(Stage)
    stage.folder, stage.mark, stage._made = folder, mark, False
    stage._lock, stage._over = threading.Lock(), False
    return stage


def _sweep(folder: Path, mark: str, made: bool) -> None:
    with suppress(OSError):
        for path in folder.glob(f".*.{mark}.part"):
            with suppress(OSError):
                path.unlink()
        if made and not any(folder.iterdir()):
            folder.rmdir()
