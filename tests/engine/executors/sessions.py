"""Random sessions: a cluster of some shape, several jobs on it at once, and mischief meanwhile. All from one seed."""

from __future__ import annotations

import faulthandler
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from typing import Any

import numpy as np
import pandas as pd

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, delayed
from chunkscope.errors import RunCancelled, TransferError, WorkerDiedError
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.futures import Client, Future
from tests.engine.executors.pool_of_processes import send

__all__ = ["MOST_SECONDS", "Session"]

MOST_SECONDS = 90.0
"""A job that takes longer hangs."""
MOST_ACTS = 40
"""Of mischief; then the jobs are left in peace, and have to come to their ends."""


class Planned(RuntimeError):
    """The failure that a job was given on purpose."""


Job = Callable[[Client, random.Random], bool]
"""Runs one job; raises AssertionError for a wrong result. True for its value, False for an error that it may get."""


def work(x: int, seconds: float, fails: bool, *inputs: int) -> int:
    time.sleep(seconds)
    if fails:
        raise Planned(x)
    return x + sum(inputs)


def _nodes(
    rng: random.Random, call: Callable[..., Any], failing: bool
) -> tuple[list[Any], list[int], set[int]]:
    """A random graph of calls, the right values, and the calls that cannot succeed."""
    nodes: list[Any] = []
    values: list[int] = []
    doomed: set[int] = set()
    size = rng.choice((3, 10, 40))
    for number in range(size):
        chosen = [rng.randrange(number) for _ in range(min(number, rng.choice((0, 1, 2))))]
        fails = failing and rng.random() < 2 / size
        nodes.append(
            call(work, number, rng.choice((0.0, 0.0, 0.001, 0.01)), fails, *[nodes[i] for i in chosen])
        )
        values.append(number + sum(values[i] for i in chosen))
        if fails or any(i in doomed for i in chosen):
            doomed.add(number)
    return nodes, values, doomed


def arrays(client: Client, rng: random.Random) -> bool:
    shape = (rng.randrange(20, 300), rng.randrange(20, 300))
    chunks = (rng.randrange(10, 150), rng.randrange(10, 150))
    x = ca.random.default_rng(rng.randrange(9)).random(shape, chunks=chunks)
    y = rng.choice(
        (
            lambda: (x - x.mean(axis=0)).std(),
            lambda: (x @ x.T).sum(axis=0),
            lambda: ca.concatenate([x.T, x.T * 2]).rechunk((37, -1)),
            lambda: (x**2 + 1).sum(),
        )
    )()
    right = y.compute(scheduler="sync")
    if rng.random() < 0.3:
        y = y.persist()
    np.testing.assert_array_equal(y.compute(), right)
    return True


def large_arrays(client: Client, rng: random.Random) -> bool:
    """Blocks in shared memory, more of them than small limits have room for."""
    x = ca.random.default_rng(rng.randrange(9)).random((2000, 1000), chunks=(250, 1000))
    kept = x.persist()
    total = (kept - kept.mean(axis=0)).std().compute()
    assert total == (x - x.mean(axis=0)).std().compute(scheduler="sync")
    return True


def frames(client: Client, rng: random.Random) -> bool:
    rows = rng.randrange(50, 2000)
    numbers = np.random.default_rng(rng.randrange(9))
    table = pd.DataFrame(
        {
            "a": numbers.normal(size=rows),
            "n": numbers.integers(0, 9, rows),
            "k": numbers.choice(["x", "yy", "å"], rows),
        }
    )
    x = cd.from_pandas(table, npartitions=rng.randrange(1, 9))
    y = rng.choice(
        (
            lambda: x.groupby("k").a.mean(),
            lambda: x[x.n > 3].a,
            lambda: x.assign(twice=x.a * 2).nlargest(5, "a"),
            lambda: x.k.value_counts(),
        )
    )()
    right = y.compute(scheduler="sync")
    found = y.compute()
    (pd.testing.assert_frame_equal if isinstance(right, pd.DataFrame) else pd.testing.assert_series_equal)(
        found, right, check_exact=True
    )
    return True


def calls(client: Client, rng: random.Random) -> bool:
    failing = rng.random() < 0.3
    nodes, values, doomed = _nodes(rng, lambda function, *args: delayed(function)(*args), failing)
    asked = [rng.randrange(len(nodes)) for _ in range(3)]
    try:
        found = compute(*[nodes[i] for i in asked])
    except Planned:
        assert any(i in doomed for i in asked), "failed without a cause"
        return False
    assert list(found) == [values[i] for i in asked] and not any(i in doomed for i in asked)
    return True


def futures(client: Client, rng: random.Random) -> bool:
    """Each of many calls gives its value or its error; some are cancelled while they run."""
    failing, cancelling = rng.random() < 0.4, rng.random() < 0.4
    nodes, values, doomed = _nodes(
        rng, lambda *args: client.submit(*args, pure=False, retries=rng.choice((0, 2))), failing
    )
    cancelled = [future for future in nodes if cancelling and rng.random() < 0.1]
    time.sleep(rng.random() * 0.01)
    for future in cancelled:
        future.cancel()
    complete = True
    for number, future in enumerate(nodes):
        try:
            assert _value(future) == values[number] and number not in doomed
        except Planned:
            assert number in doomed, "failed without a cause"
            complete = False
        except RunCancelled:
            assert cancelled, "cancelled without a cause"
            complete = False
        except WorkerDiedError:
            complete = False
    return complete


def _value(future: Future) -> Any:
    return future.result(timeout=MOST_SECONDS)


def nested(client: Client, rng: random.Random) -> bool:
    """Tasks that submit tasks and wait for them."""

    def outer(n: int, deeper: int) -> int:
        from chunkscope.futures import worker_client

        with worker_client() as inside:
            if deeper:
                return sum(inside.gather([inside.submit(outer, i, deeper - 1, pure=False) for i in range(n)]))
            return sum(inside.gather(inside.map(lambda x: x * x, range(n), pure=False)))

    depth = rng.choice((0, 0, 1))
    n = rng.randrange(2, 5)
    squares = [sum(x * x for x in range(i)) for i in range(n)]
    right = sum(squares) if depth else sum(x * x for x in range(n))
    assert client.submit(outer, n, depth, pure=False).result(timeout=MOST_SECONDS) == right
    return True


def dying(client: Client, rng: random.Random) -> bool:
    """A task that always kills its worker, among others that do not."""
    how = rng.choice(("kill", "exit", "segfault"))

    def die() -> None:
        import ctypes

        print("last breath")
        if how == "exit":
            os._exit(3)
        if how == "segfault":
            ctypes.string_at(0)
        os.kill(os.getpid(), signal.SIGKILL)

    others = client.map(abs, range(-5, 0), pure=False)
    victim = client.submit(die, pure=False)
    error = victim.exception(timeout=MOST_SECONDS)
    assert type(error) is WorkerDiedError, f"{error!r}"
    assert "die" in error.task and error.origin is not None
    for number, other in enumerate(others):
        try:
            assert _value(other) == 5 - number
        except WorkerDiedError:  # it was in the same process whenever that died
            continue
    return False


def unsendable(client: Client, rng: random.Random) -> bool:
    try:
        client.submit(threading.Lock, pure=False).result(timeout=MOST_SECONDS)
    except TransferError as error:
        assert "cannot be sent" in str(error)
    else:
        raise AssertionError("a lock came from another process")
    return False


JOBS: tuple[Job, ...] = (
    arrays, arrays, large_arrays, frames, frames, calls, calls, futures, futures, nested, dying, unsendable,
)  # fmt: skip


class Session:
    """The session of one seed.

    What is random is drawn from the seed alone; when which task meets which mischief is up to the machine.
    """

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.seed = seed
        limit = rng.choice((None, None, None, "400MB", "150MB"))
        self.shape = {
            "n_workers": rng.randrange(1, 4),
            "threads_per_worker": rng.choice((1, 1, 2)),
            "memory_limit": limit,
        }
        self.jobs = [rng.choice(JOBS) for _ in range(rng.randrange(3, 7))]
        self.pace = rng.choice((0.02, 0.05, 0.1, 0.3))
        """Seconds between two acts of mischief, about."""
        self.right = 0
        self.failed = 0
        self.acts: list[str] = []
        self.trouble: list[str] = []

    def run(self) -> None:
        """Open the cluster, run the jobs side by side, close it; `trouble` has what went wrong."""
        stop = threading.Event()
        with Client(**self.shape) as client, ThreadPoolExecutor(3) as threads:
            mischief = threading.Thread(target=self._mischief, args=(client, stop), name="mischief")
            mischief.start()
            try:
                running = [
                    (job.__name__, threads.submit(self._perform, job, number, client))
                    for number, job in enumerate(self.jobs)
                ]
                for name, job in running:
                    try:
                        job.result(timeout=MOST_SECONDS)
                    except TooLate:
                        self.trouble.append(f"{name} hangs")
                        faulthandler.dump_traceback(file=sys.__stderr__)
                        client.cluster.close()
                        break
            finally:
                stop.set()
                mischief.join()

    def _perform(self, job: Job, number: int, client: Client) -> None:
        rng = random.Random(self.seed * 1000 + number)
        try:
            with client.as_current():
                right = job(client, rng)
            self.right += right
            self.failed += not right
        except WorkerDiedError as error:  # the same task was hit three times, or was in a process that was
            self.failed += 1
            if not self._deadly:
                self.trouble.append(f"{job.__name__} ({number}) died without a cause: {error}")
        except Exception as error:
            lines = [f"{job.__name__} ({number}): {type(error).__name__}: {error}"]
            self.trouble.append("\n".join([*lines, *getattr(error, "__notes__", [])]))

    @property
    def _deadly(self) -> bool:
        """Whether enough has happened that a task may have lost its process three times."""
        return dying in self.jobs or self.shape["memory_limit"] is not None or len(self.acts) >= 3

    def _mischief(self, client: Client, stop: threading.Event) -> None:
        rng = random.Random(self.seed + 1)
        while len(self.acts) < MOST_ACTS and not stop.wait(rng.expovariate(1 / self.pace)):
            pids = [worker.pid for worker in client.cluster.workers if worker.pid]
            act = rng.choice(("kill",) * 5 + ("pause",) * 3 + ("stop", "scale", "restart", "server"))
            self.acts.append(act)
            if act == "scale":
                client.cluster.scale(rng.randrange(1, 4))
            elif act == "restart":
                client.cluster.restart()
            elif act == "server":
                if SERVER.pid and rng.random() < 0.2:
                    send(SERVER.pid, signal.SIGKILL)
            elif pids:
                pid = rng.choice(pids)
                send(pid, signal.SIGKILL if act == "kill" else signal.SIGSTOP)
                if act == "pause":
                    stop.wait(rng.random() * 0.2)
                    send(pid, signal.SIGCONT)

    def describe(self) -> str:
        """What was to be done, for whoever looks into it."""
        jobs = ", ".join(job.__name__ for job in self.jobs)
        return f"seed {self.seed}: {self.shape}, {jobs}; mischief: {' '.join(self.acts)}"
