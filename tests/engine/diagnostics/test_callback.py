"""Callbacks: everything that happens, once and in order, told from the run log."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from chunkscope import compute, delayed
from chunkscope.diagnostics import Callback
from chunkscope.graph import Graph
from chunkscope.observe import RunLog
from chunkscope.types import Key


def inc(x: int) -> int:
    """One more."""
    return x + 1


class Record(Callback):
    """Writes down every call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, ...]] = []
        self.threads: set[str] = set()

    def _start(self, graph: Graph) -> None:
        self.calls.append(("start", graph.ntasks))
        self.threads.add(threading.current_thread().name)

    def _start_state(self, graph: Graph, run: RunLog) -> None:
        self.calls.append(("state", run.number))

    def _pretask(self, key: Key, graph: Graph, run: RunLog) -> None:
        self.calls.append(("pre", key))

    def _posttask(self, key: Key, result: None, graph: Graph, run: RunLog, worker: str) -> None:
        self.calls.append(("post", key, worker))

    def _finish(self, graph: Graph, run: RunLog, errored: bool) -> None:
        self.calls.append(("finish", errored))


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_a_run_is_told_from_beginning_to_end(scheduler: str) -> None:
    with Record() as record:
        compute([delayed(inc)(i) for i in range(50)], scheduler=scheduler)
    names = [call[0] for call in record.calls]
    assert names == ["start", "state", *["pre", "post"] * 50, "finish"]
    assert record.calls[0] == ("start", 50)
    keys = [call[1] for call in record.calls if call[0] == "post"]
    assert sorted(key.block for key in keys) == [(i,) for i in range(50)]
    assert [call[1] for call in record.calls if call[0] == "pre"] == keys
    assert record.calls[-1] == ("finish", False)
    assert record.threads == {"chunkscope-watcher"}


class Count(Callback):
    """Counts as Dask's users do it: the total from the state, one for each task that is done."""

    def _start(self, dsk: Any) -> None:
        self.size, self.first = len(dsk), next(iter(dsk))

    def _start_state(self, dsk: Any, state: Any) -> None:
        self.total = sum(len(state[k]) for k in ("ready", "waiting", "running", "finished"))
        self.begun = {k: len(state[k]) for k in state}
        self.seen: list[tuple[int, ...]] = []

    def _pretask(self, key: Any, dsk: Any, state: Any) -> None:
        assert key in dsk
        assert list(state["running"]) == [key]
        self.seen.append(tuple(len(state[k]) for k in ("waiting", "ready", "running", "finished")))

    def _finish(self, dsk: Any, state: Any, errored: bool) -> None:
        self.ended = {k: len(state[k]) for k in state}


def test_graph_and_state_can_be_read_as_dicts() -> None:
    pair = delayed(sum)([delayed(inc)(1), delayed(inc)(2)])
    with Count() as count:
        compute(pair, scheduler="sync")
    assert (count.size, count.total, str(count.first)) == (3, 3, "inc-0[0]")
    assert count.begun == {"waiting": 1, "ready": 2, "running": 0, "finished": 0}
    assert count.seen == [(1, 1, 1, 0), (1, 0, 1, 1), (0, 0, 1, 2)]
    assert count.ended == {"waiting": 0, "ready": 0, "running": 0, "finished": 3}


def test_what_a_graph_and_a_state_do_not_have_is_named() -> None:
    told: list[str] = []

    def look(dsk: Any, run: Any, errored: bool) -> None:
        (key,) = dsk
        assert dsk[key].op == "inc" and key in run["finished"]
        assert Key("inc-0", (5,)) not in dsk and Key("none", (0,)) not in dsk and "inc" not in dsk
        with pytest.raises(KeyError, match="has waiting, ready, running, finished, not 'cache'"):
            run["cache"]
        told.append(str(key))

    with Callback(finish=look):
        compute(delayed(inc)(1))
    assert told == ["inc-0[0]"]


def test_a_failed_run_says_so_at_its_end() -> None:
    def fail() -> None:
        raise ValueError("no")

    with Record() as record, pytest.raises(ValueError, match="no"):
        compute(delayed(fail)())
    assert record.calls[-1] == ("finish", True)


def test_functions_can_be_given_instead() -> None:
    seen: list[str] = []
    with Callback(
        start=lambda graph: seen.append("start"), finish=lambda graph, run, errored: seen.append("finish")
    ):
        compute(delayed(inc)(1))
        compute(delayed(inc)(2))
    assert seen == ["start", "finish"] * 2


def test_one_that_raises_is_logged_and_dropped(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(*args: Any) -> None:
        raise ValueError("a fault of the callback")

    with caplog.at_level(logging.ERROR, "chunkscope.diagnostics"), Callback(posttask=refuse) as callback:
        assert compute(delayed(inc)(1)) == (2,)
        for thread in threading.enumerate():
            if thread.name == "chunkscope-watcher":
                thread.join(10)
        assert not callback._watcher.is_open
        assert compute(delayed(inc)(2)) == (3,)
    (record,) = caplog.records
    assert "a watcher of runs raised and is dropped" in record.message


def test_active_holds_what_is_registered() -> None:
    callback = Callback()
    assert callback not in Callback.active
    callback.register()
    assert callback in Callback.active
    callback.unregister()
    assert callback not in Callback.active


def test_several_runs_at_once_are_all_told_to_the_end() -> None:
    with Record() as record:
        threads = [
            threading.Thread(target=compute, args=([delayed(inc)(i) for i in range(20)],)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    names = [call[0] for call in record.calls]
    assert {name: names.count(name) for name in names} == {
        "start": 4,
        "state": 4,
        "pre": 80,
        "post": 80,
        "finish": 4,
    }


def test_a_callback_never_holds_a_run_up() -> None:
    gate = threading.Event()
    callback = Callback(start=lambda graph: gate.wait(30))
    callback.register()
    assert compute(delayed(inc)(1)) == (2,)  # while the callback still waits
    gate.set()
    callback.unregister()
