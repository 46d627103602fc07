"""How values on show stand: by their runs, their stored blocks, their files and their names."""

from __future__ import annotations

import gc
import os
import sys
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, delayed, persist
from chunkscope.compute import shown
from chunkscope.compute.shown import find, on_show, show
from chunkscope.compute.standing import Standing, glance, standing_of, stored_in
from chunkscope.errors import BlockLostError
from chunkscope.observe import last_run


def shown_as(x: Any) -> shown.Shown:
    one = find(show(x.__chunkscope_expr__()))
    assert one is not None
    return one


def standing(x: Any) -> Standing:
    found = standing_of(shown_as(x))
    assert found is not None
    return found


def tasks_of(found: Standing) -> list[int]:
    assert found.run is not None and found.concern is not None
    tasks = found.concern.tasks(found.run.graph)
    assert tasks is not None
    return [int(task) for task in tasks]


def test_a_lazy_value_is_nowhere() -> None:
    found = standing(ca.ones((4, 4), chunks=2) + 1)
    assert (found.blocks, found.run, found.how) == (None, None, None)
    assert found.describe() == "not computed"


def test_what_was_computed_was_given_away() -> None:
    x = ca.ones((4, 4), chunks=2) + 1
    x.compute()
    found, run = standing(x), last_run()
    assert run is not None and found.run is run
    assert (found.how, found.blocks) == ("given", None)
    assert sorted(tasks_of(found)) == sorted(set(tasks_of(found)))
    assert [run.graph.key(task).block for task in tasks_of(found)] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert found.describe() == f"computed in run {run.number}, not kept"


def test_tasks_come_in_the_order_of_the_value_s_own_blocks() -> None:
    x = (ca.arange(12, chunks=2).reshape((6, 2)) + 1).T
    x.compute()
    found, run = standing(x), last_run()
    assert run is not None
    assert len(tasks_of(found)) == x.npartitions


_entered, _gate = threading.Event(), threading.Event()


def wait(block: Any) -> Any:
    _entered.set()
    _gate.wait(10)
    return block + 1


def test_persisted_blocks_fill_one_by_one() -> None:
    gate, entered = _gate, _entered
    x = ca.ones((6,), chunks=2).map_blocks(wait, dtype="f8").persist(scheduler="threads", num_workers=1)
    entered.wait(10)
    before = standing(x)
    assert before.counts == {"pending": 3}
    assert before.run is not None and before.how == "kept"
    gate.set()
    x.compute()
    after = standing(x)
    assert after.blocks == ("stored",) * 3
    assert after.nbytes == 48
    assert after.run is before.run  # the one that made them, not the one that read them


def test_a_lazy_value_follows_the_run_that_persists_it() -> None:
    x = ca.ones((6,), chunks=2) + 1
    y = x.persist()
    y.compute()
    assert (standing(x).how, standing(x).blocks) == ("kept", None)
    assert standing(y).blocks == ("stored",) * 3


def test_released_and_failed_blocks_are_told_apart() -> None:
    x = ca.ones((4,), chunks=2).persist(scheduler="sync")
    leaf = stored_in(x.__chunkscope_expr__())
    assert leaf is not None
    ref: Any = leaf.refs[0]
    ref.release()
    with pytest.raises(BlockLostError):
        ref.get()
    assert standing(x).blocks == ("lost", "stored")
    y = delayed(lambda: 1 / 0)().persist(scheduler="threads")
    with pytest.raises(ZeroDivisionError):
        y.compute()
    assert standing(y).counts == {"failed": 1}


def two_fails(block: Any) -> Any:
    if block[0] == 2:
        raise ValueError("two")
    return block


def test_only_the_block_of_the_task_that_failed_is_called_failed() -> None:
    x = ca.arange(5, chunks=1).map_blocks(two_fails, dtype="i8").persist(scheduler="threads", num_workers=1)
    with pytest.raises(ValueError, match="two"):
        x.compute()
    assert standing(x).blocks == ("stored", "stored", "failed", "none", "none")
    y = ca.arange(3, chunks=1).map_blocks(two_fails, dtype="i8").rechunk(3).persist(num_workers=1)
    with pytest.raises(ValueError, match="two"):
        y.compute()
    assert standing(y).blocks == ("none",)  # what it is made from failed


def test_being_on_show_keeps_nothing_alive() -> None:
    x = ca.ones((4,), chunks=2).persist(scheduler="sync")
    leaf = stored_in(x.__chunkscope_expr__())
    assert leaf is not None
    block, one = weakref.ref(leaf.refs[0]), shown_as(x)
    ended: list[str] = []
    shown.when_gone(ended.append)
    standing_of(one)
    del x, leaf
    gc.collect()
    assert block() is None
    assert standing_of(one) is None and one not in on_show()
    assert glance(one) == ({}, 0, (), "")
    assert one.token in ended


def test_a_value_on_the_way_has_tasks_of_its_own_or_says_where_it_went() -> None:
    x = ca.ones((8, 8), chunks=4).rechunk((2, 8))
    y = ca.ones((8, 8), chunks=4) + 1
    show(x.__chunkscope_expr__())
    show(y.__chunkscope_expr__())
    compute(x.sum(), (y * 2).sum(), scheduler="sync")
    assert standing(y).how == "inside"
    assert standing(y).describe().startswith("made inside ")
    z = delayed(abs)(-2)
    show(z.__chunkscope_expr__())
    delayed(sum)([z, delayed(abs)(-3)]).compute()
    found, run = standing(z), last_run()
    assert found.how == "made" and run is not None
    assert len(tasks_of(found)) == 1


def test_nothing_is_walked_where_nothing_is_on_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_by_token", {})
    (ca.ones((4,), chunks=2) + 1).sum().compute()
    run = last_run()
    assert run is not None and [concern.how for concern in run.concerns] == ["given"]


def test_a_file_that_has_changed_makes_what_was_read_stale(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pd.DataFrame({"a": [1, 2]}).to_csv(path, index=False)
    x = cd.read_csv(path)
    y = (x.a + 1).persist(scheduler="sync")
    assert standing(x).changed == standing(y).changed == ()
    pd.DataFrame({"a": [1, 2, 3]}).to_csv(path, index=False)
    assert standing(x).changed == standing(y).changed == ("x.csv",)
    assert "stale: x.csv changed since" in standing(y).describe()
    os.remove(path)
    assert standing(y + 1).changed == ("x.csv",)


def test_a_name_that_means_something_else_now_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    variables: dict[str, Any] = {}
    monkeypatch.setattr(shown, "namespace", lambda: variables)
    monkeypatch.setattr(sys.modules[standing_of.__module__], "namespace", lambda: variables)
    x = ca.ones((4,), chunks=2)
    variables["x"] = variables["_1"] = x
    one = shown_as(x)
    assert one.names == ("x",) and standing(x).renamed == ""
    variables["x"] = np.ones(3)
    assert standing(x).renamed == "x"
    assert standing(x).describe() == "not computed; stale: x is another value now"
    variables["x"] = None
    assert glance(one)[3] == "x"
    unnamed = SimpleNamespace(value=ca.ones((4,), chunks=2))
    assert standing(unnamed.value).renamed == ""


def test_of_very_many_values_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_by_token", {})
    monkeypatch.setattr(shown, "MOST", 3)
    values = [delayed(i) for i in range(5)]
    tokens = [show(value.__chunkscope_expr__()) for value in values]
    assert [find(token) is not None for token in tokens] == [False, False, True, True, True]
    assert len(set(tokens)) == 5


def test_a_run_of_very_many_values_follows_the_first() -> None:
    values = persist(*[delayed(abs)(i) for i in range(300)], scheduler="sync")
    run = last_run()
    assert run is not None and len(run.concerns) == 200
    assert standing(values[0]).counts == {"stored": 1}


def test_the_calls_behind_a_delayed_value_on_show_are_followed_one_by_one() -> None:
    x = delayed(sum)([delayed(abs)(-1), delayed(pow)(2, 3)])
    show(x.__chunkscope_expr__())
    assert x.compute() == 9
    found = standing(x)
    assert found.run is not None and found.concern is not None
    calls = found.concern.call_tasks(found.run.graph)
    assert calls is not None
    assert len(set(calls.tolist())) == 3 and int(calls[-1]) == tasks_of(found)[0]
    y = delayed(abs)(-1)
    y.compute()
    unseen = standing(y)
    assert unseen.concern is not None and unseen.concern.call_tasks(unseen.run.graph) is None  # type: ignore[union-attr]
