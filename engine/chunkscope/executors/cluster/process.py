"""One worker process: started when it is needed, replaced when it has died. It has a seat for each of its threads."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.askers import Asker
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, pair
from chunkscope.executors.cluster.company import Company
from chunkscope.executors.cluster.errands import Line
from chunkscope.executors.cluster.forkserver import SERVER, environment, refusal
from chunkscope.executors.cluster.identity import Identity
from chunkscope.executors.cluster.outside import Ends
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.stops import STOPPED_SECONDS, Stops
from chunkscope.executors.cluster.usage import Usage, common_bytes, usage_of
from chunkscope.executors.cluster.wire import SEAT
from chunkscope.executors.door.guest import Guest
from chunkscope.executors.door.host import serve_blocks
from chunkscope.executors.loss import ending, worker_named
from chunkscope.units import format_bytes

__all__ = ["NoSeatError", "Preparations", "Process", "Seat"]

_log = logging.getLogger("chunkscope.executors")

LOOK_SECONDS = 0.1
COMMON_SECONDS = 5.0
"""How long the count of pages in common with others is good: it falls slowly, as the process writes to them."""
USUAL_FLOOR = 48 << 20
"""What a process takes at least: an interpreter and NumPy."""
MOST_LIBRARIES = 96 << 20
"""Pages of files beyond are blocks on disk that it has read: the system takes them back when it needs memory."""
PREPARE_SECONDS = 30.0
MOST_LINES = 1_000
Preparations = dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]
"""Errands by name that every fresh process performs before its first task."""


@dataclass(slots=True)
class Seat:
    """One thread of one process: what a stand-in speaks with, until that process ends."""

    generation: int
    pid: int
    channel: Channel
    page: Page
    world: Mapping[str, Any]
    asker: Asker
    """What the tasks of this process have taken and not given back."""

    def close(self) -> None:
        """Let go of it."""
        self.channel.close()
        self.page.close()

    def beside(self) -> Seat | None:
        """One more seat in the same process, which is asked for a thread over this one; None where it is gone.

        The thread of this seat waits for an answer, and so reads what comes.
        """
        here, there = pair()
        page: Page | None = None
        try:
            page = Page()
            self.channel.send(SEAT, pickle.dumps(None), (there.fileno(), page.descriptor))
            return Seat(self.generation, self.pid, here, page, self.world, self.asker)
        except BaseException as error:
            here.close()
            if page is not None:
                page.close()
            if isinstance(error, ChannelClosed):
                return None
            raise
        finally:
            there.close()


def _nobody() -> None:
    """There is no cluster."""


def _nothing(guest: Guest) -> None:
    """What is to be done when a process has hung up."""


_numbers = itertools.count()


class NoSeatError(Exception):
    """A seat beside those that every process has went with the process that it was in."""


class Process:
    """A worker by name. Thread-safe."""

    def __init__(
        self,
        name: str,
        nthreads: int = 1,
        memory_limit: int | None = None,
        preparations: Preparations | None = None,
    ) -> None:
        self.name = name
        self.signature = f"{name} {next(_numbers)}"
        """What its blocks are signed with: workers of several clusters may have one name."""
        self._preparations: Preparations = {} if preparations is None else preparations
        self._line: Line | None = None
        self.said: deque[tuple[float, str]] = deque(maxlen=MOST_LINES)
        """What happened to it and what its tasks said, with seconds since 1970."""
        self.memory_limit = memory_limit
        """Bytes that the process may hold by itself; None for no limit."""
        self._looked: dict[float, float] = {}
        self._verdicts: dict[int, str] = {}
        self.company = Company()
        self._stops = Stops()
        self._pages: list[Page] = []
        self._at_work: set[int] = set()  # generations of which a thread ran a task when they ended
        self._common = (0, 0, 0.0)  # process, bytes, when
        self._libraries = 0
        self.idle_bytes = 0
        """What it held by itself when it ran nothing, as it was seen last."""
        self.paused = False
        """Whether it is to take no new tasks for now: it is near its memory limit."""
        self.nthreads = nthreads
        self.pid = 0
        """The process, 0 where there is none."""
        self.deaths = 0
        """Processes of this name that have died."""
        self.leaving = False
        """Whether it is to go when its threads are done with what they run."""
        self._dismissed: set[int] = set()  # generations that were told to go: what they ran is nobody's fault
        self.guest: Guest | None = None
        """What is kept for the process, where its tasks have spoken with the cluster."""
        self._asker = Asker(name)
        self.group = 0
        """The number of the pool that it is of."""
        self.serves: Callable[[], Any] = _nobody
        """What its tasks find when they ask for their cluster."""
        self._lock = threading.RLock()  # one that does not move while it is prepared is killed
        self._generation = 0
        self._killed = 0
        self._seats: dict[int, Seat] = {}
        self._statuses: dict[int, int | None] = {}

    def seat(self, number: int, held: Seat | None = None) -> Seat:
        """The seat of one thread, in a new process where there is none; `held` where it is still good."""
        with self._lock:
            if held is not None and held.generation == self._generation and self.pid:
                return held
            if number >= self.nthreads:
                raise NoSeatError
            if held is not None:
                held.close()
            if not self.pid:
                self._start()
            return self._seats.pop(number)

    def admit(self, descriptor: int) -> None:
        """Answer the process on a line of its own from now on: `descriptor` is our end."""
        serve_blocks()
        ends = Ends.of_descriptor(descriptor)
        try:
            guest = Guest(worker_named(self.name), ends, self.serves, _nothing)
            threading.Thread(target=guest.live, name=f"worker-line-{self.name}", daemon=True).start()
        except BaseException:
            ends.close()  # the worker learns of it
            raise
        with self._lock:
            self.guest = guest

    def keeps(self, seat: Seat) -> bool:
        """Whether this seat is in the process that lives now."""
        return seat.generation == self._generation and bool(self.pid)

    def _start(self) -> None:
        for seat in self._seats.values():  # of threads that never had work
            seat.close()
        self._seats.clear()
        self._hang_up()
        self.guest = None
        world = environment()
        identity = Identity(self.name, self.nthreads, self.memory_limit, self.group)
        pages: list[Page] = []
        try:
            for _ in range(self.nthreads + 1):  # the last channel is for errands
                pages.append(Page())
            self.pid, channels = SERVER.spawn(pages, {**world, "worker": identity})
        except BaseException as error:
            for page in pages:
                page.close()
            if isinstance(error, OSError):
                raise refusal(error) from error
            raise
        self._generation += 1
        self._asker = Asker(self.name)
        self._pages = pages[:-1]
        self.note(f"started: process {self.pid}")
        self._line = Line(channels.pop(), self.name, self.note, self._look)
        pages.pop().close()
        for number, (channel, page) in enumerate(zip(channels, pages, strict=True)):
            self._seats[number] = Seat(self._generation, self.pid, channel, page, world, self._asker)
        for name, (function, args) in list(self._preparations.items()):
            try:
                self._line.perform(function, args, {}, PREPARE_SECONDS)
            except Exception:
                _log.exception("worker %s could not be prepared: %s", self.name, name)

    def errand(
        self, function: Callable[..., Any], *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Any:
        """What `function(*args, **kwargs)` gives in the process, which is started where there is none.

        Raises what it raises there, ClusterError where the process ends meanwhile (one that is stopped for long does),
        TimeoutError.
        """
        with self._lock:
            if self.pid and (
                self._killed == self._generation or (self._line is not None and self._line.closed)
            ):
                self._bury()
            if not self.pid:
                if self.leaving:  # nobody would end its process
                    raise ClusterError(f"{worker_named(self.name)} was closed")
                self._start()
            line = self._line
        assert line is not None  # every process has one
        return line.perform(function, args, kwargs, timeout)

    def _end(self, generation: int, pid: int) -> None:
        """Wait for the end of a process, or bring it about. The lock is held."""
        if generation == self._generation and any(page.now()[0] >= 0 for page in self._pages):
            self._at_work.add(generation)
        status = self._statuses[generation] = SERVER.ended(pid, kill=True)
        how = "as it was told to" if generation in self._dismissed else ending(status)
        self.note(f"ended: process {pid}, {how}")
        if generation == self._generation:
            self._asker.end()

    def note(self, line: str) -> None:
        """Keep a line of what happened to it, or what a task of it said."""
        self.said.append((time.time(), line))

    def _bury(self) -> None:
        """The process has ended and nobody has seen it yet. The lock is held."""
        self._end(self._generation, self.pid)
        self.deaths += self._generation not in self._dismissed
        self.pid = 0

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()

    def ended(self, seat: Seat) -> tuple[int | None, bool]:
        """How the process of this seat ended, and whether it was told to; ends it where it has not. Closes the seat."""
        with self._lock:
            if seat.generation not in self._statuses:
                self._end(seat.generation, seat.pid)
                if seat.generation == self._generation:
                    self.pid = 0
                    self.deaths += seat.generation not in self._dismissed
        seat.close()
        return self._statuses[seat.generation], seat.generation in self._dismissed

    def was_at_work(self, seat: Seat) -> bool:
        """Whether any thread of the process ran a task when it ended."""
        return seat.generation in self._at_work

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, where there is one."""
        with self._lock:
            if self.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def start(self) -> None:
        """Start the process, where there is none; one that is to go stays away."""
        with self._lock:
            if not self.pid and not self.leaving:
                self._start()

    def kill(self) -> None:
        """End the process without a word, as the system might."""
        self._killed = self._generation
        self.signal(signal.SIGKILL)

    def usage(self) -> Usage:
        """What the process takes now; pages that it has in common with others counted by its part."""
        pid = self.pid
        found = usage_of(pid)
        if found.own_bytes and (
            self._common[0] != pid or time.monotonic() > self._common[2] + COMMON_SECONDS
        ):
            self._count_common(pid)
        return found._replace(own_bytes=max(0, found.own_bytes - self._common[1]))

    def _count_common(self, pid: int) -> None:
        self._common = (pid, common_bytes(pid), time.monotonic())

    def excess(self, factor: float = 1.0, *, at_once: bool = False) -> str:
        """That the process holds more memory than it may, in words; empty where it does not. Looks now and then."""
        now = time.monotonic()
        if self.memory_limit is None:
            return ""
        if not at_once and now - self._looked.get(factor, 0.0) < LOOK_SECONDS:
            return ""
        self._looked[factor] = now
        held = self.held_bytes(factor * self.memory_limit)
        if held <= factor * self.memory_limit:
            return ""
        return f"it held {format_bytes(held)}, its memory limit is {format_bytes(self.memory_limit)}"

    def held_bytes(self, exact_above: float = 0.0) -> int:
        """What the process holds by itself; to the page where it is more than `exact_above`, else about."""
        held = self.usage().own_bytes
        if held > exact_above:
            self._count_common(self.pid)
            held = self.usage().own_bytes
        return held

    def floor_bytes(self) -> int:
        """What the process takes when it runs nothing, libraries included: as it was seen last."""
        return max(USUAL_FLOOR, self.idle_bytes + self._libraries)

    def see_idle(self) -> None:
        """It runs nothing now: see what it holds by itself, every now and then."""
        now = time.monotonic()
        if now - self._looked.get(0.0, 0.0) > LOOK_SECONDS:
            self._looked[0.0] = now
            usage = self.usage()
            self.idle_bytes, self._libraries = usage.own_bytes, min(usage.file_bytes, MOST_LIBRARIES)

    def stalled(self) -> str:
        """That the process has been stopped for long, in words; empty where it has not. Looks now and then."""
        pid = self.pid
        if not self._stops.stopped_for_long(pid):
            return ""
        return f"it was stopped (SIGSTOP) and did not go on for {STOPPED_SECONDS:g} seconds"

    def _look(self) -> None:
        """An errand goes on: see that the process moves."""
        if verdict := self.stalled():
            self.condemn(verdict)

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
                self._end(self._generation, self.pid)
                self.pid = 0
            self._hang_up()
            for seat in self._seats.values():
                seat.close()
            self._seats.clear()
