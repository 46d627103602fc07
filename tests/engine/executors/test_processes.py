"""What only other processes can do wrong: not know the user's code, copy blocks, leak, print into nowhere."""

from __future__ import annotations

import logging
import os
import random
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import chunkscope.array as ca
from chunkscope import delayed, persist
from chunkscope.blocks.arenas import ARENAS
from chunkscope.errors import TransferError
from tests.engine.executors.pool_of_processes import pids, processes

pytestmark = pytest.mark.usefixtures("no_memory_stays")


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
    assert processes(delayed(os.getenv)("CHUNKSCOPE_TEST")) == "x"
    monkeypatch.delenv("CHUNKSCOPE_TEST")
    assert processes(delayed(os.getenv)("CHUNKSCOPE_TEST")) is None


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


def test_what_cannot_be_sent_is_told() -> None:
    lock = threading.Lock()
    with pytest.raises(
        TransferError, match=r"the result of this task cannot be sent .* cannot pickle '_thread.lock'"
    ):
        processes(delayed(threading.Lock)())
    with pytest.raises(TransferError, match=r"the function of 'locked', or something that it refers to"):
        processes(delayed(lambda: lock, name="locked")())
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
