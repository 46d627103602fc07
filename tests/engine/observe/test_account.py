"""A run in words: every chapter says what the log holds, for learners and for experts; user text stays text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import chunkscope.array as ca
import chunkscope.dataframe as cd
from chunkscope import compute, delayed, last_run, simulate
from chunkscope.observe import RunLog
from chunkscope.observe.account import Account, account
from chunkscope.units import format_bytes
from tests.engine.display.samples import HOSTILE, safe_page


def last() -> RunLog:
    run = last_run()
    assert run is not None
    return run


def words(told: Account, topic: str) -> str:
    return " ".join(remark.text for one in told.chapters if one.topic == topic for remark in one.remarks)


@pytest.fixture(scope="module")
def anomaly() -> RunLog:
    """Work with a shared source, rewrites and a refusal."""
    x = ca.random.default_rng(1).normal(size=(400, 200), chunks=(100, 100))
    ((x - x.mean(axis=0)) ** 2).sum(axis=1).compute(scheduler="threads", num_workers=2)
    return last()


def test_the_story_says_what_the_log_holds(anomaly: RunLog) -> None:
    told = anomaly.explain()
    assert told.run == anomaly.number and told.state == "finished"
    assert f"{anomaly.ntasks} tasks in 5 operations on 2 lanes" in words(told, "short")
    assert "((x - x.mean(axis=0)) ** 2).sum(axis=1).compute" in words(told, "asked")
    assert "an array of 400 in 4 chunks, made by `sum`" in words(told, "asked")
    rewritten = words(told, "rewritten")
    assert "`simpler-powers`" in rewritten and "into `square(" in rewritten
    assert "normal has 2 readers: made once and kept" in rewritten
    assert "`normal` is used by 2 operations and was made once" in words(told, "read")
    assert format_bytes(anomaly.peak_bytes) in words(told, "memory")
    steps = next(one for one in told.chapters if one.topic == "steps")
    assert [remark.layer for remark in steps.remarks] == list(range(5))
    assert all(
        f"`{layer.op}`" in r.text for layer, r in zip(anomaly.graph.layers, steps.remarks, strict=True)
    )


def test_lanes_and_their_tasks_add_up() -> None:
    run = simulate([delayed(abs)(i) for i in range(9)], workers=3, cost=1.0)
    told = account(run)
    assert "worker-0: 3 tasks, busy 100%; worker-1: 3 tasks, busy 100%" in words(told, "spread")
    assert words(told, "time").startswith("Of the time of the 3 lanes: 100% in kernels")
    many = simulate([delayed(abs)(i) for i in range(40)], workers=20, cost=1.0)
    assert "20 lanes ran 2 to 2 tasks each" in words(account(many), "spread")
    few = simulate([delayed(abs)(i) for i in range(2)], workers=20, cost=1.0)
    assert "18 lanes of 20 got nothing to do" in words(account(few), "spread")


def test_results_that_were_handed_out_are_not_said_to_be_dropped() -> None:
    x = ca.ones((80, 100), chunks=(10, 100)).persist(scheduler="sync")
    told = words(last().explain(), "memory")
    assert "At most 7.81 KiB were held" in told and "Its results, 62.5 KiB, are not counted" in told
    assert "dropped" not in told
    (x + 1).sum().compute(scheduler="sync")
    assert "not counted" not in words(last().explain(), "memory")


def test_what_is_not_made_at_all_is_told() -> None:
    x = ca.random.default_rng(0).random((80, 60), chunks=10)
    x[:20, 5:25].sum().compute()
    told = last_run().explain().describe()
    assert "getitem(random), 6 of 48 blocks of random" in " ".join(told.split())
    assert "the same" not in told


def test_files_that_were_read_once(tmp_path: Path) -> None:
    for i in range(3):
        pd.DataFrame({"a": range(50), "b": range(50)}).to_csv(tmp_path / f"part-{i}.csv", index=False)
    cd.read_csv(str(tmp_path / "part-*.csv")).a.sum().compute(scheduler="sync")
    told = account(last())
    for i in range(3):
        assert f"`part-{i}.csv` was read once" in words(told, "read")


def test_an_expert_hears_first_what_bound_it() -> None:
    run = simulate((ca.ones((60, 10), chunks=(2, 10)) + 1).sum(), workers=2, cost=10e-6, overhead=50e-6)
    told = account(run)
    assert told.bottleneck == "small"
    expert = [chapter.topic for chapter in told.told(expert=True)]
    assert expert[:3] == ["bottleneck", "next", "time"] and "steps" not in expert
    assert [chapter.topic for chapter in told.told()][:3] == ["short", "bottleneck", "next"]
    text = told.describe(expert=True)
    assert text.startswith("What bound it\n  Its tasks are short")
    assert "Bounds:" in text and "Bounds:" not in told.describe()
    assert "A task is one operation" not in text


def test_what_an_earlier_run_had_made_is_worth_keeping() -> None:
    x = ca.random.default_rng(3).normal(size=(1500, 1000), chunks=(250, 1000))
    x.sum().compute(scheduler="sync")
    first = last().number
    x.mean().compute(scheduler="sync")
    told = account(last())
    assert "again" in [finding.kind for finding in told.findings]
    assert f"run {first} made the same and nothing kept it" in words(told, "bottleneck")
    assert "x = x.persist()" in words(told, "next")


def test_a_run_that_failed_says_so_first() -> None:
    def fail(x: int) -> int:
        raise ValueError(HOSTILE)

    with pytest.raises(ValueError, match="alert"):
        compute(delayed(abs)(delayed(fail)(1)), scheduler="sync")
    told = account(last())
    assert told.bottleneck == "failed" and "debug()" in words(told, "next")
    assert ", then it failed." in words(told, "short")


def test_it_is_bounded_and_text_is_only_text() -> None:
    calls = [delayed(abs, name=f"{HOSTILE}{i}")(i) for i in range(300)]
    compute(*calls, scheduler="sync", label=HOSTILE)
    told = account(last())
    assert sum(len(chapter.remarks) for chapter in told.chapters) < 80
    assert len(told.describe()) < 20_000
    page = told._repr_html_()
    assert page is not None
    safe_page(page)
    assert "<code>" in page and "`" not in page


def test_of_a_run_that_goes_on_nothing_is_said_before_it_is_known() -> None:
    told: list[str] = []

    def look(x: int) -> int:
        told.append(account(last_run()).describe())
        return x

    delayed(look)(delayed(look)(0)).compute(scheduler="sync")
    assert len(told) == 2
    assert all("and goes on" in words and "too short" not in words for words in told)
    assert "It goes on: what bounds it shows once tasks have finished." in told[0]
    assert "ran 0 of 2 tasks in one operation on 1 lane so far" in told[0]
    assert "ran 1 of 2 tasks in one operation" in told[1]


def test_a_run_without_tasks_has_an_account() -> None:
    run = RunLog(0, simulate(ca.ones(3)).graph, executor="threads")
    told = account(run)
    assert told.chapters[0].topic == "short" and "0 of" in words(told, "short")
