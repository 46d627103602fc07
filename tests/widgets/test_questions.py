"""What the page asks about a run: its account, and what it would take otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chunkscope.array as ca
from chunkscope import delayed, last_run, simulate
from chunkscope.observe import RunLog
from chunkscope_widgets.board import Board
from chunkscope_widgets.questions import register
from chunkscope_widgets.requests import answer


def ask(**question: Any) -> dict[str, Any]:
    board = Board()
    register(board)
    header, buffers = answer({"id": 1, **question}, "s", board)
    assert buffers == []
    found: dict[str, Any] = json.loads(json.dumps(header))
    return found


def run_of(workers: int = 2) -> RunLog:
    (ca.ones((320, 100), chunks=(20, 100)) + 1).sum().compute(scheduler="threads", num_workers=workers)
    run = last_run()
    assert run is not None
    return run


def test_the_account_is_that_of_the_run() -> None:
    run = run_of()
    reply = ask(ask="explain", run=run.number)["reply"]
    told = run.explain()
    assert [chapter["topic"] for chapter in reply["chapters"]] == [one.topic for one in told.chapters]
    assert reply["kinds"] == [finding.kind for finding in told.findings] and reply["state"] == "finished"
    first = reply["chapters"][0]["remarks"][0]
    assert set(first) == {"text", "layer", "task", "reader"}


def test_a_setting_is_foretold_beside_the_measured_run() -> None:
    run = run_of()
    reply = ask(ask="whatif", run=run.number)["reply"]
    assert reply["measured"] == {"seconds": run.seconds, "peak": run.peak_bytes, "ntasks": run.ntasks}
    assert reply["setting"] == {"size": 1.0, "workers": 2, "memory": None}
    assert reply["case"]["ntasks"] == run.ntasks and reply["case"]["spread"] == 0.0
    assert len(reply["sizes"]) == len(reply["chunks"]) and set(reply["chunks"]) == {""}
    whole = simulate(ca.ones((320, 100), chunks=(20, 100)).map_blocks(abs), workers=2)
    sizes = ask(ask="whatif", run=whole.number)["reply"]
    assert sizes["chunks"][sizes["sizes"].index(2.0)] == "40 × 100"
    assert reply["levels"] == sorted(reply["levels"]) and len(reply["levels"]) > 1


@pytest.mark.parametrize(
    ("along", "values"), [("size", "sizes"), ("workers", "workers"), ("memory", "levels")]
)
def test_a_slider_is_foretold_at_every_value(along: str, values: str) -> None:
    run = simulate((ca.ones((320, 100), chunks=(20, 100)) + 1).sum(), workers=2, cost=0.1)
    reply = ask(ask="whatif", run=run.number, along=along, size=1.0, workers=2)["reply"]
    assert len(reply["curve"]) == len(reply[values]) + (along == "memory")
    if along == "workers":
        seconds = [case["seconds"] for case in reply["curve"]]
        assert seconds == sorted(seconds, reverse=True)
        assert [case["workers"] for case in reply["curve"]] == reply["workers"]
    if along == "memory":
        assert reply["curve"][-1]["memory"] is None


def test_what_cannot_be_told_says_why() -> None:
    assert "is not kept here any more" in ask(ask="explain", run=0)["error"]
    run = simulate([delayed(abs)(i) for i in range(3)])
    assert "size=2.0 is not modelled" in ask(ask="whatif", run=run.number, size=2)["error"]
    assert "workers=5000" in ask(ask="whatif", run=run.number, workers=5000)["error"]

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        delayed(fail)().compute(scheduler="sync")
    failed = last_run()
    assert failed is not None
    assert "only a finished run" in ask(ask="whatif", run=failed.number)["error"]


def test_the_notes_of_a_page_speak_of_no_argument() -> None:
    notes = ask(ask="whatif", run=run_of().number, workers=4)["reply"]["notes"]
    assert any("slow each other down" in note for note in notes)
    assert not any("run=" in note for note in notes)
