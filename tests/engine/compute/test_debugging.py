"""One task of a run, alone: its inputs are those that it had, only what it needs is computed, and it fails again."""

from __future__ import annotations

import gc
import weakref
from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope.array as ca
from chunkscope import compute, delayed, last_run, simulate
from chunkscope.compute import Debug
from chunkscope.errors import ConfigError
from chunkscope.observe import RunLog


def run_of(*values: Any, scheduler: str = "sync") -> RunLog:
    with suppress(ZeroDivisionError):
        compute(*values, scheduler=scheduler)
    run = last_run()
    assert run is not None
    return run


calls: list[Any] = []


def inc(x: int) -> int:
    calls.append(x)
    return x + 1


def divide(x: int, y: int) -> float:
    return x / y


def other(x: int) -> int:
    calls.append("other")
    return x


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_the_failed_task_and_only_what_it_needs(scheduler: str) -> None:
    x, y = delayed(inc)(1), delayed(inc)(-1)
    run = run_of(delayed(other)(5), delayed(divide)(x, y), scheduler=scheduler)
    calls.clear()
    found = run.debug()
    assert isinstance(found, Debug) and calls == []
    assert found.inputs == [2, 0] and found.inputs == [2, 0] and sorted(calls) == [-1, 1]
    with pytest.raises(ZeroDivisionError) as caught:
        found.run()
    assert caught.value.__traceback__ is not None and not hasattr(caught.value, "__notes__")
    words = found.describe()
    assert (
        "inputs[1]: int 0" in words and "failed with ZeroDivisionError" in words and "2 other tasks" in words
    )
    assert "2 inputs" in repr(found)
    html = found._repr_html_()
    assert html is not None and "inputs[1]: int 0" in html


def test_any_task_of_the_failed_run_by_number_or_name() -> None:
    run = run_of(delayed(divide)(delayed(inc)(1), delayed(inc)(-1)))
    assert sorted(run.debug(t).run() for t in range(2)) == [0, 2]
    assert str(run.debug("divide-1[0]").key) == "divide-1[0]"
    assert run.debug(run.graph.key(1)).task == 1
    for wrong in (3, -1, "nobody[0]"):
        with pytest.raises(ConfigError, match=r"use a number from 0 to 2|has no task 'nobody"):
            run.debug(wrong)


def test_arrays_come_back_with_the_same_values_and_read_only() -> None:
    def fail(block: Any) -> Any:
        return block if block.max() < 8 else 1 // 0

    x = ca.arange(12, chunks=4)
    run = run_of((x + x.sum() * 0).map_blocks(fail))
    found = run.debug()
    (block,) = found.inputs
    np.testing.assert_array_equal(block, [8, 9, 10, 11])
    with pytest.raises(ValueError, match="read-only"):
        block[0] = 5


def test_a_kernel_that_writes_to_its_frame_can_be_run_again() -> None:
    def spoil(frame: pd.DataFrame) -> Any:
        frame["x"] = frame["x"] * 2
        return 1 / (int(frame["x"].sum()) - 6)

    run = run_of(delayed(spoil)(delayed(lambda: pd.DataFrame({"x": [1, 2]}))()))
    found = run.debug()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            found.run()


def test_a_run_that_is_over_needs_its_lazy_value() -> None:
    x = delayed(inc, pure=True)(1)
    y = delayed(divide, pure=True)(x, 2)
    run = run_of(y)
    with pytest.raises(ConfigError, match="let go of its kernels and data"):
        run.debug(0)
    assert run.debug(1, of=y).inputs == [2]
    with pytest.raises(ConfigError, match=r"has no failed task; say which: .* like 'inc-0\[0\]'"):
        run.debug(of=y)
    with pytest.raises(ConfigError, match="is not what run"):
        run.debug(0, of=x)
    with pytest.raises(ConfigError, match="is not lazy"):
        run.debug(0, of=5)
    with pytest.raises(ConfigError, match="modelled"):
        simulate(y).debug(0)


def test_a_fused_run_is_prepared_the_same_way_again() -> None:
    x = (ca.ones((8, 8), chunks=4) * 2).sum(axis=0)
    x.compute(scheduler="sync")
    run = last_run()
    assert run is not None
    np.testing.assert_array_equal(np.asarray(run.debug(0, of=x).run()).reshape(-1), [8, 8, 8, 8])


class Data:
    """Something whose life can be watched."""


def test_only_the_last_failed_run_keeps_its_data() -> None:
    def run_with(value: Any) -> RunLog:
        return run_of(delayed(lambda _: 1 / 0)(value))

    data = Data()
    watched = weakref.ref(data)
    first = run_with(data)
    assert first.kept is not None
    del data
    second = run_with(0)
    gc.collect()
    assert watched() is None and first.kept is None and second.kept is not None
    with pytest.raises(ConfigError, match="another run has failed since"):
        first.debug()
    assert run_of(delayed(inc)(1)).kept is None and second.kept is not None


def test_the_debugger_starts_where_it_was_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(delayed(divide)(1, delayed(inc)(-1)))
    seen = []
    monkeypatch.setattr("pdb.post_mortem", lambda trace: seen.append(trace))
    assert run.debug(pdb=True).inputs == [0]
    (trace,) = seen
    while trace.tb_next is not None:
        trace = trace.tb_next
    assert trace.tb_frame.f_locals == {"x": 1, "y": 0}
