"""What tasks in other processes print, warn and log arrives where the run was asked for, and in the run log."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chunkscope import compute, delayed, last_run
from chunkscope.executors.narrate import MOST_SAID
from chunkscope.futures import Client
from chunkscope.observe import RunLog

Perform = Callable[..., Any]


@pytest.fixture(params=["processes", "cluster", "futures"])
def perform(request: pytest.FixtureRequest) -> Iterator[Perform]:
    """Calls a function with each of some arguments as tasks of their own, and waits for them."""
    if request.param == "futures":
        with Client(n_workers=1, threads_per_worker=2) as client:
            yield lambda function, *args: client.gather(client.map(function, args, pure=False))
        return
    if request.param == "cluster":
        request.getfixturevalue("cluster")
    yield lambda function, *args: list(
        compute(*[delayed(function)(x) for x in args], scheduler=request.param, num_workers=2)
    )


def said(run: RunLog | None) -> list[tuple[str, int]]:
    assert run is not None
    return [(notice.text, notice.task) for notice in run.notices if notice.topic == "said"]


def test_output_warnings_and_records_arrive_with_their_task(
    perform: Perform, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def speak(x: int) -> int:
        print("out", x)
        print("err", x, file=sys.stderr)
        warnings.warn(f"careful {x}", RuntimeWarning, stacklevel=1)
        logging.getLogger("tests.said").warning("logged %d", x)
        return x

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert perform(speak, 7, 8) == [7, 8]
    out, err = capfd.readouterr()
    for x in (7, 8):
        assert f"out {x}\n" in out and f"err {x}\n" in err
        assert ("tests.said", logging.WARNING, f"logged {x}") in caplog.record_tuples
    assert sorted(str(one.message) for one in caught) == ["careful 7", "careful 8"]
    run = last_run()
    told = said(run)
    assert run is not None and len(told) == 8
    for task, x in ((0, 7), (1, 8)):
        key = run.graph_at(task).key(task)
        mine = [text for text, of in told if of == task]
        assert mine[:2] == [f"{key} printed: out {x}", f"{key} printed: err {x}"]
        assert mine[2] == f"{key} warned: RuntimeWarning: careful {x}"
        assert mine[3].startswith(f"{key} logged: WARNING: logged {x}")


def test_what_a_task_says_before_it_fails_arrives(
    perform: Perform, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(x: int) -> None:
        print("so far so good")
        raise LookupError(x)

    with pytest.raises(LookupError):
        perform(fail, 1)
    assert capfd.readouterr().out == "so far so good\n"
    assert [text.partition(": ")[2] for text, _ in said(last_run())] == ["so far so good"]


def test_a_run_that_says_much_keeps_the_beginning_and_prints_it_all(
    perform: Perform, capfd: pytest.CaptureFixture[str]
) -> None:
    def chatter(n: int) -> int:
        for number in range(n):
            print(number)
        return n

    assert perform(chatter, 700) == [700]
    assert capfd.readouterr().out.split() == [str(number) for number in range(700)]
    told = said(last_run())
    assert len(told) == MOST_SAID and "the rest is not kept" in told[-1][0]
