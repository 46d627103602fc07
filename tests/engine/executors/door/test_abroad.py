"""Runs at a cluster that was joined: news that come early, or with the end of the line, are neither lost nor late."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chunkscope.blocks import StoredBlock
from chunkscope.compute import prepare
from chunkscope.compute.run import _Storing
from chunkscope.delayed import delayed
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster.aside import aside
from chunkscope.executors.door.abroad import Abroad
from chunkscope.executors.door.hosted import News
from chunkscope.executors.execute import Order, enter
from chunkscope.executors.wanted import Wanted
from tests.engine.executors.interrupting import interrupted_when, runs
from tests.engine.patience import becomes


class Wire:
    """A line whose owner answers when it is told to."""

    def __init__(self) -> None:
        self.closed = ""
        self.on_end: list[Callable[[ClusterError], None]] = []
        self.while_asked: Callable[[], None] = lambda: None
        self.asked: list[Any] = []

    def hear(self, topic: str, listener: Callable[[Any], None]) -> None:
        self.listener = listener

    def check(self) -> None:
        if self.closed:
            raise ClusterError(self.closed)

    def __call__(self, topic: str, payload: Any) -> Any:
        self.asked.append(payload[0])
        self.while_asked()
        return 5


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def place() -> StoredBlock:
    return StoredBlock()


@pytest.fixture
def run(wire: Wire, place: StoredBlock) -> Any:
    prepared = prepare([delayed(abs)(-1)])
    order = Order(prepared.graph, prepared.ranks, [_Storing((place,), Wanted())], [1], "threads")
    return enter(order)


def news(blocks: list[tuple[int, Any]], ended: bool) -> tuple[Any, ...]:
    rows = tuple(np.empty(0) for _ in range(8))
    return tuple(News(5, rows, ["x"], [], [], blocks, ended, None))


def test_news_that_come_before_the_answer_are_told_in_order(
    wire: Wire, place: StoredBlock, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one comes while the first is being told."""
    abroad = Abroad(wire, lambda: 1)  # type: ignore[arg-type]
    wire.while_asked = lambda: wire.listener(news([], False))
    tell, told = abroad._tell, []

    def slowly(run: Any, one: News) -> None:
        told.append(one.ended)
        if len(told) == 1:
            wire.listener(news([(0, 1)], False))
            wire.listener(news([], True))
        tell(run, one)

    monkeypatch.setattr(abroad, "_tell", slowly)
    abroad.start(run, wait=False)
    assert told == [False, False, True]
    assert run.done.is_set() and run.error is None and place.get() == 1
    assert wire.asked == ["start"] and not abroad._runs and not abroad._early


def test_a_line_that_ends_with_the_answer_ends_the_run(wire: Wire, place: StoredBlock, run: Any) -> None:
    abroad = Abroad(wire, lambda: 1)  # type: ignore[arg-type]

    def end() -> None:
        wire.closed = "gone"
        for tell in wire.on_end:
            tell(ClusterError("gone"))

    wire.while_asked = end
    abroad.start(run, wait=False)
    with pytest.raises(ClusterError, match="gone"):
        place.get()
    assert run.done.is_set() and not abroad._runs


def test_a_run_whose_start_is_interrupted_is_cancelled_there_and_its_news_are_dropped(
    wire: Wire, run: Any
) -> None:
    abroad = Abroad(wire, lambda: 1)  # type: ignore[arg-type]
    go_on = threading.Event()

    def early() -> None:
        if wire.asked[-1] == "start":
            wire.listener(news([], False))
            go_on.wait(20)

    wire.while_asked = early
    with pytest.raises(KeyboardInterrupt), interrupted_when(runs(aside.__code__)):
        abroad.start(run, wait=False)
    assert run.done.is_set() and wire.asked == ["start"]
    go_on.set()
    assert becomes(lambda: wire.asked == ["start", "cancel"])
    assert not abroad._early and abroad._disowned == {5}
    wire.listener(news([], False))
    wire.listener(news([(0, 1)], True))
    assert not abroad._early and not abroad._runs and not abroad._disowned


def test_a_run_that_was_cancelled_keeps_no_news(wire: Wire, run: Any) -> None:
    abroad = Abroad(wire, lambda: 1)  # type: ignore[arg-type]
    abroad.start(run, wait=False)
    run.cancel()
    assert becomes(lambda: wire.asked == ["start", "cancel"])
    wire.listener(news([(0, 1)], True))
    assert not abroad._early and not abroad._runs and not abroad._disowned
