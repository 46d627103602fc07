"""One worker process: started when it is needed, replaced when it has died. It has a seat for each of its threads."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chunkscope.executors.cluster.channel import Channel
from chunkscope.executors.cluster.forkserver import SERVER, environment
from chunkscope.executors.cluster.page import Page
from chunkscope.units import format_bytes

__all__ = ["Process", "Seat"]

LOOK_SECONDS = 0.1


@dataclass(slots=True)
class Seat:
    """One thread of one process: what a stand-in speaks with, until that process ends."""

    generation: int
    pid: int
    channel: Channel
    page: Page
    world: Mapping[str, Any]

    def close(self) -> None:
        """Let go of it."""
        self.channel.close()
        self.page.close()


class Process:
    """A worker by name. Thread-safe."""

    def __init__(self, name: str, nthreads: int = 1, memory_limit: int | None = None) -> None:
        self.name = name
        self.memory_limit = memory_limit
        """Bytes that the process may hold by itself; None for no limit."""
        self._looked: dict[float, float] = {}
        self._verdicts: dict[int, str] = {}
        self.nthreads = nthreads
        self.pid = 0
        """The process, 0 where there is none."""
        self.deaths = 0
        """Processes of this name that have died."""
        self.leaving = False
        """Whether it is to go when its threads are done with what they run."""
        self._dismissed: set[int] = set()  # generations that were told to go: what they ran is nobody's fault
        self._lock = threading.Lock()
        self._generation = 0
        self._seats: dict[int, Seat] = {}
        self._statuses: dict[int, int | None] = {}

    def seat(self, number: int, held: Seat | None = None) -> Seat:
        """The seat of one thread, in a new process where there is none; `held` where it is still good."""
        with self._lock:
            if held is not None and held.generation == self._generation and self.pid:
                return held
            if held is not None:
                held.close()
            if not self.pid:
                self._start()
            return self._seats.pop(number)

    def _start(self) -> None:
        for seat in self._seats.values():  # of threads that never had work
            seat.close()
        self._seats.clear()
        pages = [Page() for _ in range(self.nthreads)]
        world = environment()
        try:
            self.pid, channels = SERVER.spawn(pages, world)
        except BaseException:
            for page in pages:
                page.close()
            raise
        self._generation += 1
        for number, (channel, page) in enumerate(zip(channels, pages, strict=True)):
            self._seats[number] = Seat(self._generation, self.pid, channel, page, world)

    def ended(self, seat: Seat) -> tuple[int | None, bool]:
        """How the process of this seat ended, and whether it was told to; ends it where it has not. Closes the seat."""
        with self._lock:
            if seat.generation not in self._statuses:
                self._statuses[seat.generation] = SERVER.ended(seat.pid, kill=True)
                if seat.generation == self._generation:
                    self.pid = 0
                    self.deaths += seat.generation not in self._dismissed
        seat.close()
        return self._statuses[seat.generation], seat.generation in self._dismissed

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, where there is one."""
        with self._lock:
            if self.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def start(self) -> None:
        """Start the process, where there is none."""
        with self._lock:
            if not self.pid:
                self._start()

    def kill(self) -> None:
        """End the process without a word, as the system might."""
        self.signal(signal.SIGKILL)

    def usage(self) -> tuple[int, int, float]:
        """(own resident bytes, shared resident bytes, processor seconds); zeros where that cannot be told."""
        try:
            with open(f"/proc/{self.pid}/statm") as file:
                _, resident, shared, *_ = map(int, file.read().split())
            with open(f"/proc/{self.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except (OSError, ValueError):
            return 0, 0, 0.0
        page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
        return (resident - shared) * page, shared * page, (int(fields[11]) + int(fields[12])) / tick

    def excess(self, factor: float = 1.0) -> str:
        """That the process holds more memory than it may, in words; empty where it does not. Looks now and then."""
        now = time.monotonic()
        if self.memory_limit is None or now - self._looked.get(factor, 0.0) < LOOK_SECONDS:
            return ""
        self._looked[factor] = now
        resident = self.usage()[0]
        if resident <= factor * self.memory_limit:
            return ""
        return f"it held {format_bytes(resident)}, its memory limit is {format_bytes(self.memory_limit)}"

    def condemn(self, verdict: str) -> None:
        """Kill the process for a reason that is to be told."""
        self._verdicts[self._generation] = verdict
        self.kill()

    def verdict(self, seat: Seat) -> str:
        """Why the process of this seat was killed, where we did it."""
        return self._verdicts.get(seat.generation, "")

    def dismiss(self) -> None:
        """End the process: what it runs is run again, by others or by its successor."""
        with self._lock:
            self._dismissed.add(self._generation)
            if self.pid:
                self._statuses[self._generation] = SERVER.ended(self.pid, kill=True)
                self.pid = 0
            for seat in self._seats.values():
                seat.close()
            self._seats.clear()
