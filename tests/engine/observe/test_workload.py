"""What workers took over time: bounded, thinned evenly, and told on the wire as it is."""

from __future__ import annotations

import numpy as np

import chunkscope.array as ca
from chunkscope import last_run
from chunkscope.observe.feed import Feed
from chunkscope.observe.wire import WorkerLoad, pack, unpack
from chunkscope.observe.workload import MOST_ROWS, Workload


def test_long_runs_keep_every_second_look_of_each_worker() -> None:
    x = Workload(began=0.0)
    for i in range(MOST_ROWS + 1):
        x.look(f"w{i % 2}", float(i), own=i, mapped=0, processor=i / 4)
    found = x.samples()
    assert len(x) == len(found.time) == MOST_ROWS // 2 + 1
    assert set(np.diff(found.time[found.worker == 0])) == {4.0}
    assert set(np.diff(found.time[found.worker == 1])) == {4.0}
    assert found.own.tolist() == found.time.astype(int).tolist()
    assert set(found.cores()[2:].tolist()) == {0.25}
    now = float(MOST_ROWS + 1)
    x.look("w0", now, own=1, mapped=0, processor=1.0)
    assert (x.due("w0", now + 0.15), x.due("w0", now + 0.25)) == (False, True)


def test_looks_are_in_the_order_of_time_whichever_lane_was_faster() -> None:
    x = Workload(began=0.0)
    x.look("a", 2.0, own=2, mapped=0, processor=1.0)
    x.look("b", 1.0, own=1, mapped=0, processor=0.5)
    found = x.samples()
    assert found.time.tolist() == [1.0, 2.0] and found.own.tolist() == [1, 2]
    assert [x.names[number] for number in found.worker] == ["b", "a"]


def test_the_wire_carries_it_whole() -> None:
    ca.ones(8, chunks=4).sum().compute(scheduler="sync")
    log = last_run()
    assert log is not None
    assert not any(isinstance(message, WorkerLoad) for message in Feed(log).everything())
    began = log.started
    log.workload.look("<b>w</b>", began + 1.0, own=2**40, mapped=64, processor=1.0, limit=None)
    log.workload.look("<b>w</b>", began + 2.0, own=5, mapped=0, processor=1.5, limit=100)
    (message,) = [one for one in Feed(log).everything() if isinstance(one, WorkerLoad)]
    (again,) = unpack(*pack([message]))
    assert isinstance(again, WorkerLoad)
    assert again.names == ("<b>w</b>",) and again.limits.tolist() == [0]
    np.testing.assert_allclose(again.time, [1.0, 2.0])
    assert again.own.tolist() == [2**40, 5] and again.mapped.tolist() == [64, 0]
    assert again.processor.tolist() == [0.0, 0.5]
    assert any(isinstance(one, WorkerLoad) for one in Feed(log).delta())
