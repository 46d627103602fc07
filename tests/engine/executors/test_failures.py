"""What may happen to workers, and what is told of it: the right result, or one clear error with a post-mortem."""

from __future__ import annotations

import ctypes
import os
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chunkscope import compute, delayed, last_run, persist
from chunkscope.blocks.spilling import SPILLER
from chunkscope.display.failure import failure_html, failure_text
from chunkscope.errors import ClusterError, TransferError, WorkerDiedError
from chunkscope.events import FAILURE
from chunkscope.executors import POOL
from chunkscope.executors.cluster import channel, forkserver, stops
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.executors.cluster.group import PROCESSES, WorkerGroup
from chunkscope.futures import Client
from chunkscope.observe import RunState
from tests.engine.executors.left_behind import nothing_is_left
from tests.engine.executors.pool_of_processes import pids, processes, send
from tests.engine.patience import becomes


@pytest.fixture(autouse=True)
def everything_is_put_back(tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with nothing_is_left(folder):
        yield


@pytest.fixture(params=["processes", "cluster"])
def kind(request: pytest.FixtureRequest) -> str:
    """The executors whose tasks run in other processes, all of them new: nobody has killed one before."""
    group = request.getfixturevalue("cluster") if request.param == "cluster" else PROCESSES
    group.restart()
    return str(request.param)


# -- a post-mortem ------------------------------------------------------------------------------------------


def test_a_post_mortem_has_task_line_bytes_signal_and_output(kind: str) -> None:
    def die(x: Any) -> None:
        print("last <breath>")
        os.kill(os.getpid(), signal.SIGKILL)

    doomed = delayed(die)(delayed(np.ones)(20_000))
    line = "doomed = delayed(die)(delayed(np.ones)(20_000))"
    with pytest.raises(WorkerDiedError) as caught:
        compute(doomed, scheduler=kind)
    error = caught.value
    assert error.task.startswith("die") and error.input_bytes == 160_000
    assert (error.signal, error.last_output) == ("SIGKILL", "last <breath>\n")
    assert error.origin is not None and error.origin.text == line
    again = pickle.loads(pickle.dumps(error))
    assert (again.task, again.origin, again.signal, again.last_output, again.post_mortem) == (
        error.task, error.origin, error.signal, error.last_output, error.post_mortem,
    )  # fmt: skip
    told = [str(error), failure_text(error.__dict__[FAILURE])]
    for text in (str(error), "\n".join(told)):
        for part in (error.task, line, "156 KiB", "SIGKILL", "last <breath>", "test_failures.py"):
            assert part in text
    card = failure_html(error.__dict__[FAILURE])
    for part in (error.task, "test_failures.py", "156 KiB", "was killed by SIGKILL", "last &lt;breath&gt;"):
        assert part in card
    assert "<breath>" not in card
    run = last_run()
    assert run is not None and run.state is RunState.FAILED
    assert len([notice for notice in run.notices if notice.topic == "lost"]) == 3


def test_a_future_has_the_post_mortem_too() -> None:
    def die(x: int) -> None:
        print("breath", x)
        os._exit(7)

    with Client(n_workers=1, threads_per_worker=1) as client:
        doomed, other = client.submit(die, 3), client.submit(abs, -3)
        error = doomed.exception(timeout=60)
        assert isinstance(error, WorkerDiedError) and error.signal == "" and "exit code 7" in str(error)
        assert error.last_output == "breath 3\n" and error.task.startswith("die")
        assert error.origin is not None and "client.submit(die, 3)" in error.origin.text
        assert other.result() == 3


# -- what cannot travel -------------------------------------------------------------------------------------


def test_an_argument_that_cannot_travel_is_told_before_anything_runs(kind: str) -> None:
    with pytest.raises(TransferError, match=r"the function of 'id'.* cannot be sent to another process"):
        compute(delayed(id)(threading.Lock()), scheduler=kind)
    (lock,) = persist(delayed(threading.Lock)(), scheduler="threads")
    with pytest.raises(TransferError, match=r"cannot be sent to another process .*lock"):
        compute(delayed(id)(lock), scheduler=kind)


def test_a_future_whose_result_cannot_travel_fails_alone() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        lock, number = client.submit(threading.Lock), client.submit(abs, -1)
        with pytest.raises(TransferError, match="the result of this task cannot be sent"):
            lock.result(timeout=60)
        with pytest.raises(TransferError, match="cannot be sent"):
            client.submit(id, threading.Lock()).result(timeout=60)
        assert number.result(timeout=60) == 1


# -- workers that do nothing --------------------------------------------------------------------------------


def _once(flag: str, x: int) -> int:
    """Stands still the first time."""
    if not os.path.exists(flag):
        Path(flag).touch()
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(1)  # the signal goes to another thread, and this one may run on for a moment
    return x


def test_a_worker_that_stands_still_is_replaced(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 0.2)
    flag = str(tmp_path / "stopped")
    assert compute(delayed(_once)(flag, 5), scheduler=kind) == (5,)
    run = last_run()
    assert run is not None
    (notice,) = (notice for notice in run.notices if notice.topic == "lost")
    assert "it was stopped (SIGSTOP) and did not go on" in notice.text


def test_a_worker_that_goes_on_in_time_is_left_alone(tmp_path: Path) -> None:
    flag = tmp_path / "stopped"
    first = processes(delayed(os.getpid)(), num_workers=1)

    def wake() -> None:
        becomes(flag.exists)
        becomes(lambda: stops.is_stopped(first))
        os.kill(first, signal.SIGCONT)

    waker = threading.Thread(target=wake)
    waker.start()
    assert processes(delayed(_once)(str(flag), 5), num_workers=1) == 5
    waker.join()
    assert processes(delayed(os.getpid)(), num_workers=1) == first


def test_a_message_to_a_worker_that_stands_still_does_not_wait_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message is larger than what the system keeps for one who does not read."""
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 0.2)
    monkeypatch.setattr(channel, "PATIENCE_MS", 20)
    first = processes(delayed(os.getpid)(), num_workers=1)
    parts = [delayed(bytes)(60_000) for _ in range(60)]
    lengths = delayed(lambda *parts: sum(map(len, parts)))(*parts)
    (kept,) = persist(*[delayed(list)(parts)], scheduler="threads")
    kept.compute(scheduler="threads")
    os.kill(first, signal.SIGSTOP)
    assert processes(lengths, num_workers=1) == 3_600_000
    assert processes(delayed(os.getpid)(), num_workers=1) != first


def test_a_fork_server_that_stands_still_or_is_killed_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops, "STOPPED_SECONDS", 0.2)
    for number in (signal.SIGSTOP, signal.SIGKILL):
        processes(delayed(abs)(1))
        server = SERVER.pid
        assert server is not None
        send(server, number)
        for pid in pids():
            send(pid)  # it may have gone with the server
        assert processes(delayed(abs)(-2)) == 2
        assert SERVER.pid not in (None, server)


def test_a_worker_that_is_killed_while_it_starts_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spawn, killed = SERVER.spawn, []

    def unlucky(*args: Any) -> Any:
        found = spawn(*args)
        if len(killed) < 5:
            killed.append(found[0])
            send(found[0])
        return found

    monkeypatch.setattr(SERVER, "spawn", unlucky)
    for pid in pids():
        send(pid)
    assert processes(delayed(sum)([delayed(abs)(-i) for i in range(20)])) == 190
    assert killed


def test_workers_that_cannot_even_start_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    spawn = SERVER.spawn

    def crash(*args: Any) -> Any:
        found = spawn(*args)
        send(found[0], signal.SIGSEGV)
        return found

    monkeypatch.setattr(SERVER, "spawn", crash)
    group = WorkerGroup(1, 1, "worker")
    try:
        with pytest.raises(ClusterError, match=r"end before they run anything: .*worker-0 .* SIGSEGV"):
            _on(group, delayed(abs)(1), monkeypatch)
    finally:
        group.close()


def _on(group: WorkerGroup, value: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    from chunkscope.executors import EXECUTORS

    with monkeypatch.context() as patch:
        patch.setitem(EXECUTORS, "processes", group.start)
        return processes(value)


# -- a system that gives nothing more -----------------------------------------------------------------------


def test_without_descriptors_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any, **kwargs: Any) -> Any:
        raise OSError(24, "Too many open files")

    group = WorkerGroup(2, 1, "worker")
    try:
        for place in ("pair", "Page"):
            with monkeypatch.context() as patch:
                if place == "pair":
                    patch.setattr(forkserver, "pair", full)
                else:
                    patch.setattr("chunkscope.executors.cluster.process.Page", full)
                with pytest.raises(
                    ClusterError, match=r"Too many open files; close files, or raise the limit"
                ):
                    _on(group, delayed(abs)(1), patch)
        assert _on(group, delayed(abs)(-1), monkeypatch) == 1
    finally:
        group.close()


@pytest.mark.parametrize("executor", ["threads", "processes"])
def test_without_threads_there_is_one_clear_error(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.removeprefix("chunkscope-").isdigit():
            raise RuntimeError("can't start new thread")
        start(thread)

    assert becomes(lambda: not POOL.nlanes and not PROCESSES.nlanes)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(
            ClusterError, match="no thread could be started for tasks: can't start new thread"
        ):
            compute(delayed(abs)(1), scheduler=executor)
    assert compute(delayed(abs)(-1), scheduler=executor) == (1,)


def test_a_full_disk_is_told_and_harms_no_result(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import chunkscope.array as ca

    def full(nbytes: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chunkscope.blocks.spilling._nameless_file", full)
    monkeypatch.setattr(SPILLER, "_disk", None)
    with Client(n_workers=1, threads_per_worker=1, memory_limit="300MB"):
        SPILLER.allow("a test", 4_000_000)
        try:
            x = ca.ones((1000, 2000), chunks=(250, 1000)).persist()
            assert (x + x).sum().compute() == 4_000_000.0
        finally:
            SPILLER.allow("a test", None)
    assert any("No space left on device" in record.getMessage() for record in caplog.records)


# -- Ctrl-C -------------------------------------------------------------------------------------------------


def test_ctrl_c_while_a_future_is_waited_for_ends_the_wait_not_the_cluster() -> None:
    with Client(n_workers=1, threads_per_worker=1) as client:
        assert client.submit(abs, -1).result() == 1
        slow = client.submit(time.sleep, 30)
        client.begin()
        assert becomes(lambda: any(worker.running for worker in client.cluster.workers))
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            slow.result()
        slow.cancel()
        client.restart()
        assert client.submit(abs, -2).result(timeout=60) == 2


def test_a_segfault_in_one_thread_does_not_give_up_the_other_threads_tasks(tmp_path: Path) -> None:
    """Each crash ends the task beside it as well, which is done again."""

    def crash(flag: str) -> int:
        if not os.path.exists(flag):
            Path(flag).touch()
            ctypes.string_at(0)
        return 1

    def steady(x: int) -> int:
        time.sleep(0.005)
        return x

    with Client(n_workers=1, threads_per_worker=2) as client:
        steadies = client.map(steady, range(20), pure=False)
        crashes = [client.submit(crash, str(tmp_path / f"flag-{i}"), pure=False) for i in range(2)]
        assert client.gather(steadies) == list(range(20))
        assert client.gather(crashes) == [1, 1]


def test_a_task_that_kills_its_process_again_and_again_takes_no_other_with_it() -> None:
    """From the second time on it runs alone there; what ran beside it the first time is done."""

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def long(x: int) -> int:
        time.sleep(0.1)
        return x

    with Client(n_workers=1, threads_per_worker=3) as client:
        doomed = [client.submit(die, pure=False) for _ in range(2)]
        others = client.map(long, range(6), pure=False)
        assert client.gather(others) == list(range(6))
        for future in doomed:
            assert isinstance(future.exception(timeout=60), WorkerDiedError)
