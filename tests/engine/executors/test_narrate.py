"""What a run tells of its decisions: lanes that join, tasks held back for memory, failures, the end."""

from __future__ import annotations

import threading

import pytest

from chunkscope import array as ca
from chunkscope import compute, delayed, persist
from chunkscope.events import TOPICS
from chunkscope.observe import RunLog, last_run, subscribe
from chunkscope.observe.feed import Feed
from chunkscope.observe.wire import Message, Notices


def the_run() -> RunLog:
    run = last_run()
    assert run is not None
    return run


def topics(run: RunLog) -> list[str]:
    return [notice.topic for notice in run.notices]


def test_a_plain_run_tells_of_its_lane_alone() -> None:
    compute([delayed(abs)(i) for i in range(500)], scheduler="sync")
    (notice,) = the_run().notices
    assert notice.topic == "lane" and notice.text == "main joins: 500 tasks can start"


def test_a_second_lane_says_why_it_joins() -> None:
    both = threading.Barrier(2, timeout=30)
    compute([delayed(both.wait)() for _ in range(2)], scheduler="threads", num_workers=2)
    run = the_run()
    lanes = [notice.text for notice in run.notices if notice.topic == "lane"]
    assert len(lanes) == 2 and lanes[1].endswith("1 task can start, and one lane is at work")
    assert "cores" in topics(run)


def test_a_task_that_waits_for_memory_is_told_of_once_with_the_reason() -> None:
    x = ca.ones((4000, 500), chunks=(500, 500))
    (x + x[::-1]).sum().compute(memory="22MB", scheduler="threads", num_workers=2, rules=False)
    run = the_run()
    held = [notice for notice in run.notices if notice.topic == "held"]
    assert len({notice.task for notice in held}) == len(held)
    for notice in held:
        assert notice.text.startswith(f"{run.graph.key(notice.task)} waits for memory: it needs ")
        assert run.started <= notice.seconds <= (run.stopped or 0.0)
        row = run.rows.task.tolist().index(notice.task)
        assert run.rows.start[row] >= notice.seconds
        assert notice.text in run.why(notice.task).parts["decided"]


TOLD = threading.Event()


def wait_until_told(block: object) -> object:
    """A task that goes on when another one was held back."""
    TOLD.wait(30)
    return block


def test_a_task_is_held_back_where_only_one_fits() -> None:
    """Two lanes, and room for one task: the second lane finds that its task does not fit."""
    running: list[RunLog] = []

    def watch() -> None:
        while not any(notice.topic == "held" for run in running for notice in run.notices):
            if TOLD.wait(0.001):
                return
        TOLD.set()

    TOLD.clear()
    watcher = threading.Thread(target=watch)
    with subscribe(lambda run, moment: running.append(run)):
        watcher.start()
        x = ca.ones((4, 1000, 100), chunks=(1, 1000, 100)).map_blocks(wait_until_told, dtype=float)
        x.sum().compute(memory="2500kB", scheduler="threads", num_workers=2, rules=False)
    TOLD.set()
    watcher.join()
    assert "held" in topics(running[0])


def test_failures_and_cancelling_are_told_with_the_task_and_the_cause() -> None:
    with pytest.raises(ZeroDivisionError):
        compute(delayed(divmod)(1, 0), scheduler="sync")
    (notice,) = (notice for notice in the_run().notices if notice.topic == "failed")
    assert notice.task == 0 and "raised ZeroDivisionError" in notice.text
    started = threading.Event()

    def slow() -> None:
        started.set()
        stop.wait(30)

    stop = threading.Event()
    (kept,) = persist(delayed(slow)(), scheduler="threads")
    assert started.wait(30)
    from chunkscope.executors.pool import POOL

    run = next(run for run in POOL._runs if run.log is the_run())
    run.cancel()
    stop.set()
    assert run.done.wait(30)
    del kept
    assert topics(run.log)[-1] == "cancelled"


def test_tasks_that_wait_for_another_run_are_told_of() -> None:
    go = threading.Event()
    (x,) = persist(delayed(go.wait)(30), scheduler="threads")
    (y,) = persist(x, scheduler="threads")
    (notice,) = (notice for notice in the_run().notices if notice.topic == "blocks")
    assert notice.text == "1 task of stored can begin when another run has made the blocks"
    go.set()
    assert y.compute(scheduler="sync") is True


def test_every_notice_has_a_known_topic_and_travels_in_order() -> None:
    x = ca.ones((4000, 500), chunks=(500, 500))
    (x + x[::-1]).sum().compute(memory="22MB", scheduler="threads", num_workers=2, rules=False)
    run = the_run()
    assert set(topics(run)) <= set(TOPICS)
    feed = Feed(run)
    sent: list[Message] = [*feed.keyframe(), *feed.delta(), *feed.delta()]
    told = [message for message in sent if isinstance(message, Notices)]
    texts = {one.cursor + i: text for one in told for i, text in enumerate(one.texts)}
    assert [texts[number] for number in sorted(texts)] == [notice.text for notice in run.notices]
    assert all(one.total == run.notices.total for one in told)
    whole = [message for message in Feed(run).everything() if isinstance(message, Notices)]
    assert [text for one in whole for text in one.texts] == [notice.text for notice in run.notices]
