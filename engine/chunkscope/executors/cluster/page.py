"""A page of memory that a worker and its stand-in share: what the worker runs, readable when it is dead, too."""

from __future__ import annotations

import contextlib
import faulthandler
import os

from chunkscope.blocks import memory_file

__all__ = ["PAGE_BYTES", "Page"]

PAGE_BYTES = 1 << 16
_LAST_WORDS = 4096
"""From here on: what the interpreter writes of a crash."""


class Page:
    """Task and start of what runs now, and what was written of a crash."""

    __slots__ = ("_memory", "descriptor", "since", "task", "unwanted")

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = memory_file.create(PAGE_BYTES) if descriptor is None else descriptor
        self._memory = memory_file.map_writable(self.descriptor, PAGE_BYTES)
        whole = memoryview(self._memory)
        self.task = whole[:8].cast("q")
        """The task that runs, -1 where none does: `task[0]`."""
        self.since = whole[8:16].cast("d")
        """When it began: `since[0]`."""
        self.unwanted = whole[16:24].cast("q")
        """1 where the parent wants the running task to end: `unwanted[0]`."""
        if descriptor is None:
            self.task[0] = -1

    def catch_crashes(self) -> None:
        """In the worker: have the interpreter write its stack here before a fatal signal ends the process."""
        os.lseek(self.descriptor, _LAST_WORDS, os.SEEK_SET)
        faulthandler.enable(self.descriptor, all_threads=False)

    @property
    def last_words(self) -> str:
        """What the interpreter wrote of a crash; empty where there was none."""
        text = bytes(self._memory[_LAST_WORDS:]).rstrip(b"\0")
        return text.decode(errors="replace")

    def now(self) -> tuple[int, float]:
        """The task that runs, -1 for none, and since when."""
        try:
            return self.task[0], self.since[0]
        except ValueError:  # closed by another thread meanwhile
            return -1, 0.0

    def close(self) -> None:
        """Let go of the memory."""
        self.task.release()
        self.since.release()
        self.unwanted.release()
        with contextlib.suppress(BufferError):
            self._memory.close()
        os.close(self.descriptor)
