"""What only other processes can do wrong: die, hang, be left behind, print into nowhere, not know the user's code."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, persist
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import ClusterError, RunCancelled, TaskExitError, TransferError, WorkerDiedError
from chunkscope.executors import EXECUTORS
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.executors.cluster.group import PROCESSES, WorkerGroup
from chunkscope.observe import RunState

KILLS = {"quick": 4, "default": 25, "full": 500}[os.environ.get("CHUNKSCOPE_PROFILE", "default")]


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    gc.collect()
    before = ARENAS.used_bytes
    yield
    gc.collect()
    assert _becomes(lambda: ARENAS.used_bytes <= before)


@pytest.fixture
def group(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerGroup]:
    """Two processes with two threads each, in the place of the pool of processes."""
    found = WorkerGroup(2, 2, "worker")
    monkeypatch.setitem(EXECUTORS, "processes", found.start)
    yield found
    found.close()
    assert _becomes(lambda: not any(figures.pid for figures in found.workers()))


def _becomes(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def processes(*values: Any, num_workers: int = 2, **options: Any) -> Any:
    found = compute(*values, scheduler="processes", num_workers=num_workers, **options)
    return found[0] if len(values) == 1 else found


def pids() -> list[int]:
    return [figures.pid for figures in PROCESSES.workers() if figures.pid]


# -- code ---------------------------------------------------------------------------------------------------

SCRIPT = """
from dataclasses import dataclass
from chunkscope import compute, delayed
print("once")
factor = 3

@dataclass
class Point:
    x: int

def scaled(point):
    return Point(point.x * factor)

values = compute(delayed(scaled)(Point(2)), delayed(lambda x: x + factor)(1), scheduler="processes", num_workers=2)
assert values == (Point(6), 4), values
assert type(values[0]) is Point
"""


def test_a_script_without_a_guard(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("once\n", "", 0)


def test_paths_folder_and_environment_are_the_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside_the_notebook.py").write_text("def answer():\n    return 42\n")
    processes(delayed(abs)(1))  # workers that are there already learn it, too
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHUNKSCOPE_TEST", "x")
    from beside_the_notebook import answer  # type: ignore[import-not-found]

    assert processes(delayed(answer)(), delayed(os.getcwd)()) == (42, str(tmp_path))
    assert processes(delayed(os.environ.get)("CHUNKSCOPE_TEST")) == "x"
    monkeypatch.delenv("CHUNKSCOPE_TEST")
    assert processes(delayed(os.environ.get)("CHUNKSCOPE_TEST")) is None


def test_workers_are_other_processes_and_stay() -> None:
    def pid(x: int) -> int:
        time.sleep(0.01)
        return os.getpid()

    first = set(processes(*[delayed(pid)(i) for i in range(20)]))
    assert os.getpid() not in first and len(first) == 2
    assert set(processes(*[delayed(pid)(i) for i in range(20)])) == first


def test_random_numbers_differ_from_worker_to_worker() -> None:
    def draw(meet: float) -> tuple[int, float, float]:
        time.sleep(meet)
        return os.getpid(), np.random.random(), random.random()

    first, second = processes(delayed(draw)(0.1), delayed(draw)(0.1))
    assert first[0] != second[0] and first[1] != second[1] and first[2] != second[2]


# -- blocks -------------------------------------------------------------------------------------------------


def test_a_large_block_is_one_memory_for_all() -> None:
    x = ca.ones((2000, 500), chunks=(2000, 500)).map_blocks(lambda block: block * 2, dtype=float)
    (kept,) = persist(x, scheduler="processes", num_workers=2)
    assert kept.sum().compute() == 2_000_000.0
    resident = ARENAS.resident_bytes
    for _ in range(5):
        assert processes(kept.sum(), kept.mean()) == (2_000_000.0, 2.0)
    assert ARENAS.resident_bytes <= resident + 10_000
    mine = kept.compute()
    mine[0, 0] = 7.0
    assert kept.compute()[0, 0] == 2.0


def test_a_block_of_threads_moves_to_shared_memory_once() -> None:
    (kept,) = persist(ca.arange(200_000, chunks=100_000), scheduler="threads")
    right = kept.sum().compute()
    before = ARENAS.used_bytes
    assert processes(kept.sum()) == right
    after = ARENAS.used_bytes
    assert after - before >= 1_600_000
    assert processes((kept * 2).sum()) == 2 * right and ARENAS.used_bytes == after
    assert kept.sum().compute(scheduler="threads") == right


def test_a_result_that_is_its_input_is_not_copied() -> None:
    x = delayed(np.ones)(100_000)
    y = delayed(lambda block: block[10:])(delayed(lambda block: block)(x))
    z = delayed(lambda a, b: (a.sum(), b.sum()))(x, y)
    assert processes(z) == (100_000.0, 99_990.0)


def test_what_a_task_keeps_stays_as_it_was() -> None:
    """A block that a worker still refers to is not used again, although its run is over."""

    def keep(x: Any) -> int:
        import builtins

        builtins.kept_by_a_test = x  # type: ignore[attr-defined]
        return os.getpid()

    def look(_: Any) -> tuple[float, float]:
        import builtins

        x = builtins.kept_by_a_test  # type: ignore[attr-defined]
        return float(x.min()), float(x.max())

    def let_go() -> None:
        import builtins

        del builtins.kept_by_a_test  # type: ignore[attr-defined]

    processes(delayed(keep)(delayed(np.full)(100_000, 3.0)), num_workers=1)
    for _ in range(3):
        processes(delayed(np.sum)(delayed(np.full)(100_000, 4.0)), num_workers=1)
    assert processes(delayed(look)(1), num_workers=1) == (3.0, 3.0)
    processes(delayed(let_go)(), num_workers=1)
    processes(delayed(abs)(1), num_workers=1)


def test_no_memory_and_no_descriptor_is_left_of_a_hundred_runs() -> None:
    x = ca.random.default_rng(0).random((400, 400), chunks=(200, 200))

    def once() -> None:
        assert processes((x + x.T).sum(), delayed(len)([1, 2]))[1] == 2

    for _ in range(5):
        once()
    here, there = len(os.listdir("/dev/fd")), [psutil.Process(pid).num_fds() for pid in pids()]
    for _ in range(100):
        once()
    assert len(os.listdir("/dev/fd")) <= here
    assert [psutil.Process(pid).num_fds() for pid in pids()] == there


# -- what tasks say -----------------------------------------------------------------------------------------


def test_what_is_printed_warned_and_logged_arrives(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def speak(x: int) -> int:
        print("out", x)
        print("err", x, file=sys.stderr)
        print("no line end", end="")
        warnings.warn("careful", RuntimeWarning, stacklevel=1)
        logging.getLogger("tests.speak").warning("logged %d", x)
        return x

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert processes(delayed(speak)(7)) == 7
    out, err = capfd.readouterr()
    assert "out 7\n" in out and "no line end" in out and "err 7" in err
    assert [(str(one.message), one.category) for one in caught] == [("careful", RuntimeWarning)]
    assert ("tests.speak", logging.WARNING, "logged 7") in caplog.record_tuples


def test_a_warning_that_is_an_error_here_is_one_there() -> None:
    def warn() -> None:
        warnings.warn("not allowed", UserWarning, stacklevel=1)

    with pytest.raises(UserWarning, match="not allowed"):
        processes(delayed(warn)())


# -- values that cannot travel ------------------------------------------------------------------------------


class Odd(Exception):
    def __init__(self, a: int, b: int) -> None:
        super().__init__("only one argument")


def test_what_cannot_be_sent_is_told() -> None:
    lock = threading.Lock()
    with pytest.raises(
        TransferError, match=r"the result of this task cannot be sent .* cannot pickle '_thread.lock'"
    ):
        processes(delayed(threading.Lock)())
    with pytest.raises(TransferError, match=r"the function of 'locked', or something that it refers to"):
        processes(delayed(lambda: lock, name="locked")())

    def raise_odd() -> None:
        raise Odd(1, 2)

    with pytest.raises(TransferError, match=r"Odd: only one argument; the exception itself cannot be sent"):
        processes(delayed(raise_odd)())
    assert processes(delayed(abs)(-1)) == 1


def test_the_traceback_of_a_task_names_the_users_lines() -> None:
    def inner(x: int) -> float:
        return 1 / x

    def outer(x: int) -> float:
        try:
            return inner(x)
        except ZeroDivisionError as error:
            raise KeyError("outer") from error

    with pytest.raises(KeyError) as caught:
        processes(delayed(outer)(0))
    assert [entry.name for entry in caught.traceback][-1] == "outer"
    cause = caught.value.__cause__
    assert isinstance(cause, ZeroDivisionError) and cause.__traceback__ is not None
    assert "raise KeyError" in str(caught.traceback[-1].statement)


# -- death --------------------------------------------------------------------------------------------------


def fragile(x: int, flag: str, how: str) -> int:
    """Dies the first time, in the way that was asked for."""
    if not os.path.exists(flag):
        Path(flag).touch()
        if how == "segfault":
            ctypes.string_at(0)
        elif how == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


@pytest.mark.parametrize("how", ["kill", "segfault", "exit"])
def test_a_worker_that_dies_costs_only_what_it_ran(how: str, tmp_path: Path) -> None:
    flag = str(tmp_path / "died")
    total = delayed(sum)([delayed(fragile)(i, flag, how) for i in range(60)])
    assert processes(total) == sum(i * i for i in range(60))
    run = last_run()
    assert run is not None and run.state is RunState.FINISHED and run.nfinished == 61


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("kill", "was killed by SIGKILL"),
        ("segfault", "was killed by SIGSEGV"),
        ("exit", "ended by itself with exit code 3"),
    ],
)
def test_a_task_that_kills_three_workers_is_given_up(how: str, told: str) -> None:
    def die(x: Any) -> None:
        print("last breath")
        if how == "segfault":
            ctypes.string_at(0)
        elif how == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(
        WorkerDiedError, match="was given up: the process that ran it died three times"
    ) as caught:
        processes(delayed(die)(delayed(np.ones)(20_000)))
    text = str(caught.value)
    assert told in text and "last breath" in text and "inputs of the task: 156 KiB" in text
    assert ("Segmentation fault" in text) is (how == "segfault")
    (note,) = caught.value.__notes__
    assert "die" in note and "ndarray of shape (20000,)" in note
    assert processes(delayed(abs)(-1)) == 1


@pytest.mark.parametrize("executor", ["sync", "threads", "processes"])
def test_a_task_that_exits_ends_its_run_and_nothing_else(executor: str) -> None:
    with pytest.raises(TaskExitError, match=r"called sys.exit\(5\)"):
        compute(delayed(sys.exit)(5), scheduler=executor)


def test_random_kills() -> None:
    """Whatever is killed whenever, the workers or the server that forks them: the value is right."""

    def work(x: int, *inputs: int) -> int:  # goes by value: a fresh worker need not import this module
        time.sleep(0.001)
        return x + sum(inputs)

    rng = random.Random(0)
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(rng.random() * 0.3):
            victims = [*pids(), *([SERVER.pid] if SERVER.pid and rng.random() < 0.03 else [])]
            if victims:
                try:
                    os.kill(rng.choice(victims), signal.SIGKILL)
                except ProcessLookupError:
                    continue

    killer = threading.Thread(target=kill)
    killer.start()
    given_up = 0
    try:
        for seed in range(KILLS):
            local = random.Random(seed)
            nodes: list[Any] = []
            values: list[int] = []
            for number in range(40):
                chosen = [local.randrange(number) for _ in range(min(number, local.choice((0, 1, 2))))]
                nodes.append(delayed(work)(number, *[nodes[i] for i in chosen]))
                values.append(number + sum(values[i] for i in chosen))
            try:
                assert processes(delayed(sum)(nodes)) == sum(values)
            except WorkerDiedError:
                given_up += 1  # the same task was hit three times
    finally:
        stop.set()
        killer.join()
    assert given_up <= KILLS // 2
    assert processes(delayed(abs)(-1)) == 1


def test_a_worker_that_was_killed_while_idle_is_replaced() -> None:
    first = processes(delayed(os.getpid)())
    for pid in pids():
        os.kill(pid, signal.SIGKILL)
    second = processes(delayed(os.getpid)())
    assert second != first and second in pids()


# -- the end ------------------------------------------------------------------------------------------------


def test_ctrl_c_returns_at_once_and_ends_what_runs() -> None:
    def forever() -> None:
        while True:
            time.sleep(0.01)

    def stubborn() -> None:
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                continue

    for task in (forever, stubborn):
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            processes(delayed(task)(), delayed(task)())
        run = last_run()
        assert run is not None
        assert _becomes(lambda run=run: run.state is RunState.CANCELLED)  # type: ignore[misc]
        assert processes(delayed(abs)(-1)) == 1


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


PARENT = """
import os, sys, time
from chunkscope import compute, delayed
from chunkscope.executors.cluster.group import PROCESSES
from chunkscope.executors.cluster.forkserver import SERVER
compute(delayed(time.sleep)(0.3), delayed(time.sleep)(0.3), scheduler="processes", num_workers=2)
print(SERVER.pid, *[w.pid for w in PROCESSES.workers()], flush=True)
compute(delayed(time.sleep)(100), delayed(time.sleep)(100), scheduler="processes", num_workers=2)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_processes_end_with_the_parent_however_it_ends(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert parent.stdout is not None
    children = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(children) >= 2 and all(map(lives, children))
    time.sleep(0.1)
    parent.send_signal(number)
    parent.wait(20)
    parent.stdout.close()
    assert _becomes(lambda: not any(map(lives, children)))


def test_a_fork_of_the_parent_harms_nobody() -> None:
    processes(delayed(abs)(1))
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if PROCESSES.workers() == [] and ARENAS.used_bytes == 0 and SERVER.pid is None else 2
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert processes(delayed(abs)(-1)) == 1


# -- groups -------------------------------------------------------------------------------------------------


def where(x: int) -> tuple[int, int]:
    time.sleep(0.02)
    return os.getpid(), threading.get_ident()


def test_a_group_has_so_many_processes_with_so_many_threads(group: WorkerGroup) -> None:
    assert [(w.name, w.pid, w.status) for w in group.workers()] == [
        ("worker-0", 0, "starting"),
        ("worker-1", 0, "starting"),
    ]
    found = set(processes(*[delayed(where)(i) for i in range(60)], num_workers=4))
    assert len({pid for pid, _ in found}) == 2 and len(found) == 4
    assert {w.pid for w in group.workers()} == {pid for pid, _ in found}
    assert all(w.resident_bytes > 1e6 and w.processor_seconds >= 0 for w in group.workers())
    x = ca.random.default_rng(0).random((900, 900), chunks=(300, 300))
    assert processes((x @ x).sum(), num_workers=4) == (x @ x).sum().compute(scheduler="sync")


def test_a_group_is_scaled_restarted_and_killed_while_it_works(group: WorkerGroup) -> None:
    (kept,) = persist(
        *[delayed(sum)([delayed(where)(i)[0] * 0 + i for i in range(150)])], scheduler="processes"
    )
    assert _becomes(lambda: any(w.running for w in group.workers()))
    group.scale(3)
    assert len(group.workers()) == 3
    time.sleep(0.05)
    group.kill("worker-0")
    time.sleep(0.05)
    group.restart()
    group.scale(1)
    assert kept.compute(scheduler="threads") == sum(range(150))
    assert len(group.workers()) == 1
    with pytest.raises(ClusterError, match="no worker is named 'x'; the workers are 'worker-0'"):
        group.kill("x")
    with pytest.raises(ClusterError, match="at least one"):
        group.scale(0)


def test_a_group_that_is_closed_ends_what_runs(group: WorkerGroup) -> None:
    started = time.monotonic()
    (kept,) = persist(delayed(time.sleep)(60), scheduler="processes")
    assert _becomes(lambda: any(w.running for w in group.workers()))
    group.close()
    with pytest.raises(RunCancelled):
        kept.compute(scheduler="threads")
    assert time.monotonic() - started < 30
    with pytest.raises(ClusterError, match="were closed"):
        processes(delayed(abs)(1))
