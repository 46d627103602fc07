"""compute, persist, optimize, plan, explain and simulate, at the public edge."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, config, delayed, explain, last_run, load, optimize, persist, plan, simulate
from chunkscope.blocks import LEDGER
from chunkscope.compute import is_collection, unpack
from chunkscope.errors import ConfigError, MemoryBudgetError
from chunkscope.observe import RunState

LAZY = st.integers(0, 9).map(lambda n: delayed(n, pure=True))
NESTED = st.recursive(
    LAZY | st.integers() | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=1), inner, max_size=2)
        | st.sets(st.integers(), max_size=2)
    ),
    max_leaves=6,
)


def plain(x: Any) -> Any:
    if is_collection(x):
        return x.compute(scheduler="sync")
    if isinstance(x, dict):
        return {key: plain(item) for key, item in x.items()}
    return type(x)(map(plain, x)) if isinstance(x, list | tuple | set) else x


@given(st.lists(NESTED, max_size=3))
def test_structures_come_back_with_values(args: list[Any]) -> None:
    assert compute(*args, scheduler="sync") == tuple(plain(args))


@given(st.lists(NESTED, max_size=3))
def test_unpack_finds_each_once(args: list[Any]) -> None:
    found, rebuild = unpack(tuple(args))
    assert len({id(x) for x in found}) == len(found)
    assert rebuild([plain(x) for x in found]) == tuple(plain(args))
    untouched = unpack(tuple(args), traverse=False)[0]
    assert all(any(x is arg for arg in args) for x in untouched)


def test_the_executor_is_chosen_per_call_context_and_global() -> None:
    x = delayed(abs)(-1)

    def used(**options: Any) -> str:
        x.compute(**options)
        return last_run().executor  # type: ignore[union-attr]

    assert used() == "threads"
    with config.set(scheduler="sync"):
        assert used() == "sync"
        assert used(scheduler="simulated") == "simulated"
    try:
        config.set(scheduler="simulated")
        assert used() == "simulated"
    finally:
        config.set(scheduler="threads")
    with pytest.raises(ConfigError, match="'dragons' is not known"):
        used(scheduler="dragons")


def test_num_workers_bounds_what_runs_at_once() -> None:
    active, peak = 0, 0
    lock = threading.Lock()
    meet = threading.Barrier(3, timeout=10)

    def task(together: bool) -> None:
        nonlocal active, peak
        with lock:
            active += 1
            peak = max(peak, active)
        if together:
            meet.wait()
        with lock:
            active -= 1

    compute(*[delayed(task)(True) for _ in range(6)], num_workers=3)
    assert peak == 3 and last_run().peak_concurrency == 3  # type: ignore[union-attr]
    peak = 0
    compute(*[delayed(task)(False) for _ in range(6)], num_workers=1)
    assert peak == 1


def test_persist_returns_at_once_and_gives_its_bytes_back() -> None:
    go = threading.Event()
    before = LEDGER.held
    x = delayed(lambda: (go.wait(10), b"x" * 1000)[1])()
    kept = x.persist()
    assert not go.is_set()
    go.set()
    assert kept.compute() == b"x" * 1000
    assert LEDGER.held >= before + 1000
    (again,) = persist(kept)
    del kept
    assert again.compute()[:1] == b"x"
    del again
    assert LEDGER.held == before


def test_optimize_keeps_the_value() -> None:
    x = delayed(sum)([delayed(abs)(-1), 2])
    (better,) = optimize(x)
    assert better.compute() == 3


def test_plan_before_anything_runs() -> None:
    ran: list[int] = []
    x = [delayed(ran.append)(i) for i in range(5)]
    found = plan(*x, num_workers=3)
    assert (found.ntasks, found.lanes, found.read_bytes, ran) == (5, 3, 0, [])
    assert found.peak_bytes > 0 and not found.exact
    assert "5 tasks in 1 operation, on 3 workers" in found.describe()
    assert "<" in (found._repr_html_() or "<")


def test_a_budget_too_small_names_what_would_fit() -> None:
    x = delayed(sum)([delayed(abs)(i) for i in range(100)])
    with pytest.raises(MemoryBudgetError, match=r"memory=100 B is too small.*at least .*'sum'.*use memory="):
        x.compute(memory=100)
    assert x.compute(memory="1MB") == sum(range(100))


def test_a_plan_that_is_refused_can_be_looked_at(tmp_path: Path) -> None:
    x = ca.ones((100, 100), chunks=50)
    before = last_run()
    for ask in (x.sum().compute, x.persist):
        with pytest.raises(MemoryBudgetError, match="is too small") as caught:
            ask(memory=100)
        run = last_run()
        assert run is not None and run is not before and run.state is RunState.CANCELLED
        assert (run.nfinished, run.refusal) == (0, str(caught.value))
        assert [one.topic for one in run.notices] == ["refused"]
        assert run.describe().startswith(f"run {run.number}: refused before it started on threads, 0 of")
        told = run.explain().describe()
        assert "was refused: none of its" in told and "refused before anything ran: memory=100 B" in told
        recorded = load(run.save(tmp_path / "x.chunkscope")).describe()
        assert recorded.startswith(f"recorded run {run.number}: refused before it started on threads, 0 of")
        assert "is too small" in recorded
        before = run


def test_a_budget_too_small_for_a_table_speaks_of_partitions() -> None:
    x = cd.from_pandas(pd.DataFrame({"a": range(100)}), npartitions=2)
    with pytest.raises(MemoryBudgetError, match=r"smaller partitions: .*x\.repartition\("):
        x.compute(memory=100)


def test_explain_in_words() -> None:
    text = explain(delayed(abs)(1)).describe()
    assert text.splitlines()[0] == "rewrite: 1 operation becomes 1" and "no rule applies" in text


@pytest.mark.parametrize("ask", [plan, explain, simulate])
def test_nothing_lazy(ask: Any) -> None:
    with pytest.raises(ConfigError, match="give at least one lazy collection"):
        ask(1, [2])


def test_simulate_is_exact_and_computes_nothing() -> None:
    ran: list[int] = []
    inc = delayed(lambda x: ran.append(x), name="inc")
    total = delayed(lambda xs: None, name="sum")([inc(i) for i in range(8)])
    assert [simulate(total, workers=w, cost={"inc": 1.0, "sum": 0.0}).seconds for w in (1, 2, 4, 8)] == [
        8,
        4,
        2,
        1,
    ]
    run = simulate(total, workers=8, cost=lambda key: 1.0, overhead=0.5)
    assert (run.seconds, run.peak_concurrency, run.executor, ran) == (3.0, 8, "simulated", [])
    assert run.rows.ready.tolist()[-1] == 1.5
    with pytest.raises(ConfigError, match="workers=0"):
        simulate(total, workers=0)


def test_longest_processing_time_bounds_the_speed_up() -> None:
    """Five tasks of 1 to 5 units on five workers: 15 units of work, the longest takes 5."""
    work = delayed(lambda n: n, name="work")
    tasks = [work(i) for i in range(5)]
    run = simulate(tasks, workers=5, cost=lambda key: key.block[0] + 1.0)
    assert run.busy_seconds / run.seconds == 3.0


def test_unknown_rule() -> None:
    with pytest.raises(ConfigError, match="no rule is named 'magic'; the rules here are none"):
        compute(delayed(abs)(1), rules=["magic"])


def test_a_budget_too_small_for_an_array_names_no_size_of_chunks() -> None:
    """Whether smaller chunks are enough depends on what is kept for later, which only a plan tells."""
    x = ca.ones((1000, 1000), chunks=100)
    y = (x @ x.T).sum()
    with pytest.raises(
        MemoryBudgetError, match=r"use memory='\d+MB' or more, or smaller chunks .*plan\(x\)"
    ) as caught:
        y.compute(memory="3MB")
    enough = re.search(r"use memory='(\d+MB)'", str(caught.value))
    assert "MiB'" not in str(caught.value) and enough is not None
    assert y.compute(memory=enough[1]) == 1000.0**3
