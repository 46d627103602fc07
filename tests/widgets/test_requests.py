"""Answers to a page's questions."""

from __future__ import annotations

from typing import Any

import pytest

from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState, begin, next_number
from chunkscope.observe.wire import unpack
from chunkscope_widgets.board import Board
from chunkscope_widgets.requests import answer


def kernel(block: int) -> int:
    return block


@pytest.fixture
def log() -> RunLog:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (3,)), nbytes=8)
    run = RunLog(next_number(), build.freeze(x), executor="threads", lanes=["a"])
    run.attach(why=lambda task: f"task {task} was next in line")
    begin(run)
    for task in range(3):
        run.columns.append(task, 0, run.started, run.started, run.started + 1, 8, 8)
    run.close(RunState.FINISHED, run.started + 2)
    return run


def ask(**question: Any) -> tuple[dict[str, Any], list[str]]:
    header, buffers = answer({"id": 7, **question}, "s", Board())
    assert header["id"] == 7
    return header, [message.kind for message in unpack(header, buffers)]


def test_the_list_of_runs(log: RunLog) -> None:
    header, kinds = ask(ask="runs")
    assert kinds == ["runs"]
    assert header["messages"][0]["runs"][-1]["run"] == log.number


def test_all_of_one_run(log: RunLog) -> None:
    _, kinds = ask(ask="run", run=log.number)
    assert kinds == ["header", "edges", "rows", "ended"]


def test_why(log: RunLog) -> None:
    header, _ = ask(ask="why", run=log.number, task=2)
    assert header["why"].startswith("task 2 was next in line")
    assert header["beyond"]
    assert header["why"].endswith(header["beyond"])
    assert "was next in line" not in header["beyond"]  # the page tells that of any moment by itself


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ({"ask": "run", "run": -5}, "no run -5 here"),
        ({"ask": "why", "task": 99}, "has no task 99; its tasks are 0 to 2"),
        ({"ask": "why", "task": "x"}, "has no task 'x'"),
        ({"ask": "stop"}, "cannot answer 'stop'"),
        ({}, "cannot answer None"),
    ],
)
def test_what_cannot_be_answered_gets_its_reason(log: RunLog, question: dict[str, Any], reason: str) -> None:
    header, kinds = ask(**{"run": log.number, **question})
    assert reason in header["error"]
    assert kinds == []
