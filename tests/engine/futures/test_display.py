"""Pages of clients, clusters and workers: what learners look for is there, in words too, and text stays text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from chunkscope.executors.loss import worker_named
from chunkscope.futures import Client, LocalCluster
from chunkscope.futures.crews import WorkerInfo
from chunkscope.futures.display import workers_html
from chunkscope.futures.worker_bar import WIDTH, bytes_words, memory_bar

NASTY = '<img src=x onerror="1">'


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page.partition("</style>")[2]).split())


@pytest.mark.parametrize("processes", [False, True])
def test_what_learners_look_for_is_on_the_page_and_in_the_text(processes: bool) -> None:
    with Client(n_workers=2, threads_per_worker=2, memory_limit="1GB", processes=processes) as client:
        page, words = text_of(client._repr_html_()), client.describe()
        for told in (page, words):
            assert "1.86 GiB in total, 0.93 GiB for each worker" in told
            assert "4 in total, 2 of each worker" in told
            assert "running" in told and "closed: only this process can use it" in told
            assert ("yes, one for each worker" in told) is processes
            assert ("shared memory of this machine" in told) is processes
            for worker in client.cluster.workers:
                assert worker.name in told and str(worker.pid) in told
        assert client.cluster.name in page and client.name in page
        address = client.cluster.scheduler_address
        assert address in text_of(client.cluster._repr_html_()) and address in client.cluster.describe()
        load = "0 tasks running, 0 waiting for a thread"
        assert load in text_of(client.cluster.scheduler._repr_html_())
        assert load in client.cluster.scheduler.describe()
        described = client.cluster.workers.describe()
        assert described.count("\n") == 1 and "worker worker" not in described
        assert described.startswith(f"{worker_named(client.cluster.workers[0].name)}: ")
    cluster = client.cluster
    for page in (client._repr_html_(), cluster._repr_html_(), cluster.scheduler._repr_html_()):
        assert "closed" in page and "worker-0" not in page and "in total" not in page
    assert "status: closed" in client.describe() and "worker" not in cluster.describe()


def test_parts_fold_one_inside_the_other() -> None:
    with Client(n_workers=1, processes=False) as client:
        body = "<div>" + client._repr_html_().partition("</style>")[2] + "</div>"
    outer = ET.fromstring(body).findall(".//details")
    assert [one.findtext("summary") for one in outer] == [
        f"Cluster {client.cluster.name}",
        "1 worker",
        "Scheduler",
        "What happened lately",
    ]
    assert [one.get("open") is not None for one in outer] == [True, True, False, False]
    assert len(outer[0].findall(".//details")) == 3


def test_names_of_users_stay_text() -> None:
    with LocalCluster(n_workers=1, processes=False, name=NASTY) as cluster:
        client = Client(cluster, name=NASTY)
        pages = [client._repr_html_(), cluster._repr_html_(), cluster.scheduler._repr_html_()]
        cluster.journal.tell(NASTY)
        pages.append(cluster._repr_html_())
        client.close()
    for page in pages:
        assert NASTY not in page and "&lt;img" in page


def test_of_an_error_of_many_lines_a_future_tells_the_first() -> None:
    def fail() -> None:
        raise ValueError(f"{NASTY}\nand what came of it")

    with Client(n_workers=1, processes=False) as client:
        future = client.submit(fail)
        future.exception()
        page = future._repr_html_()
    assert "ValueError: &lt;img" in page and NASTY not in page and "what came of it" not in page


def test_the_bar_of_a_worker_adds_up() -> None:
    worker = WorkerInfo(
        NASTY, 7, 1, 100, "paused", 0.0, memory=60, managed=20, spilled=120, shared=9, deaths=2
    )
    bar = ET.fromstring(memory_bar(worker))
    assert bar.get("aria-label") == bytes_words(worker) == "80 B of 100 B, 20 B of it blocks, 120 B on disk"
    boxes = [(float(one.get("x", 0)), float(one.get("width", 0))) for one in bar.findall("rect")]
    own, made, limit = boxes[1], boxes[2], boxes[3]
    assert own == pytest.approx((0.0, WIDTH * 60 / 200), abs=0.05)
    assert made == pytest.approx((own[1], WIDTH * 20 / 200), abs=0.05)
    assert limit[0] == pytest.approx(WIDTH * 100 / 200, abs=0.05)
    assert len(bar.findall("path")) == 1  # hatched: on disk
    page = workers_html([worker])
    assert NASTY not in page and "paused" in page


def test_the_scheduler_has_the_names_that_users_of_dask_look_for() -> None:
    with LocalCluster(n_workers=2, threads_per_worker=3, processes=False, memory_limit=None) as cluster:
        scheduler = cluster.scheduler
        assert list(scheduler.workers) == [worker.name for worker in cluster.workers]
        assert (scheduler.total_nthreads, scheduler.total_memory, scheduler.status) == (6, 0, "running")
        assert scheduler.identity()["n_workers"] == 2 and scheduler.address == cluster.address
        assert scheduler.id == cluster.name and scheduler.started == cluster.started
        assert "no limit" in cluster.describe()
