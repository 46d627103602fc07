"""The fork server: a small process that has imported what workers need, and forks one whenever it is asked to.

It never imports the user's main module, so a script needs no guard, and it never runs a task, so what it forks is
clean. It has one thread. It ends with its parent, however that ends, and takes all workers with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import importlib
import os
import pickle
import select
import signal
import sys
from collections.abc import Sequence

from chunkscope.executors.cluster.channel import Channel, ChannelClosed, close_all

__all__ = ["main"]

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
QUIET_MS = 30


def main(descriptor: int, parent: int, first: Sequence[str], later: Sequence[str]) -> None:
    """Serve until the parent is gone. Called by a fresh interpreter, see `forkserver.py`.

    Imports the modules `first` before all, and those of `later` one by one while nobody asks for anything.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    channel = Channel.of_descriptor(descriptor)
    os.set_inheritable(descriptor, False)
    _preload(first)
    gc.collect()
    gc.freeze()  # what is there now stays shared between all workers
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if hasattr(os, "pidfd_open"):
        try:
            poll.register(os.pidfd_open(parent), select.POLLIN)
        except OSError:
            return
    workers: set[int] = set()
    waiting = [*reversed(later)]
    try:
        while True:
            events = poll.poll(QUIET_MS if waiting else 1000)
            if not events and waiting:
                _preload([waiting.pop()])
                if not waiting:
                    gc.freeze()
            if os.getppid() != parent or any(fd != descriptor for fd, _ in events):
                return
            if events:
                _answer(channel, workers)
    except ChannelClosed:
        pass
    finally:
        for pid in workers:
            _kill(pid)
        channel.close()


def _preload(modules: Sequence[str]) -> None:
    """Import what workers will need. What fails here fails again in the task that needs it, and says so there."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            continue


def _answer(channel: Channel, workers: set[int]) -> None:
    kind, body, descriptors = channel.receive()
    if kind == b"f":
        try:
            pid = os.fork()
        except OSError as error:  # too many processes, or too little memory: those that are here live on
            pid = -(error.errno or errno.EAGAIN)
        if pid == 0:
            _become_worker(channel, body, descriptors)
        close_all(descriptors)
        if pid > 0:
            workers.add(pid)
        channel.send(b"p", pickle.dumps(pid))
    elif kind == b"w":
        pid, kill = pickle.loads(body)
        status = None
        if pid in workers:
            if kill:
                _kill(pid)
            status = os.waitpid(pid, 0)[1]
            workers.discard(pid)
        channel.send(b"s", pickle.dumps(status))


def _become_worker(channel: Channel, body: bytes | bytearray, descriptors: list[int]) -> None:
    """In the child: never returns."""
    code = 1
    try:
        server = os.getppid()
        end_with_parent(server)
        channel.close()
        from chunkscope.executors.cluster.worker import serve

        half = len(descriptors) // 2
        channels = [Channel.of_descriptor(descriptor) for descriptor in descriptors[:half]]
        serve(channels, descriptors[half:], pickle.loads(body))
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def end_with_parent(parent: int) -> None:
    """Have the system kill this process when its parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
