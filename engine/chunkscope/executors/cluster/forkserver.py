"""This process's end of the fork server: starts it, asks it for workers, and how a worker ended."""

from __future__ import annotations

import atexit
import errno
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, pair
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.stops import Stops
from chunkscope.executors.loss import ending

__all__ = ["SERVER", "ForkServer", "environment", "refusal"]

_LIGHT = ("numpy", "cloudpickle", "chunkscope.executors.cluster.worker")
_KERNELS = ("chunkscope.array", "chunkscope.dataframe", "chunkscope.bag", "chunkscope.futures")
"""Packages whose modules hold kernels, and what tasks use: workers get those that this process has loaded."""
MOST_ATTEMPTS = 8
LOOK_SECONDS = 0.1
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by BLAS and Arrow when they are loaded: tasks run beside each other already."""


def environment() -> dict[str, Any]:
    """What a worker takes over from this process when it starts, and when it has changed before a run."""
    return {"path": list(sys.path), "cwd": _cwd(), "environ": _environ(), "argv": list(sys.argv)}


def _cwd() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def _environ() -> dict[str, str]:
    return {**dict.fromkeys(_ONE_THREAD, "1"), **os.environ}


class ForkServer:
    """The one server of this process, started when the first worker is wanted. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None
        self._closed = False
        self.expected: set[str] = set()
        """Modules that the first worker will need at once."""

    @property
    def pid(self) -> int | None:
        """The server's process, or None where there is none."""
        return None if self._process is None else self._process.pid

    def spawn(self, pages: Sequence[Page], world: dict[str, Any]) -> tuple[int, list[Channel]]:
        """A new worker with a thread for each page: its process, and a channel to each thread.

        Raises ClusterError where none can be had.
        """
        with self._lock:
            for left in reversed(range(MOST_ATTEMPTS)):  # a server that was killed is replaced
                if self._closed:
                    raise ClusterError("no worker can be started: the program is about to end")
                if self._channel is None:
                    self._start()
                assert self._channel is not None
                pairs = _pairs(len(pages))
                ends = [there.fileno() for _, there in pairs]
                try:
                    self._channel.send(
                        b"f", pickle.dumps(world), (*ends, *[page.descriptor for page in pages])
                    )
                    body = self._reply()
                    return pickle.loads(body), [here for here, _ in pairs]
                except ChannelClosed as error:
                    for here, _ in pairs:
                        here.close()
                    status = self._stop()
                    if status != -signal.SIGKILL or not left:
                        raise ClusterError(
                            f"no worker process could be started: the process that forks them {ending(status)}; "
                            "scheduler='threads' works without one"
                        ) from error
                finally:
                    for _, there in pairs:
                        there.close()
        raise AssertionError("unreachable: the last attempt raises")

    def ended(self, pid: int, *, kill: bool = False) -> int | None:
        """The exit status of a worker that has ended or is killed now; None where it is not known."""
        with self._lock:
            if self._channel is None:
                return None
            try:
                self._channel.send(b"w", pickle.dumps((pid, kill)))
                body = self._reply()
            except ChannelClosed:
                self._stop()
                return -signal.SIGKILL  # it went with the server
        status = pickle.loads(body)
        return None if status is None else os.waitstatus_to_exitcode(status)

    def _reply(self) -> bytes | bytearray:
        """The server's answer. One that is stopped is killed, rather than waited for."""
        channel, process, stops = self._channel, self._process, Stops()
        assert channel is not None and process is not None
        while not channel.ready(LOOK_SECONDS):
            if stops.stopped_for_long(process.pid):
                process.kill()
        return channel.receive()[1]

    def _start(self) -> None:
        if not hasattr(os, "fork"):
            raise ClusterError("scheduler='processes' needs fork, which this system has not; use 'threads'")
        if not sys.executable:
            raise ClusterError("no worker can be started: this interpreter does not know its own program")
        here, there = _pairs(1)[0]
        root = str(Path(__file__).parents[3])
        first = [*_LIGHT, *sorted(self.expected)]
        later = sorted(name for name in list(sys.modules) if name.startswith(_KERNELS))
        code = (
            f"import sys; sys.path[:] = {[root, *sys.path]!r}\n"
            f"from chunkscope.executors.cluster.nursery import main\n"
            f"main({there.fileno()}, {os.getpid()}, {first!r}, {later!r})"
        )
        try:
            self._process = subprocess.Popen(
                [sys.executable, *subprocess._args_from_interpreter_flags(), "-c", code],  # type: ignore[attr-defined]
                stdin=subprocess.DEVNULL,
                pass_fds=(there.fileno(),),
                env=_environ(),
                start_new_session=True,  # the terminal's Ctrl-C is for us alone
            )
        except OSError as error:
            here.close()
            raise refusal(error) from error
        finally:
            there.close()
        self._channel = here

    def _stop(self) -> int | None:
        """With the lock held: end the server, and with it all workers; returns how it ended."""
        channel, process = self._channel, self._process
        self._channel = self._process = None
        if channel is not None:
            channel.close()
        if process is not None:
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            return process.returncode
        return None

    def close(self, *, for_good: bool = False) -> None:
        """End the server and every worker; with `for_good` no new one is started."""
        with self._lock:
            self._closed = self._closed or for_good
            self._stop()

    def forget_in_child(self) -> None:
        """After a fork, in the child: the server is the parent's."""
        self._lock = threading.Lock()
        if self._process is not None:
            self._process.returncode = 0  # not our child: nobody is to wait for it
        if self._channel is not None:
            self._channel.close()
        self._channel = self._process = None


def _pairs(count: int) -> list[tuple[Channel, Channel]]:
    found: list[tuple[Channel, Channel]] = []
    try:
        for _ in range(count):
            found.append(pair())
    except OSError as error:
        for here, there in found:
            here.close()
            there.close()
        raise refusal(error) from error
    return found


def refusal(error: OSError) -> ClusterError:
    """That the system lets us have no worker, and what would help."""
    help = "; close files, or raise the limit with `ulimit -n`" if error.errno == errno.EMFILE else ""
    return ClusterError(
        f"no worker process could be started: {error.strerror or error}{help}; scheduler='threads' works without one"
    )


SERVER = ForkServer()
"""The one of this process."""

atexit.register(SERVER.close, for_good=True)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=SERVER.forget_in_child)
