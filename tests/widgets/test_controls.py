"""What a page asks the kernel to do about runs."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from chunkscope.graph import GraphBuilder, Layer
from chunkscope.observe import RunLog, RunState, begin, next_number, runs
from chunkscope.observe.recording import Recording
from chunkscope_widgets import controls
from chunkscope_widgets.board import Board
from chunkscope_widgets.requests import answer
from chunkscope_widgets.sender import FASTEST, SLOWEST, Sender


def kernel(block: int) -> int:
    return block


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    sender = Sender("s", board)
    controls.register(board, sender)
    yield board
    sender.close()


def new_run(*, ended: bool) -> RunLog:
    build = GraphBuilder()
    (x,) = build.add(Layer("", "x", kernel, (2,)), nbytes=8)
    run = RunLog(next_number(), build.freeze(x), executor="threads", lanes=["a"])
    begin(run)
    if ended:
        run.close(RunState.FINISHED, run.started + 1)
    return run


def ask(board: Board, **question: Any) -> dict[str, Any]:
    header, _ = answer({"id": 1, **question}, "s", board)
    return header


def test_runs_that_have_ended_are_forgotten(board: Board) -> None:
    ended, going, other = new_run(ended=True), new_run(ended=False), new_run(ended=True)
    reply = ask(board, ask="forget", runs=[ended.number, going.number, -1])["reply"]
    assert reply == {"forgotten": [ended.number]}
    kept = [run.number for run in runs()]
    assert ended.number not in kept
    assert {going.number, other.number} <= set(kept)
    going.close(RunState.FINISHED, going.started + 1)


def test_a_run_is_handed_over_as_a_recording(board: Board) -> None:
    log = new_run(ended=True)
    reply = ask(board, ask="file", run=log.number, format="recording")["reply"]
    recording = Recording.from_bytes(base64.b64decode(reply["file"]))
    assert (recording.header.run, recording.header.ntasks) == (log.number, 2)


def test_a_run_is_handed_over_as_a_page(board: Board) -> None:
    log = new_run(ended=True)
    reply = ask(board, ask="file", run=log.number, format="html")["reply"]
    page = base64.b64decode(reply["file"]).decode()
    assert page.startswith("<!DOCTYPE html>")
    assert "default-src" in page


def test_what_cannot_be_handed_over_is_said(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    log = new_run(ended=True)
    assert "is not kept here any more" in ask(board, ask="file", run=-1, format="recording")["error"]
    assert "choose 'recording' or 'html'" in ask(board, ask="file", run=log.number, format="pdf")["error"]
    monkeypatch.setattr(controls, "LARGEST_FILE", 10)
    assert "run.save(path)" in ask(board, ask="file", run=log.number, format="recording")["error"]


@pytest.mark.parametrize(("wanted", "held"), [(5, 5), (0, SLOWEST), (1000, FASTEST)])
def test_a_page_asks_for_fewer_messages(board: Board, wanted: float, held: float) -> None:
    assert ask(board, ask="pace", per_second=wanted)["reply"] == {"per_second": held}


def test_a_page_stops_and_starts_the_sampling_of_functions(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bool] = []
    monkeypatch.setattr(controls, "pause", told.append)
    for sampling in (False, True):
        ask(board, ask="pace", per_second=12, sampling=sampling)
    assert told == [True, False]
