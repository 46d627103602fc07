"""What if: on modelled costs, which are known exactly, and the figures beside real runs."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

import chunkscope
import chunkscope.array as ca
from chunkscope import last_run, simulate
from chunkscope.compute import prepare
from chunkscope.diagnostics import what_if
from chunkscope.diagnostics.task_costs import learn
from chunkscope.errors import ConfigError
from chunkscope.observe import RunLog
from tests.engine.display.samples import HOSTILE, safe_page


def make(chunks: Any) -> Any:
    """Work that is the same in any chunks."""
    return (ca.ones((240, 100), chunks=chunks) + 1).sum()


def modelled(chunk: int, workers: int = 1, fixed: float = 0.5, work: float = 12.0) -> RunLog:
    """A run whose tasks cost a fixed part and their share of the work; sums of partials are free."""
    tasks = 240 // chunk
    cost = {"sum-partial": fixed + work / tasks, "sum": 0.0}
    return simulate(make((chunk, 100)), workers=workers, cost=cost)


def test_two_chunkings_tell_fixed_and_growing_costs() -> None:
    costs = learn([modelled(20), modelled(60)])
    for chunk in (10, 40, 120):
        graph = prepare([make((chunk, 100))]).graph
        seconds = costs.durations(graph, 1)
        tasks = 240 // chunk
        assert seconds.sum() == pytest.approx(0.5 * tasks + 12.0, rel=1e-3)
        assert seconds[:tasks] == pytest.approx(0.5 + 12.0 / tasks, rel=1e-3)
    assert costs.crowding == 0 and not costs.assumed


def test_one_chunking_takes_the_work_as_it_is() -> None:
    costs = learn([modelled(60, fixed=0.0)])
    graph = prepare([make((20, 100))]).graph
    assert costs.durations(graph, 1).sum() == pytest.approx(12.0, rel=1e-3)


def test_crowding_is_seen_in_runs_on_one_worker_and_on_several() -> None:
    costs = learn([modelled(60, 1, fixed=0.0), modelled(60, 4, fixed=0.0, work=12.0 * 1.6)])
    assert costs.crowding == pytest.approx(0.2)
    graph = prepare([make((60, 100))]).graph
    assert costs.durations(graph, 3).sum() == pytest.approx(12.0 * 1.4, rel=1e-3)
    assert costs.durations(graph, 1).sum() == pytest.approx(12.0, rel=1e-3)


def test_uneven_chunks_share_the_work_by_their_bytes() -> None:
    costs = learn([simulate(ca.ones((240, 100), chunks=(60, 100)) + 1, cost=3.0)])
    x = ca.ones((240, 100), chunks=((180, 60), 100)) + 1
    seconds = costs.durations(prepare([x]).graph, 1)
    assert seconds.sum() == pytest.approx(12.0, rel=1e-3)
    assert seconds[0] / seconds[1] == pytest.approx(3.0, rel=0.02)


def test_every_combination_is_foretold_with_past_runs_beside() -> None:
    make((60, 100)).compute(scheduler="threads", num_workers=1)
    run = last_run()
    assert run is not None
    found = what_if(make, chunks=[(60, 100), (20, 100)], workers=[1, 2], memory=[None, "1MB", 5])
    assert len(found.cases) == 12 and found.learnt_from == (run.number,)
    table = {(case.chunks, case.workers, case.budget): case for case in found.cases}
    same = table[(60, 100), 1, None]
    assert same.measured_seconds == run.seconds and same.measured_peak == run.peak_bytes
    assert same.seconds is not None and same.error == pytest.approx(same.seconds / run.seconds - 1)
    assert table[(20, 100), 1, None].measured_seconds is None and table[(20, 100), 1, None].error is None
    refused = table[(60, 100), 2, 5]
    assert refused.seconds is None
    assert refused.peak_bytes > 5
    assert table[(60, 100), 1, 10**6].seconds is not None
    for case in found.cases:
        assert case.seconds is None or case.seconds >= case.floor_seconds
    assert found.best is not None and found.best.seconds is not None
    assert found.best in found.cases
    text = found.describe()
    assert "refused, it needs at least" in text and "fastest: " in text and "one chunking" in text
    page = safe_page(found._repr_html_())
    assert "ChunksWorkersMemoryTasks" in page
    narrow = safe_page(what_if(make((60, 100)), workers=[1, 2])._repr_html_())
    assert "WorkersTasksTime" in narrow and "as it is" not in narrow


def test_of_a_past_run_every_task_is_known() -> None:
    make((20, 100)).compute(scheduler="sync")
    run = last_run()
    assert run is not None
    found = what_if(run, workers=[1, 2, 100], memory=[None, 5])
    one, two, many = (case for case in found.cases if case.budget is None)
    assert one.ntasks == run.ntasks and one.measured_seconds == run.seconds
    assert one.seconds is not None
    assert two.seconds is not None
    assert many.seconds is not None
    assert run.busy_seconds <= one.seconds and many.seconds <= two.seconds <= one.seconds
    assert many.seconds >= many.floor_seconds > 0
    assert f"as long as in run {run.number}" in found.notes[0]
    assert [case.seconds for case in found.cases if case.budget == 5] == [None] * 3


def test_more_workers_are_never_slower_in_the_model() -> None:
    make((20, 100)).compute()
    seconds = [case.seconds for case in what_if(make((20, 100)), workers=(1, 2, 3, 12)).cases]
    assert all(a is not None and b is not None and b <= a * 1.001 for a, b in pairwise(seconds))


def test_what_was_never_measured_is_said() -> None:
    make((60, 100)).compute()
    found = what_if(make((60, 100)) + ca.ones((9, 9)).std(), workers=1)
    assert any("never measured" in note for note in found.notes)


def test_user_text_is_only_text() -> None:
    make((60, 100)).compute()
    found = what_if(lambda wish: make((60, 100)), chunks=[HOSTILE], workers=1)
    safe_page(found._repr_html_())


def test_wrong_questions_say_what_would_work() -> None:
    make((60, 100)).compute()
    good = make((60, 100))
    for arguments, words in (
        ((good, {"chunks": [10]}), "chunks= needs a function"),
        ((3, {}), "cannot ask what if of a int"),
        ((make, {}), r"needs chunks=\[...\]"),
        ((simulate(good), {}), "is no measure"),
        ((good, {"workers": 0}), "workers=0 is not a number of workers"),
        ((good, {"workers": True}), "workers=True"),
        ((good, {"workers": range(1, 300)}), "too many to tell"),
        ((good, {"run": simulate(good)}), "is no measure"),
    ):
        x, options = arguments
        with pytest.raises(ConfigError, match=words):
            what_if(x, **options)
    assert chunkscope.what_if is what_if


def test_nothing_is_known_without_a_run() -> None:
    y = chunkscope.delayed(make, name="never-computed-anywhere")(1)
    with pytest.raises(ConfigError, match="compute it once"):
        what_if(y, workers=1)
