"""What viewers get of runs, and that they can neither slow nor stop one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState, begin, end, next_number
from chunkscope.observe.feed import Feed
from chunkscope.observe.wire import Message, Notices, RowWindow, RunEnded, RunHeader, unpack
from chunkscope_widgets import sender as module
from chunkscope_widgets.sender import Sender


def kernel(block: int, *inputs: object) -> int:
    return block


def new_run(ntasks: int = 10) -> RunLog:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (ntasks,)), nbytes=8)
    return RunLog(next_number(), build.freeze(x), executor="threads", lanes=["a"])


def add_rows(log: RunLog, first: int, stop: int) -> None:
    for task in range(first, stop):
        log.columns.append(task, 0, log.started, log.started, log.started + 1, 8, 8)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for another thread, for as long as a loaded machine may need."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the other thread has not done it in a minute"
        time.sleep(0.002)


class Page:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.packets: list[list[Message]] = []

    def __call__(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        self.packets.append(unpack(header, buffers))

    def messages(self, run: int) -> list[Message]:
        return [m for packet in list(self.packets) for m in packet if getattr(m, "run", None) == run]

    def rows(self, run: int) -> set[int]:
        return {cursor for m in self.messages(run) if isinstance(m, RowWindow) for cursor in m.task.tolist()}

    def ended(self, run: int) -> bool:
        return any(isinstance(m, RunEnded) for m in self.messages(run))


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr(module, "PAUSE_S", 0.002)
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setattr(module, "BUSY_SHARE", 0)
    one = Sender("s")
    yield one
    one.close()
    wait_for(lambda: not any(t.name == "chunkscope-sender" and t.is_alive() for t in threading.enumerate()))


def test_a_page_gets_every_row_and_the_end(sender: Sender) -> None:
    page = Page()
    sender.add(page)
    log = new_run(100)
    begin(log)
    for first in range(0, 100, 10):
        add_rows(log, first, first + 10)
        wait_for(lambda first=first: first in page.rows(log.number))
    log.close(RunState.FINISHED, log.started + 2)
    end(log)
    wait_for(lambda: page.ended(log.number))
    assert page.rows(log.number) == set(range(100))
    assert isinstance(page.messages(log.number)[0], RunHeader)


def test_many_rows_come_in_few_messages(sender: Sender) -> None:
    page = Page()
    sender.add(page)
    log = new_run(15_000)
    begin(log)
    wait_for(lambda: bool(page.messages(log.number)))
    times = [log.started] * 15_000
    log.columns.extend(list(range(15_000)), 0, times, times, times, [8] * 15_000, [8] * 15_000)
    log.close(RunState.FINISHED, log.started + 2)
    wait_for(lambda: page.ended(log.number))
    windows = [m for m in page.messages(log.number) if isinstance(m, RowWindow) and len(m.task)]
    assert len(windows) <= 2
    assert len(page.rows(log.number)) == 15_000


def test_messages_keep_their_distance(monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(module.time, "sleep", rests.append)
    one = Sender("s")
    log = new_run(10)
    calls = 0

    def sink(header: dict[str, Any], buffers: list[bytes]) -> None:
        nonlocal calls
        calls += 1
        if calls == 40:
            log.close(RunState.FINISHED, log.started + 1)

    one.add(sink)
    one.watch(log)
    deadline = time.monotonic() + 60
    while calls < 41 and time.monotonic() < deadline:
        threading.Event().wait(0.002)
    one.close()
    assert calls == 41
    assert len(rests) >= 40
    assert min(rests[1:]) >= 1 / 20  # at most 20 messages a second


def test_a_sink_that_raises_is_dropped_and_the_others_go_on(
    sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    page = Page()

    def broken(header: dict[str, Any], buffers: list[bytes]) -> None:
        raise OSError("the page is gone")

    sender.add(broken)
    sender.add(page)
    log = new_run()
    with caplog.at_level(logging.ERROR):
        begin(log)
        add_rows(log, 0, 10)
        log.close(RunState.FINISHED, log.started + 2)
        wait_for(lambda: page.ended(log.number))
    assert sum("dropped" in record.message for record in caplog.records) == 1


def test_a_sink_that_hangs_does_not_hold_the_run_up(sender: Sender) -> None:
    stuck, go = threading.Event(), threading.Event()

    def slow(header: dict[str, Any], buffers: list[bytes]) -> None:
        stuck.set()
        go.wait(60)

    leave = sender.add(slow)
    first = new_run()
    begin(first)
    assert stuck.wait(60)
    second = new_run()
    begin(second)  # returns although the thread hangs in the sink
    add_rows(second, 0, 10)
    second.close(RunState.FINISHED, second.started + 2)
    end(second)
    first.close(RunState.FINISHED, first.started + 2)
    leave()
    go.set()


def test_a_keyframe_tells_a_late_page_all(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEYFRAME_S", 0.0)
    log = new_run(50)
    early, late = Page(), Page()
    sender.add(early)
    begin(log)
    add_rows(log, 0, 50)
    wait_for(lambda: len(early.rows(log.number)) == 50)
    sender.add(late)
    wait_for(lambda: late.rows(log.number) == set(range(50)))
    assert isinstance(late.messages(log.number)[0], RunHeader)
    log.close(RunState.FINISHED, log.started + 2)
    wait_for(lambda: late.ended(log.number))


def test_of_a_burst_of_runs_the_newest_are_sent_whole_and_all_are_listed(sender: Sender) -> None:
    page = Page()
    logs = [new_run() for _ in range(30)]
    for log in logs:
        add_rows(log, 0, 10)
        log.close(RunState.FINISHED, log.started + 1)
    held, gate = threading.Event(), threading.Event()

    def hold(header: object, buffers: object) -> None:
        held.set()
        gate.wait(60)

    sender.add(hold)
    sender.add(page)
    first = new_run()
    begin(first)
    assert held.wait(60)  # from here on the thread sees all the others at once
    for log in logs:
        begin(log)
    first.close(RunState.FINISHED, first.started + 1)
    gate.set()
    wait_for(lambda: page.ended(logs[-1].number))
    whole = [log.number for log in logs if page.messages(log.number)]
    assert len(whole) <= module.BURST_RUNS + 1
    assert logs[-1].number in whole
    listed = [row.run if hasattr(row, "run") else row["run"] for packet in page.packets for m in packet
              if m.kind == "runs" for row in m.runs]  # fmt: skip
    assert {log.number for log in logs} <= set(listed)


def test_what_is_told_of_a_run_after_its_end_arrives_while_others_run(sender: Sender) -> None:
    page = Page()
    sender.add(page)
    first, second = new_run(1), new_run(1)
    begin(first)
    first.close(RunState.FINISHED, first.started)
    end(first)
    wait_for(lambda: page.ended(first.number))
    begin(second)
    wait_for(lambda: bool(page.messages(second.number)))
    first.tell("spilled", "its block went to disk", 0)

    def texts() -> list[str]:
        return [text for m in page.messages(first.number) if isinstance(m, Notices) for text in m.texts]

    wait_for(lambda: texts() != [])
    second.close(RunState.FINISHED, second.started)
    end(second)
    wait_for(lambda: page.ended(second.number))
    assert texts() == ["its block went to disk"]


def test_nobody_listens_and_nothing_is_kept() -> None:
    one = Sender("s")
    log = new_run()
    one.watch(log)
    assert not one._fresh
    one.close()
    np.testing.assert_equal(len(log.columns), 0)


def test_a_lane_that_joins_after_the_header_is_named() -> None:
    log = new_run()
    feed = Feed(log)
    assert [m.kind for m in feed.delta()][:2] == ["header", "edges"]
    assert "header" not in [m.kind for m in feed.delta()]
    log.lanes.append("b")
    header = feed.delta()[0]
    assert isinstance(header, RunHeader)
    assert header.lanes == ("a", "b")
