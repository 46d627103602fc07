"""Runs are told what became of their blocks: of the first ones one by one, of the others in sum."""

from __future__ import annotations

import numpy as np
import pytest

from chunkscope.blocks.spilling import SPILLER, Mark, News
from chunkscope.executors.cluster.spillnews import MOST_TOLD, tell_news
from chunkscope.graph import GraphBuilder
from chunkscope.observe import RunLog


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> RunLog:
    monkeypatch.setattr(SPILLER, "news", type(SPILLER.news)())
    return RunLog(7, GraphBuilder().freeze(np.empty(0, dtype=np.int64)), executor="processes")


def test_blocks_that_were_told_to_be_on_disk_are_told_to_be_back(run: RunLog) -> None:
    n = MOST_TOLD + 50

    def happens(kind: str) -> None:
        SPILLER.news.extend(News(kind, Mark("worker", 7, task), 1000, "why") for task in range(n))
        tell_news([run], run)

    happens("spilled")
    happens("read")
    by_topic = {
        topic: [notice.task for notice in run.notices if notice.topic == topic]
        for topic in ("spilled", "returned")
    }
    one_by_one = [*range(MOST_TOLD), -1]
    assert by_topic == {"spilled": one_by_one, "returned": one_by_one}, "of the last fifty in sum"
    assert (run.moved_blocks, run.spilled_bytes, run.read_back_bytes) == (n, n * 1000, n * 1000)
