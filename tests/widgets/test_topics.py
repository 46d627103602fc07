"""What is on show beside the runs: how it reaches pages, and how their questions are answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chunkscope_widgets import bridge
from chunkscope_widgets import sender as sender_module
from chunkscope_widgets.board import LARGEST_STATE, Board
from chunkscope_widgets.requests import answer
from chunkscope_widgets.sender import Sender
from chunkscope_widgets.topics import topic
from tests.widgets.test_sender import add_rows, new_run, wait_for


class Page:
    """A sink that remembers what each packet's header said of topics."""

    def __init__(self) -> None:
        self.packets: list[list[dict[str, Any]]] = []

    def __call__(self, header: dict[str, Any], buffers: list[bytes]) -> None:
        if "topics" in header:
            self.packets.append(header["topics"])

    def states(self) -> list[Any]:
        return [entry["state"] for packet in list(self.packets) for entry in packet]


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """An empty board, with a sender of its own that the topics use."""
    monkeypatch.setattr(sender_module, "FIRST_PAUSE_S", 0.0)
    one = Board()
    current = Sender("s", one)
    monkeypatch.setattr(bridge, "_board", one)
    monkeypatch.setattr(bridge, "_sender", current)
    yield one
    current.close()


def test_what_is_published_reaches_pages_without_a_run(board: Board) -> None:
    page = Page()
    bridge.sender().add(page)
    topic("x").publish({"done": 1})
    wait_for(lambda: page.states() == [{"done": 1}])
    topic("x").publish({"done": 2})
    wait_for(lambda: page.states() == [{"done": 1}, {"done": 2}])
    first, second = page.packets[0][0], page.packets[1][0]
    assert (first["session"], first["name"]) == ("s", "x")
    assert second["version"] > first["version"]


def test_of_states_that_follow_each_other_fast_the_last_is_sent(board: Board) -> None:
    page, held, gate = Page(), threading.Event(), threading.Event()

    def hold(header: object, buffers: object) -> None:
        held.set()
        gate.wait(60)

    bridge.sender().add(hold)
    bridge.sender().add(page)
    topic("x").publish({"n": -1})
    assert held.wait(60)
    for n in range(100):
        topic("x").publish({"n": n})
    gate.set()
    wait_for(lambda: {"n": 99} in page.states())
    assert page.states() == [{"n": -1}, {"n": 99}]


def test_a_keyframe_brings_every_topic_to_a_late_page(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender_module, "KEYFRAME_S", 0.0)
    monkeypatch.setattr(sender_module, "PAUSE_S", 0.002)
    topic("x").publish({"done": 1})
    late = Page()
    bridge.sender().add(late)
    log = new_run()
    bridge.sender().watch(log)
    wait_for(lambda: {"done": 1} in late.states())
    add_rows(log, 0, 10)
    log.close("finished", log.started + 1)


def test_a_page_that_asks_for_the_runs_gets_the_topics_too(board: Board) -> None:
    topic("x").publish({"done": 1})
    header, _ = answer({"id": 1, "ask": "runs"}, "s", board)
    assert [(entry["name"], entry["state"]) for entry in header["topics"]] == [("x", {"done": 1})]


def test_a_question_is_answered_and_its_state_published(board: Board) -> None:
    x = topic("x")
    x.publish({"done": 0})
    x.handle("x.more", lambda question: {"state": {"done": question["by"]}, "message": "well done"})
    header, _ = answer({"id": 7, "ask": "x.more", "by": 3}, "s", board)
    assert header["id"] == 7
    assert header["reply"] == {"message": "well done"}
    assert header["topics"][0]["state"] == {"done": 3} == x.latest


def test_a_question_that_fails_gets_the_reason(board: Board) -> None:
    def fail(question: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("no exercise 'ex9'; there are ex1, ex2")

    topic("x").handle("x.check", fail)
    header, _ = answer({"id": 7, "ask": "x.check"}, "s", board)
    assert header["error"] == "RuntimeError: no exercise 'ex9'; there are ex1, ex2"
    header, _ = answer({"id": 8, "ask": "x.pie"}, "s", board)
    assert header["error"] == "cannot answer 'x.pie'; ask for one of 'run', 'runs', 'why', 'x.check'"


def test_what_json_cannot_carry_is_refused_where_it_is_published(board: Board) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        topic("x").publish({"x": object()})
    with pytest.raises(ValueError, match="Out of range float"):
        topic("x").publish({"x": float("nan")})
    with pytest.raises(ValueError, match="under the topic 'x': at most"):
        topic("x").publish({"x": "a" * LARGEST_STATE})
    assert topic("x").latest is None


def test_a_state_is_copied(board: Board) -> None:
    state: dict[str, Any] = {"steps": []}
    topic("x").publish(state)
    state["steps"].append(1)
    assert topic("x").latest == {"steps": []}


def test_outside_a_kernel_nothing_is_attached(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "_push", None)
    topic("x").publish({})
    assert bridge._push is None
