"""Figures of this process over time, read by a small thread that ends: processor use, resident and managed bytes."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from chunkscope.blocks import LEDGER

__all__ = ["ResourceData", "Sampler"]

CHILDREN_EVERY = 1.0
MOST_SAMPLES = 100_000
"""Above this every second sample is dropped and the interval doubled: a sampler may run for days."""


class ResourceData(NamedTuple):
    """The process at one moment."""

    time: float
    """Seconds since 1970."""
    mem: float
    """Resident memory of the process and its children, in MB (10⁶ bytes)."""
    cpu: float
    """Processor use since the sample before, in percent of one core."""
    managed: int
    """Bytes of blocks and temporaries that chunkscope keeps account of."""


class Sampler:
    """Takes a sample every `interval` seconds from `start` to `stop`, and one at either end.

    The thread exists only in between. A sample costs some 50 µs; child processes are looked for once a second, which
    takes a millisecond or two, as all processes of the machine are gone through.
    """

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.samples: list[ResourceData] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether samples are being taken."""
        return self._thread is not None

    def start(self) -> None:
        """Begin; twice is like once."""
        with self._lock:
            if self._thread is None:
                self._stop = threading.Event()
                probe = _Probe()
                probe.take()  # processor use counts from here
                self.samples.append(probe.take())
                self._thread = threading.Thread(
                    target=self._run, args=(probe, self._stop), name="chunkscope-sampler", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Take the last sample and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._stop.set()
            thread.join(10)

    def clear(self) -> None:
        """Forget the samples."""
        self.samples = []

    def _run(self, probe: _Probe, stop: threading.Event) -> None:
        interval = self.interval
        going_on = True
        while going_on:
            going_on = not stop.wait(interval)
            self.samples.append(probe.take())
            if len(self.samples) > MOST_SAMPLES:
                self.samples = self.samples[::2]
                interval *= 2


class _Probe:
    """Reads this process and its children."""

    def __init__(self) -> None:
        import psutil

        self._errors: type[Exception] = psutil.Error
        self._process = psutil.Process()
        self._children: list[psutil.Process] = []
        self._look_again = 0.0
        self._before = self._cpu_seconds()
        self._at = time.perf_counter()

    def take(self) -> ResourceData:
        """The figures of now."""
        now, used = time.perf_counter(), self._cpu_seconds()
        share = (used - self._before) / max(now - self._at, 1e-9)
        self._before, self._at = used, now
        if now >= self._look_again:
            self._children = self._process.children(recursive=True)
            self._look_again = now + CHILDREN_EVERY
        resident = 0
        for process in (self._process, *self._children):
            try:
                resident += process.memory_info().rss
            except self._errors:  # a child that has just ended
                continue
        return ResourceData(time.time(), resident / 1e6, max(100 * share, 0.0), LEDGER.held)

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)
