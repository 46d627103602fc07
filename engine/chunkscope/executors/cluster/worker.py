"""A worker process: receives batches, performs them one at a time in its main thread, reports. Owns no block."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import random
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType, ModuleType
from typing import Any

import cloudpickle
import numpy as np

from chunkscope.blocks.carry import carried
from chunkscope.blocks.passing import usually
from chunkscope.errors import TransferError
from chunkscope.executors.cluster import wire
from chunkscope.executors.cluster.additions import ADDITIONS
from chunkscope.executors.cluster.bench import Bench, Table
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, in_message
from chunkscope.executors.cluster.errands import Errands
from chunkscope.executors.cluster.forward import SAYING, TASK, adopt, flush_streams, install
from chunkscope.executors.cluster.home import connect, share
from chunkscope.executors.cluster.identity import identify
from chunkscope.executors.cluster.looking import LOOKER
from chunkscope.executors.cluster.outside import OUTSIDE
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.reader import Reader

__all__ = ["serve"]

_here = threading.local()
_adopting = threading.Lock()
_adopted: dict[str, Any] = {}
"""What was taken over from the parent last."""


def serve(channels: Sequence[Channel], descriptors: Sequence[int], world: dict[str, Any]) -> None:
    """Work until the parent closes the channels: one thread for each, the first is this one."""
    pages = [Page(descriptor) for descriptor in descriptors]
    pages[0].catch_crashes()
    sys.modules["__main__"] = ModuleType("__main__")  # the user's own arrives by value, where it is needed
    identity = world.pop("worker")
    sys.argv = world["argv"]
    _adopt_world(world)
    np.random.seed()
    random.seed()
    gc.unfreeze()
    identify(identity)
    share(OUTSIDE.call)
    usually(OUTSIDE)
    *channels, line = channels  # the last is for errands
    workers: list[_Worker] = []
    workers += [_Worker(channel, page, workers) for channel, page in zip(channels, pages[:-1], strict=True)]
    install(lambda kind, body: getattr(_here, "worker", workers[0]).send(kind, body))
    signal.signal(signal.SIGINT, lambda number, frame: _interrupt(workers, frame))
    for number, worker in enumerate(workers[1:], start=1):
        threading.Thread(target=worker.live, name=f"worker-thread-{number}", daemon=True).start()
    threading.Thread(target=_run_errands, args=(Errands(line),), name="worker-errands", daemon=True).start()
    workers[0].live()


def _run_errands(errands: Errands) -> None:
    _here.worker = errands  # what errands print goes their way
    errands.live()


def _adopt_world(world: dict[str, Any]) -> None:
    """Take over the parent's paths, folder and environment; each thread is told before its first task there."""
    with _adopting:
        if world == _adopted:
            return
        _adopted.update(world)
        ADDITIONS.apply(world["path"], world["environ"])
        if world["cwd"] is not None:
            with contextlib.suppress(OSError):
                os.chdir(world["cwd"])


def _interrupt(workers: Sequence[_Worker], frame: FrameType | None) -> None:
    """The parent wants running tasks to end. Between tasks there is nothing to interrupt.

    Nor is there in the midst of a message: the parent asks again a moment later.
    """
    frames = sys._current_frames()
    for worker in list(workers[1:]):
        if worker.unwanted(frames.get(worker.thread)):
            stop = ctypes.pythonapi.PyThreadState_SetAsyncExc
            stop(ctypes.c_ulong(worker.thread), ctypes.py_object(KeyboardInterrupt))
    if workers[0].unwanted(frame):
        raise KeyboardInterrupt


def _end_of_child() -> None:
    """A process that a task has forked came out of the task: what there is to report is its parent's business."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    os._exit(0)


class _Worker:
    """The loop, and the messages."""

    def __init__(self, channel: Channel, page: Page, workers: list[_Worker]) -> None:
        self.thread = 0
        self._pid = os.getpid()
        self._workers = workers
        self._calls = 0
        self._page = page
        self._channel = channel
        self._sending = threading.Lock()
        self._reader = Reader()
        self._bench = Bench(self._reader, page, self._ask)

    def send(self, kind: bytes, body: bytes) -> None:
        """Send a message; tasks may have threads of their own that print."""
        if kind in SAYING:
            body = TASK.pack(self._page.task[0]) + body
        with self._sending:
            self._channel.send(kind, body)

    def unwanted(self, frame: FrameType | None) -> bool:
        """Whether the task that runs here now, in this frame, is to end at once; says so once."""
        page = self._page
        found = page.unwanted[0] == 1 and page.task[0] >= 0
        if found and in_message(frame):
            return False
        page.unwanted[0] = 0
        return found

    def live(self) -> None:
        """Do what the parent says until it is gone."""
        self.thread = threading.get_ident()
        _here.worker = self
        connect(self._call)
        OUTSIDE.stand(self._hand_over)
        with contextlib.suppress(ChannelClosed):
            self._serve()
        if self is not self._workers[0]:  # a further seat that nobody needs now
            self._workers.remove(self)
            LOOKER.leave(self._bench)
            self._channel.close()
            os.close(self._page.descriptor)
            self._reader.close()

    def _hand_over(self, end: Channel) -> None:
        """Give the owner one end of a line."""
        with self._sending:
            self._channel.send(wire.LINE, b"", (end.fileno(),))

    def _sit(self, descriptors: list[int]) -> None:
        """One more thread: those that are here wait for other tasks."""
        worker = _Worker(Channel.of_descriptor(descriptors[0]), Page(descriptors[1]), self._workers)
        self._workers.append(worker)
        name = f"worker-thread-{len(self._workers) - 1}"
        threading.Thread(target=worker.live, name=name, daemon=True).start()

    def _serve(self) -> None:
        bench = self._bench
        while True:
            kind, body, descriptors = self._channel.receive()
            if kind == wire.BATCH:
                outcome = bench.work(body)
                if os.getpid() != self._pid:
                    _end_of_child()
                flush_streams()
                self.send(wire.REPORT, pickle.dumps(tuple(outcome), protocol=5))
                del outcome
            else:
                self._learn(kind, pickle.loads(body), descriptors)

    def _learn(self, kind: bytes, told: Any, descriptors: list[int]) -> None:
        tables = self._bench.tables
        if kind == wire.ARENA:
            arena, nbytes = told
            self._reader.add(arena, nbytes, descriptors[0])
        elif kind == wire.GONE:
            self._reader.drop(told)
        elif kind == wire.SEAT:
            self._sit(descriptors)
        elif kind == wire.WORLD:
            _adopt_world(told)
        elif kind == wire.OPEN:
            run, cards, columns, habits, interval, depth = told
            adopt(habits)
            if run in tables:
                tables[run].refresh(cards, columns)
            else:
                tables[run] = Table(cards, columns, self._reader)
                tables[run].interval, tables[run].depth = interval, depth
        elif kind == wire.KERNEL:
            run, number, name = told
            tables[run].add_kernel(number, name)
        elif kind == wire.CLOSE:
            for run in told:
                tables.pop(run, None)
            self._bench.table = None

    def _ask(self, nbytes: int) -> tuple[int, int, int]:
        """An extent for a block that is larger than was foreseen."""
        self.send(wire.GRANT, pickle.dumps(nbytes))
        extent: tuple[int, int, int] = self._reply(wire.GRANT)
        return extent

    def _call(self, topic: str, payload: Any) -> Any:
        """The answer of the parent to a call of the running task."""
        self._calls += 1
        try:
            body = wire.NUMBER.pack(self._calls) + cloudpickle.dumps((topic, payload))
        except Exception as reason:
            raise TransferError(
                f"a call about {topic!r} cannot be sent: {type(reason).__name__}: {reason}"
            ) from reason
        part = self._bench.settle()
        if part is not None:
            self.send(wire.PART, pickle.dumps((part[0], *part[1]), protocol=5))
        self.send(wire.CALL, body)
        number, ok, told = self._reply(wire.CALL)
        while number != self._calls:  # of a call that was interrupted
            number, ok, told = self._reply(wire.CALL)
        if not ok:
            raise carried(told)
        return self._reader.load(told)

    def _reply(self, wanted: bytes) -> Any:
        """The next message of that kind; what comes before it is learnt."""
        while True:
            kind, body, descriptors = self._channel.receive()
            told = pickle.loads(body)
            if kind == wanted:
                return told
            self._learn(kind, told, descriptors)
