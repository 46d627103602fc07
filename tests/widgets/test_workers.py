"""What the panel is told of the clusters of its kernel, and what it can do with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from chunkscope import delayed
from chunkscope.blocks import LEDGER
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.executors.clusters import OpenClusters
from chunkscope.futures import Client, LocalCluster, clusters, default_client
from chunkscope.futures.away import AwayCluster
from chunkscope.observe import last_run
from chunkscope_widgets import workers as module
from chunkscope_widgets.board import Board
from chunkscope_widgets.requests import answer
from chunkscope_widgets.workers import TOPIC, attach
from tests.widgets.test_sender import wait_for


class Page:
    """A board with the cluster's topic, and a page that asks."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.sent = 0
        self.posts: list[dict[str, Any]] = []
        attach(board, self._send)

    def _send(self) -> None:
        self.sent += 1
        state = self.board.latest(TOPIC)
        assert state is not None
        self.posts.append(state)

    def ask(self, ask: str, **more: Any) -> dict[str, Any]:
        header, _ = answer({"id": 1, "ask": f"cluster.{ask}", **more}, "s", self.board)
        return header

    def shown(self, name: str) -> dict[str, Any]:
        state = self.board.latest(TOPIC)
        assert state is not None
        found: dict[str, Any] = next(one for one in state["clusters"] if one["name"] == name)
        return found

    def names(self) -> list[str]:
        return [one["name"] for one in (self.board.latest(TOPIC) or {"clusters": []})["clusters"]]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Nobody else's clusters are here: they would be closed by the tests."""
    register = OpenClusters()
    monkeypatch.setattr(module, "CLUSTERS", register)
    monkeypatch.setattr("chunkscope.futures.cluster.CLUSTERS", register)
    monkeypatch.setattr("chunkscope.futures.scaling.CLUSTERS", register)
    monkeypatch.setattr("chunkscope.futures.away.CLUSTERS", register)
    monkeypatch.setattr(module, "PAUSE_S", 0.02)
    monkeypatch.setattr(module, "PATIENCE_S", 0.3)
    yield Page(Board())
    for cluster in clusters():
        cluster.close()
    wait_for(lambda: not watching())


def watching() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "chunkscope-workers"]


def test_without_a_cluster_nothing_is_published_and_nobody_watches(page: Page) -> None:
    assert page.ask("watch")["reply"] == {"clusters": 0}
    assert (page.sent, page.board.latest(TOPIC), watching()) == (0, None, [])


def test_clusters_of_other_processes_are_named_while_they_are_used(page: Page) -> None:
    with Client(n_workers=1, threads_per_worker=1, processes=False) as client:
        address = client.cluster.scheduler_address
        other = AwayCluster.at(address)  # as a second process does
        assert (page.board.latest(TOPIC) or {})["joined"] == [address]
        other.close()
        wait_for(lambda: (page.board.latest(TOPIC) or {})["joined"] == [])


def test_of_several_clusters_the_one_is_marked_that_work_goes_to(page: Page) -> None:
    x, y = (LocalCluster(n_workers=1, processes=False) for _ in range(2))
    with Client(x), Client(y):
        page.ask("watch")
        assert [page.shown(one.name)["current"] for one in (x, y)] == [False, True]
        with Client(x):
            page.ask("watch")
            assert [page.shown(one.name)["current"] for one in (x, y)] == [True, False]


def test_a_cluster_is_shown_when_it_opens_and_gone_when_it_closes(page: Page) -> None:
    with LocalCluster(
        n_workers=2, threads_per_worker=3, processes=False, memory_limit="1GB", name="x"
    ) as one:
        assert page.names() == ["x"]
        shown = page.shown("x")
        assert (shown["kind"], shown["status"], shown["threads"]) == ("threads", "running", 6)
        assert (shown["limit"], shown["managed"], shown["started"]) == (2 * 10**9, LEDGER.held, one.started)
        assert [(row["pid"], row["status"], row["threads"]) for row in shown["workers"]] == [
            (os.getpid(), "idle", 3)
        ] * 2
        assert (shown["adaptive"], shown["waiting"], shown["address"], shown["guests"]) == (None, 0, "", 0)
        address = one.scheduler_address
        scaled = one.adapt(minimum=1, maximum=3)
        page.ask("watch")
        shown = page.shown("x")
        assert (shown["adaptive"], shown["address"]) == ({"minimum": 1, "maximum": 3}, address)
        scaled.stop()
        one.scale(3)
        assert page.shown("x")["nworkers"] == len(page.shown("x")["workers"]) == 3
    assert page.names() == []


def test_what_changes_is_published_only_while_somebody_looks(page: Page) -> None:
    gate, inside = threading.Event(), threading.Event()

    def wait(n: int) -> int:
        inside.set()
        assert gate.wait(30)
        return n

    with Client(processes=False, n_workers=2, threads_per_worker=1) as client:
        name = client.cluster.name
        before = page.sent
        future = client.submit(wait, 7)
        client.begin()
        assert inside.wait(10)
        assert page.sent == before  # nobody looks
        page.ask("watch")
        wait_for(lambda: any(row["running"] for row in page.shown(name)["workers"]))
        row = next(row for row in page.shown(name)["workers"] if row["running"])
        run = last_run()
        assert run is not None
        assert row["status"] == "running"
        assert [(one["run"], one["task"]) for one in row["running"]] == [(run.number, run.running()[0][1])]
        wait_for(lambda: not watching())  # the page has not asked again
        gate.set()
        assert future.result() == 7
        page.ask("watch")
        assert not any(row["running"] for row in page.shown(name)["workers"])


def test_equal_looks_are_published_once(page: Page) -> None:
    with LocalCluster(n_workers=1, processes=False):
        page.ask("watch")
        wait_for(lambda: not watching())
        assert all(a != b for a, b in zip(page.posts, page.posts[1:], strict=False))


def test_a_page_starts_scales_restarts_and_stops_a_cluster(page: Page) -> None:
    reply = page.ask("start", workers=2, threads=1, memory="1GB", processes=False)["reply"]
    name = reply["cluster"]
    assert reply["message"] == "2 workers of 1 thread, 1.86 GiB"
    assert default_client().cluster.name == name
    assert delayed(sum)([1, 2]).compute() == 3
    ran = last_run()
    assert ran is not None
    assert ran.executor == "cluster"
    assert page.ask("scale", cluster=name, workers=1)["reply"]["message"] == "1 worker of 1 thread, 954 MiB"
    assert page.shown(name)["nworkers"] == 1
    assert page.ask("restart", cluster=name)["reply"]
    client = default_client()
    assert page.ask("stop", cluster=name)["reply"]["message"] == f"{name} is closed"
    assert (client.status, client.cluster.status, page.names()) == ("closed", "closed", [])


@pytest.mark.parametrize(
    ("ask", "more", "said"),
    [
        ("stop", {"cluster": "y"}, "no cluster named 'y' is open here; open: 'x'"),
        ("scale", {"cluster": "x", "workers": 0}, "workers=0 cannot be had"),
        ("start", {"workers": "two"}, "workers='two' cannot be had"),
        ("start", {"memory": "much", "processes": False}, "much"),
        ("kill", {"cluster": "x", "worker": "0"}, "these workers are threads of this process"),
    ],
)
def test_what_cannot_be_done_comes_back_as_text(
    page: Page, ask: str, more: dict[str, Any], said: str
) -> None:
    with LocalCluster(n_workers=1, processes=False, name="x"):
        header = page.ask(ask, **more)
        assert said in header["error"]
        assert page.names() == ["x"]


def test_a_killed_worker_is_dead_until_there_is_work_and_the_death_is_counted(page: Page) -> None:
    with Client(n_workers=2, threads_per_worker=1, name="y") as client:
        name = client.cluster.name
        assert client.gather(client.map(abs, range(-4, 0))) == [4, 3, 2, 1]
        page.ask("watch")
        measured = ("memory", "shared", "pid")
        until(page, name, lambda rows: all(row[what] > 0 for row in rows for what in measured))
        until(page, name, lambda rows: all(row["processor"] is not None for row in rows))
        rows = page.shown(name)["workers"]
        assert [row["pid"] for row in rows] == [worker.pid for worker in client.cluster.workers]
        page.ask("kill", cluster=name, worker=rows[0]["name"])
        until(page, name, lambda rows: rows[0]["status"] == "dead" and rows[1]["status"] == "idle")

        def works_again(
            rows: list[dict[str, Any]],
        ) -> bool:  # the other may do all of it before this one is there
            assert delayed(sum)([delayed(abs)(-i) for i in range(20)]).compute() == 190
            return bool(rows[0]["deaths"] == 1 and rows[0]["status"] == "idle")

        until(page, name, works_again)
        assert page.shown(name)["workers"][0]["pid"] not in {0, rows[0]["pid"]}


def test_blocks_in_shared_memory_and_on_disk_are_told_apart(page: Page) -> None:
    with Client(n_workers=1, threads_per_worker=1, memory_limit="100MB") as client:
        assert page.shown(client.cluster.name)["blocks"]["limit"] == SPILLER.limit
        held = client.scatter([np.full(10**6, float(i)) for i in range(10)])
        page.ask("watch")
        blocks = page.shown(client.cluster.name)["blocks"]
        assert blocks == {
            "shared": ARENAS.used_bytes,
            "spilled": SPILLER.spilled_bytes,
            "limit": SPILLER.limit,
        }
        assert 0 < blocks["shared"] <= blocks["limit"] < 8 * 10**7 <= blocks["shared"] + blocks["spilled"]
        assert client.gather(held[0])[0] == 0.0
    with LocalCluster(n_workers=1, processes=False, name="x"):
        assert page.shown("x")["blocks"] is None  # one memory


def until(page: Page, name: str, holds: Callable[[list[dict[str, Any]]], bool]) -> None:
    def looked() -> bool:
        page.ask("watch")
        return holds(page.shown(name)["workers"])

    wait_for(looked)


def test_a_cluster_that_nobody_has_is_no_longer_listed() -> None:
    class X:
        pass

    register, x = OpenClusters(), X()
    register.enter(x)
    assert register.all() == [x]
    del x
    assert register.all() == []
