"""What Python finds in the recorded streams is what stands beside them; the page's own tests find the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.observe.fold import Shown, fold
from chunkscope.observe.wire import RowWindow
from tests.widgets.streams import FOLDER, STREAMS, expected, messages_of, spent_in, tasks_that_moved

FILES = sorted(FOLDER.glob("*.stream"))


def test_all_streams_are_there() -> None:
    wanted = {
        f"{name}{end}"
        for name, (_, more) in STREAMS.items()
        for end in ("", *(f"-{c.__name__}" for c in more))
    }
    assert {path.stem for path in FILES} == wanted, "run `python -m tests.widgets.streams`"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_states_are_those_that_were_written(path: Path) -> None:
    found = expected(path.read_bytes())
    assert found == json.loads(path.with_suffix(".states.json").read_text())
    assert sum(map(tasks_that_moved, found.values())) >= 10


@given(st.randoms(use_true_random=False))
def test_the_order_of_packets_changes_nothing_at_the_end(chance: object) -> None:
    messages = messages_of((FOLDER / "whole.stream").read_bytes())
    rest = messages[1:]
    chance.shuffle(rest)  # type: ignore[attr-defined]
    (straight,) = fold(messages).values()
    (mixed,) = fold([messages[0], *rest]).values()
    for at in (None, *straight.moments[::9].tolist()):
        np.testing.assert_array_equal(mixed.states(at), straight.states(at))


def test_a_failed_run_shows_its_failed_task() -> None:
    (run,) = fold(messages_of((FOLDER / "failed.stream").read_bytes())).values()
    assert (run.states() == Shown.FAILED).sum() == 1


@pytest.mark.parametrize("name", STREAMS)
def test_the_lanes_time_went_where_the_page_says(name: str) -> None:
    written = json.loads((FOLDER / "spent.json").read_text())[name]
    found = spent_in((FOLDER / f"{name}.stream").read_bytes())
    assert found.keys() == written.keys()
    for number, went in found.items():
        assert went == pytest.approx(written[number], rel=1e-9, abs=1e-9)
        assert min(went.values()) >= -1e-9
        assert went["kernels"] > 0


def test_messages_before_the_header_are_lost() -> None:
    messages = [m for m in messages_of((FOLDER / "whole.stream").read_bytes()) if isinstance(m, RowWindow)]
    assert fold(messages) == {}
