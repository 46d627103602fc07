"""Workers that die, hang, or are left behind: the right result or one clear error, and no process stays."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from chunkscope import compute, delayed, last_run
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import TaskExitError, WorkerDiedError
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.executors.cluster.group import PROCESSES
from chunkscope.observe import RunState
from tests.engine.executors.pool_of_processes import pids, processes, send
from tests.engine.patience import becomes

KILLS = {"quick": 4, "default": 25, "full": 500}[os.environ.get("CHUNKSCOPE_PROFILE", "default")]


pytestmark = pytest.mark.usefixtures("no_memory_stays")


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


@pytest.fixture
def new_processes() -> None:
    """Workers of which nobody has killed one before."""
    PROCESSES.restart()


@pytest.mark.usefixtures("new_processes")
@pytest.mark.parametrize("how", ["kill", "segfault", "exit"])
def test_a_worker_that_dies_costs_only_what_it_ran(how: str, tmp_path: Path) -> None:
    flag = str(tmp_path / "died")
    total = delayed(sum)([delayed(fragile)(i, flag, how) for i in range(60)])
    assert processes(total) == sum(i * i for i in range(60))
    run = last_run()
    assert run is not None and run.state is RunState.FINISHED and run.nfinished == 61
    (lost,) = [notice for notice in run.notices if notice.topic == "lost"]
    assert lost.text.endswith("that it had will be run by another")
    assert lost.text in " ".join(run.explain().describe().split())
    assert "It had begun before, and went with its worker" in str(run.why(lost.task))
    assert "could have begun" not in str(run.why(lost.task))


@pytest.mark.usefixtures("new_processes")
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
    run = last_run()
    assert run is not None
    lost = [notice.text for notice in run.notices if notice.topic == "lost"]
    assert len(lost) == 3 and [text.endswith("is given up") for text in lost] == [False, False, True]
    assert all(text in " ".join(run.explain().describe().split()) for text in lost)
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
                send(rng.choice(victims))

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
        send(pid)
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
        assert becomes(lambda run=run: run.state is RunState.CANCELLED)  # type: ignore[misc]
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
    assert becomes(lambda: not any(map(lives, children)))


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
