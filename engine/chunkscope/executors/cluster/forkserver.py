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
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.aside import aside
from chunkscope.executors.cluster.channel import Channel, ChannelClosed, close_all, pair
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.stops import Stops
from chunkscope.executors.loss import ending

__all__ = ["SERVER", "ForkServer", "environment", "refusal"]

_LIGHT = ("numpy", "cloudpickle", "chunkscope.executors.cluster.worker")
_KERNELS = ("chunkscope.array", "chunkscope.dataframe", "chunkscope.bag", "chunkscope.futures")
"""Packages whose modules hold kernels, and what tasks use: workers get those that this process has loaded."""
MOST_ATTEMPTS = 8
LOOK_SECONDS = 0.1
ANSWER_SECONDS = 60.0
"""A server that has not answered for so long is stuck; a new one needs some seconds to import what it needs."""
CLOSE_SECONDS = 5.0
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


class _Stuck(ChannelClosed):
    """The server is there, and does nothing."""


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
        body = pickle.dumps(world)
        descriptors: list[int] = []
        try:
            for page in pages:
                descriptors.append(os.dup(page.descriptor))  # who is interrupted closes its own
        except BaseException as error:
            close_all(descriptors)
            if isinstance(error, OSError):
                raise refusal(error) from error
            raise

        def work() -> tuple[int, list[Channel]]:
            try:
                with self._lock:
                    return self._spawn(body, descriptors)
            finally:
                close_all(descriptors)

        return aside(work, self._send_home)

    def _spawn(self, body: bytes, descriptors: list[int]) -> tuple[int, list[Channel]]:
        """With the lock held."""
        waited = False
        for left in reversed(range(MOST_ATTEMPTS)):  # a server that was killed is replaced
            if self._closed:
                raise ClusterError("no worker can be started: the program is about to end")
            if self._channel is None:
                self._start()
            assert self._channel is not None
            pairs = _pairs(len(descriptors))
            try:
                with self._patience():
                    ends = [there.fileno() for _, there in pairs]
                    self._channel.send(b"f", body, (*ends, *descriptors))
                    pid = pickle.loads(self._reply())
                if pid < 0:  # the server could not fork
                    raise refusal(OSError(-pid, os.strerror(-pid)))
                return pid, [here for here, _ in pairs]
            except BaseException as error:
                for here, _ in pairs:
                    here.close()
                if isinstance(error, _Stuck) and not waited and left:
                    waited = True
                    self._stop()
                elif isinstance(error, ChannelClosed):
                    status = self._stop()
                    if status != -signal.SIGKILL or isinstance(error, _Stuck) or not left:
                        how = str(error) if isinstance(error, _Stuck) else ending(status)
                        raise ClusterError(
                            f"no worker process could be started: the process that forks them {how}; "
                            "scheduler='threads' works without one"
                        ) from error
                else:
                    if self._channel.fileno() < 0:  # an answer was broken off
                        self._stop()
                    raise
            finally:
                for _, there in pairs:
                    there.close()
        raise AssertionError("unreachable: the last attempt raises")

    def _send_home(self, made: tuple[int, list[Channel]]) -> None:
        """Who wanted this worker was interrupted meanwhile."""
        pid, channels = made
        for channel in channels:
            channel.close()
        self.ended(pid, kill=True)

    def ended(self, pid: int, *, kill: bool = False) -> int | None:
        """The exit status of a worker that has ended or is killed now; None where it is not known."""
        return aside(lambda: self._ended(pid, kill), lambda status: None)

    def _ended(self, pid: int, kill: bool) -> int | None:
        with self._lock:
            if self._channel is None:
                return None
            try:
                with self._patience():
                    self._channel.send(b"w", pickle.dumps((pid, kill)))
                    status = pickle.loads(self._reply())
            except ChannelClosed:
                self._stop()
                return -signal.SIGKILL  # it went with the server
        return None if status is None else os.waitstatus_to_exitcode(status)

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """While inside, a server that is stopped, or takes too long, is killed rather than waited for."""
        channel, process, stops = self._channel, self._process, Stops()
        assert channel is not None and process is not None
        until = time.monotonic() + ANSWER_SECONDS

        def look() -> None:
            if stops.stopped_for_long(process.pid):
                process.kill()
            elif time.monotonic() > until:
                process.kill()
                raise _Stuck(f"did not answer for {ANSWER_SECONDS:g} seconds and was ended")

        channel.patience = look
        try:
            yield
        finally:
            channel.patience = None

    def _reply(self) -> bytes | bytearray:
        """The server's answer."""
        channel = self._channel
        assert channel is not None
        look: Callable[[], None] | None = channel.patience
        while not channel.ready(LOOK_SECONDS):
            if look is not None:
                look()
        return channel.read()[1]

    def _start(self) -> None:
        if not hasattr(os, "fork"):
            raise ClusterError("scheduler='processes' needs fork, which this system has not; use 'threads'")
        if not sys.executable:
            raise ClusterError("no worker can be started: this interpreter does not know its own program")
        here, there = _pairs(1)[0]
        started = False
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
            self._channel = here
            started = True
        except OSError as error:
            raise refusal(error) from error
        finally:
            there.close()
            if not started:
                here.close()

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
        self._closed = self._closed or for_good
        if not self._lock.acquire(timeout=CLOSE_SECONDS):  # somebody waits for its answer
            process = self._process
            if process is not None:
                process.kill()
            self._lock.acquire()
        try:
            self._stop()
        finally:
            self._lock.release()

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
