"""One story, told by every executor."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from chunkscope import compute, delayed, last_run, persist
from chunkscope.errors import MemoryBudgetError
from chunkscope.executors import Run
from chunkscope.observe import RunState


def _add(x: Any, y: Any) -> Any:
    return x + y


def _fail(x: Any) -> Any:
    raise KeyError(f"no {x}")


class OddError(Exception):
    """An exception whose signature is not the usual one."""

    def __init__(self, code: int, *, text: str) -> None:
        super().__init__(code, text)
        self.code, self.text = code, text

    def __reduce__(self) -> Any:
        return (_odd, (self.code, self.text))


def _odd(code: int, text: str) -> OddError:
    return OddError(code, text=text)


def _raise_odd(x: Any) -> Any:
    raise OddError(7, text=f"odd {x}")


def _mutate(x: Any) -> Any:
    x += 1
    return x


add = delayed(_add)


def test_values_and_sharing(executor: str) -> None:
    x = add(1, 2)
    y = add(x, x)
    assert compute(x, [y, {"k": add(y, 1)}], 5, scheduler=executor) == (3, [6, {"k": 7}], 5)
    run = last_run()
    assert run is not None
    assert (run.ntasks, run.nfinished, run.state) == (3, 3, RunState.FINISHED)
    assert run.executor == executor
    rows = run.rows
    assert (rows.start <= rows.stop).all() and (rows.ready <= rows.start + 1e-9).all()


def test_wide_and_deep(executor: str) -> None:
    leaves = [add(i, i) for i in range(40)]
    while len(leaves) > 1:
        leaves = [delayed(sum)(leaves[i : i + 4]) for i in range(0, len(leaves), 4)]
    assert leaves[0].compute(scheduler=executor) == sum(2 * i for i in range(40))


def test_the_same_value_asked_for_twice(executor: str) -> None:
    x = add(1, 1)
    y = delayed(_add, pure=True)(2, 2)
    z = delayed(_add, pure=True)(2, 2)
    assert compute(x, x, y, z, scheduler=executor) == (2, 2, 4, 4)
    assert last_run().ntasks == 2  # type: ignore[union-attr]


def test_failure_keeps_type_and_says_where(executor: str) -> None:
    culprit = delayed(_fail)(add(1, 2))
    with pytest.raises(KeyError) as caught:
        add(culprit, 1).compute(scheduler=executor)
    (note,) = caught.value.__notes__
    assert (
        "'_fail'" in note
        and "variable: culprit" in note
        and "test_story.py" in note
        and "inputs: int 3" in note
    )
    run = last_run()
    assert run is not None and run.state is RunState.FAILED
    assert run.error is not None and run.error.variable == "culprit"
    assert run.nfinished == 1


def test_failure_of_an_unusual_exception(executor: str) -> None:
    with pytest.raises(OddError) as caught:
        delayed(_raise_odd)(1).compute(scheduler=executor)
    assert (caught.value.code, caught.value.text) == (7, "odd 1")
    assert caught.value.__notes__


class Mute(Exception):
    """An exception whose own text raises."""

    def __str__(self) -> str:
        raise RuntimeError("no comment")


class Prickly:
    """A value that cannot even be described."""

    def __len__(self) -> int:
        raise RuntimeError("do not touch")


def _raise_mute(x: Any) -> Any:
    raise Mute


def test_failures_that_cannot_be_shown_still_end_the_run(executor: str) -> None:
    with pytest.raises(Mute) as caught:
        delayed(_raise_mute)(delayed(Prickly)()).compute(scheduler=executor)
    (note,) = caught.value.__notes__
    assert "inputs: a Prickly that cannot be shown (RuntimeError)" in note


def test_an_engine_fault_ends_the_run(executor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chunkscope.executors.run.Run._book", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        add(1, add(2, 3)).compute(scheduler=executor)


def test_inputs_are_read_only_and_the_note_has_the_remedy(executor: str) -> None:
    with pytest.raises(ValueError, match="read-only") as caught:
        delayed(_mutate)(delayed(np.arange)(4)).compute(scheduler=executor)
    assert "remedy: blocks are read-only" in caught.value.__notes__[0]


def test_results_are_the_users_own(executor: str) -> None:
    mine = np.arange(4.0)
    x = delayed(lambda: mine)()
    first, second = x.compute(scheduler=executor), x.compute(scheduler=executor)
    first[0] = 99.0
    assert second[0] == 0.0 and mine[0] == 0.0
    assert mine.flags.writeable


def test_persist_then_use(executor: str) -> None:
    (x,) = persist(add(1, 2), scheduler=executor)
    assert add(x, 10).compute(scheduler=executor) == 13
    assert x.compute(scheduler=executor) == 3


def test_persisted_failure_reaches_the_user(executor: str) -> None:
    try:
        (x,) = persist(delayed(_fail)(1), scheduler=executor)
    except KeyError:
        assert executor == "sync"
        return
    with pytest.raises(KeyError):
        x.compute(scheduler=executor)


def test_compute_inside_a_task(executor: str) -> None:
    def outer(n: int) -> Any:
        return sum(compute(*[add(i, 1) for i in range(n)]))

    assert delayed(outer)(5).compute(scheduler=executor) == 15


def test_a_budget_that_cannot_be_kept_is_refused_before_anything_runs(executor: str) -> None:
    ran = threading.Event()
    x = delayed(ran.set)()
    with pytest.raises(MemoryBudgetError, match="is too small: this plan needs at least"):
        x.compute(scheduler=executor, memory=1)
    assert not ran.is_set()


def test_nothing_lazy_runs_nothing(executor: str) -> None:
    before = last_run()
    assert compute(1, [2], scheduler=executor) == (1, [2])
    assert last_run() is before


def test_a_fault_of_the_engine_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in a lane beside its tasks: the caller gets it, and does not wait for ever."""

    def broken(self: Run, name: str) -> int:
        raise RuntimeError("no lane today")

    monkeypatch.setattr(Run, "add_lane", broken)
    with pytest.raises(RuntimeError, match="no lane today"):
        compute(add(1, 2), scheduler="threads")
