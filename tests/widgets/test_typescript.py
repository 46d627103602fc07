"""The page's types are those of the Python messages, and the page reads what Python writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chunkscope.graph import GraphBuilder, Layer, Strategy
from chunkscope.observe import RunLog, RunState
from chunkscope.observe.recording import Recording, record
from chunkscope.observe.wire import AccountOf, RunEnded
from chunkscope_widgets.typescript import render, write

WIDGETS = Path(__file__).resolve().parents[2] / "widgets"
SAMPLE = WIDGETS / "test" / "data" / "sample.chunkscope"


def kernel(block: int, *inputs: object) -> int:
    return block


def sample() -> bytes:
    """The recording that the page's own tests read: the same bytes on any machine."""
    build = GraphBuilder()
    (x,) = build.add(
        Layer("", "x", kernel, (2, 2), Strategy.SOURCE, chunks=((3, 2), (4, 4)), dtype="float64"), nbytes=8
    )
    (y,) = build.add(Layer("", "y", kernel, (2,), Strategy.TREE, label="<b>ünïcode</b>"), [x], nbytes=8)
    log = RunLog(
        3, build.freeze(y), executor="threads", label="sample", lanes=["a", "b"], started=100.0, budget=4096
    )
    log.wall_started = 1_700_000_000.0
    for task in range(6):
        log.columns.append(task, task % 2, 100.0, 100.0 + task, 100.5 + task, 2**40 + task, 8 * task)
    log.tell("held", "y-1[1] waits for memory", 5, 102.5)
    log.close(RunState.FINISHED, 108.0)
    messages = [one for one in record(log, "session").messages if not isinstance(one, AccountOf)]
    measured = (
        replace(one, processor_seconds=0.5, preempted=3) if isinstance(one, RunEnded) else one
        for one in messages
    )
    return Recording(tuple(measured)).to_bytes()


def test_the_types_are_current() -> None:
    source = (WIDGETS / "src" / "wire.ts").read_text()
    assert source == render(), "run `python -m chunkscope_widgets.typescript widgets/src/wire.ts`"


def test_writing_says_whether_anything_changed(tmp_path: Path) -> None:
    assert write(tmp_path / "wire.ts")
    assert not write(tmp_path / "wire.ts")


def test_the_sample_of_the_pages_tests_is_current() -> None:
    assert SAMPLE.read_bytes() == sample(), (
        "write `sample()` of this file to widgets/test/data/sample.chunkscope"
    )


def test_an_annotation_without_a_typescript_type_is_refused() -> None:
    from chunkscope_widgets.typescript import _type

    with pytest.raises(TypeError, match="no TypeScript type"):
        _type(np.ndarray)
