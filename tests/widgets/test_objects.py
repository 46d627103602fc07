"""What pages hear of the values in their outputs."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import chunkscope.array as ca
from chunkscope.compute.shown import show
from chunkscope.compute.standing import stored_in
from chunkscope.observe import last_run, subscribe
from chunkscope_widgets import objects
from chunkscope_widgets.board import Board
from chunkscope_widgets.objects import Watch, answer, stretches


def token_of(x: Any) -> str:
    return show(x.__chunkscope_expr__())


def ask(x: Any) -> dict[str, Any]:
    return answer({"ask": "object", "token": token_of(x)})


@pytest.fixture
def board() -> Board:
    return Board()


def news(board: Board) -> dict[str, int]:
    state = board.latest(objects.TOPIC)
    found: dict[str, int] = {} if state is None else state["news"]
    return found


def test_stored_blocks_and_the_tasks_that_made_them() -> None:
    x = ca.ones((4, 4), chunks=2).persist(scheduler="sync")
    found, run = ask(x), last_run()
    assert run is not None
    assert found["found"] and found["blocks"] == [[2, 4]] and found["counts"] == {"stored": 4}
    assert found["nbytes"] == 128
    assert found["run"] == {
        "run": run.number,
        "state": "finished",
        "how": "kept",
        "op": "",
        "tasks": [[0, 4]],
        "calls": None,
    }


def test_a_value_that_is_gone_and_one_that_was_never_here() -> None:
    x = ca.ones((4,), chunks=2)
    token = token_of(x)
    del x
    gc.collect()
    assert answer({"token": token}) == {"token": token, "found": False, "known": True}
    assert answer({"token": "another-1"}) == {"token": "another-1", "found": False, "known": False}
    with pytest.raises(ValueError, match="is no token of a shown value"):
        answer({"token": 3})


def test_stretches_say_the_same_in_less() -> None:
    values = np.array([5, 6, 7, 1, 2, 9])
    assert stretches(values, 1) == [[5, 3], [1, 2], [9, 1]]
    assert stretches(np.arange(0, 20_000, 2), 1) is None
    assert stretches(np.zeros(0, dtype=np.int64), 1) == []


def test_a_run_tells_of_its_values_when_it_begins_and_when_it_ends(board: Board) -> None:
    sent: list[int] = []
    watch = Watch(board, lambda: sent.append(1))
    x, y = ca.ones((4,), chunks=2) + 1, ca.ones((4,), chunks=2) + 2
    one, other = token_of(x), token_of(y)
    moments: list[int] = []
    with subscribe(lambda log, moment: (watch.run_told(log, moment), moments.append(news(board)[one]))):  # type: ignore[func-returns-value, arg-type]
        x.compute(scheduler="sync")
    assert len(moments) == len(sent) == 2 and moments[0] < moments[1]
    assert other not in news(board)


def test_after_a_cell_only_what_has_changed_is_told(board: Board) -> None:
    watch = Watch(board, lambda: None)
    x = ca.ones((4,), chunks=2).persist(scheduler="sync")
    token = token_of(x)
    watch.after_cell()
    watch.after_cell()
    assert token not in news(board)
    leaf = stored_in(x.__chunkscope_expr__())
    assert leaf is not None
    first: Any = leaf.refs[0]
    first.release()
    watch.after_cell()
    assert token in news(board)
    assert ask(x)["blocks"] == [[4, 1], [2, 1]]


def test_a_value_that_nobody_holds_is_told_after_the_cell(board: Board) -> None:
    watch = Watch(board, lambda: None)
    watch.gone("x-1")
    watch.after_cell()
    assert "x-1" in news(board)


def test_late_pages_hear_of_the_newest_changes_only(board: Board) -> None:
    watch = Watch(board, lambda: None)
    watch.tell([f"x-{i}" for i in range(200)])
    assert len(news(board)) == objects.MOST_NEWS and "x-199" in news(board)


def test_attached_twice_by_nobody_and_asked_by_a_page(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(objects, "subscribe", told.append)
    monkeypatch.setattr(objects, "when_gone", told.append)
    objects.attach(board, lambda: None)
    handler = board.handler("object")
    assert handler is answer and len(told) == 2
