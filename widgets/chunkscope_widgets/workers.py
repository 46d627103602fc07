"""Shows the clusters of this process: who works, on what, with how much memory; and does what a page asks of them.

They are published under the topic "cluster" when one opens, changes or closes, and a few times a second while a page
says that somebody looks (`cluster.watch`). Nothing is measured otherwise, and nothing is imported before a page asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chunkscope.blocks import LEDGER
from chunkscope.executors.clusters import CLUSTERS
from chunkscope.observe import RunLog, runs
from chunkscope_widgets.board import Board

if TYPE_CHECKING:
    from chunkscope.futures import Client, LocalCluster
    from chunkscope.futures.crews import WorkerInfo

__all__ = ["TOPIC", "Watch", "attach"]

TOPIC = "cluster"
PAUSE_S = 0.35
"""Rest between two looks at the workers."""
PATIENCE_S = 6.0
"""A page that looks says so this often; after that nobody does."""
SHORTEST_S = 0.2
"""A share of the processor is measured over this time at least."""
MOST_CLUSTERS = 8
MOST_WORKERS = 64
MOST_STARTED = 256
"""Workers that a page can ask for."""


class Watch:
    """Looks at the clusters while somebody looks at them, and puts what is new on the board."""

    def __init__(self, board: Board, send: Callable[[], None]) -> None:
        self._board = board
        self._send = send
        self._lock = threading.Lock()
        self._until = 0.0
        self._thread: threading.Thread | None = None
        self._meter = Meter()
        self._last: dict[str, Any] = {"clusters": [], "joined": []}
        self._held: list[Client] = []  # of clusters that were started by a page: nobody else has them

    def show(self) -> None:
        """Publish the clusters as they are now, where that is news."""
        with self._lock:
            state = {
                "clusters": [self._meter.cluster(one) for one in CLUSTERS.all()[-MOST_CLUSTERS:]],
                "joined": sorted(one.scheduler_address for one in CLUSTERS.joined()),
            }
            if state != self._last:
                self._last = state
                self._board.post(TOPIC, state)
                self._send()

    # -- what pages ask ---------------------------------------------------------------------------------------

    def look(self, question: dict[str, Any]) -> dict[str, Any]:
        """Somebody looks: publish what changes for a while."""
        self._until = time.monotonic() + PATIENCE_S
        self.show()
        with self._lock:
            if self._thread is None and CLUSTERS.all():
                self._thread = threading.Thread(target=self._work, name="chunkscope-workers", daemon=True)
                self._thread.start()
        return {"clusters": len(self._last["clusters"])}

    def start(self, question: dict[str, Any]) -> dict[str, Any]:
        """Start a cluster, `{workers, threads, memory, processes}`, and a client, so that collections run on it."""
        from chunkscope.futures import Client

        options: dict[str, Any] = {"processes": question.get("processes") is not False}
        for name, asked in (("n_workers", "workers"), ("threads_per_worker", "threads")):
            if question.get(asked) is not None:
                options[name] = _number(question, asked)
        if question.get("memory"):
            options["memory_limit"] = str(question["memory"])
        client = Client(**options)
        self._held = [one for one in self._held if one.status == "running"] + [client]
        return {"cluster": client.cluster.name, "message": client.cluster.summary}

    def scale(self, question: dict[str, Any]) -> dict[str, Any]:
        """Have so many `workers`."""
        cluster = _find(question)
        cluster.scale(_number(question, "workers"))
        return {"message": cluster.summary}

    def restart(self, question: dict[str, Any]) -> dict[str, Any]:
        """Fresh workers in the place of these."""
        cluster = _find(question)
        cluster.restart()
        return {"message": cluster.summary}

    def stop(self, question: dict[str, Any]) -> dict[str, Any]:
        """Close a cluster and its clients; what runs there is cancelled."""
        from chunkscope.futures.current import clients_of

        cluster = _find(question)
        for client in clients_of(cluster):
            client.close()
        cluster.close()
        self._held = [one for one in self._held if one.status == "running"]
        return {"message": f"{cluster.name} is closed"}

    def kill(self, question: dict[str, Any]) -> dict[str, Any]:
        """Kill the process of one `worker`, as the system might."""
        cluster = _find(question)
        cluster.kill(str(question.get("worker")))
        return {"message": cluster.summary}

    # -- the thread --------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            time.sleep(PAUSE_S)
            self.show()
            with self._lock:
                if time.monotonic() > self._until or not CLUSTERS.all():
                    self._thread = None
                    return


class Meter:
    """Makes what is published of a cluster; measures processors from one look to the next."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[float, float, float]] = {}  # by process: when, seconds used, share

    def cluster(self, cluster: LocalCluster) -> dict[str, Any]:
        """A cluster as JSON."""
        from chunkscope.futures.current import newest

        workers = cluster.workers
        logs = {log.number: log for log in runs()}
        self._before = {pid: last for pid, last in self._before.items() if time.monotonic() - last[0] < 60}
        return {
            "name": cluster.name,
            "kind": "processes" if cluster.processes else "threads",
            "status": cluster.status,
            "current": (client := newest()) is not None and client.cluster is cluster,
            "started": cluster.started,
            "threads": sum(worker.nthreads for worker in workers),
            "limit": sum(worker.memory_limit or 0 for worker in workers) or None,
            "managed": LEDGER.held,
            "adaptive": _adaptive(cluster),
            "waiting": cluster.load().waiting if cluster.status == "running" else 0,
            "address": "" if cluster.address.startswith("inproc:") else cluster.address,
            "guests": len(cluster.guests),
            "blocks": _blocks() if cluster.processes else None,
            "nworkers": len(workers),
            "workers": [self._worker(one, cluster.processes, logs) for one in workers[:MOST_WORKERS]],
        }

    def _worker(self, worker: WorkerInfo, process: bool, logs: dict[int, RunLog]) -> dict[str, Any]:
        return {
            "name": worker.name,
            "pid": worker.pid,
            "status": worker.status,
            "deaths": worker.deaths,
            "threads": worker.nthreads,
            "processor": self._share(worker) if process else None,
            "memory": worker.memory,
            "managed": worker.managed,
            "shared": worker.shared,
            "spilled": worker.spilled,
            "limit": worker.memory_limit,
            "running": [_task(run, task, start, logs.get(run)) for run, task, start in worker.running],
        }

    def _share(self, worker: WorkerInfo) -> float:
        """Processor cores that it used of late."""
        now = time.monotonic()
        then, seconds, share = self._before.get(worker.pid, (now, worker.processor_seconds, 0.0))
        if now - then >= SHORTEST_S:
            share = round(max(worker.processor_seconds - seconds, 0.0) / (now - then), 2)
        elif worker.pid in self._before:
            return share
        self._before[worker.pid] = (now, worker.processor_seconds, share)
        return share


def attach(board: Board, send: Callable[[], None]) -> None:
    """Publish the clusters of this process, and answer what pages ask of them; `send` has the board's news sent."""
    watch = Watch(board, send)
    board.handle("cluster.watch", watch.look)
    for name in ("start", "scale", "restart", "stop", "kill"):
        board.handle(f"cluster.{name}", _told(getattr(watch, name), watch))
    CLUSTERS.watch(watch.show)
    watch.show()


def _told(act: Callable[[dict[str, Any]], dict[str, Any]], watch: Watch) -> Callable[..., dict[str, Any]]:
    """Do something, and show the clusters as they are then."""

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        try:
            return act(question)
        finally:
            watch.show()

    return answer


def _blocks() -> dict[str, Any]:
    """Blocks that all processes read: bytes in shared memory, on disk, and the most that memory may hold."""
    from chunkscope.blocks.arenas import ARENAS
    from chunkscope.blocks.spilling import SPILLER

    return {"shared": ARENAS.used_bytes, "spilled": SPILLER.spilled_bytes, "limit": SPILLER.limit}


def _adaptive(cluster: LocalCluster) -> dict[str, int] | None:
    """How few and how many workers it may have by its load; None where nothing scales it."""
    found = cluster.adaptive
    return None if found is None else {"minimum": found.minimum, "maximum": found.maximum}


def _find(question: dict[str, Any]) -> LocalCluster:
    name = question.get("cluster")
    found: list[LocalCluster] = CLUSTERS.all()
    for cluster in found:
        if cluster.name == name:
            return cluster
    known = ", ".join(repr(cluster.name) for cluster in found) or "none"
    raise ValueError(f"no cluster named {name!r} is open here; open: {known}")


def _number(question: dict[str, Any], name: str) -> int:
    value = question.get(name)
    if type(value) is not int or not 1 <= value <= MOST_STARTED:
        raise ValueError(f"{name}={value!r} cannot be had; ask for 1 to {MOST_STARTED}")
    return value


def _task(run: int, task: int, start: float, log: RunLog | None) -> dict[str, Any]:
    """A running task for people: where it is, what it is called, since when it runs."""
    name = ""
    if log is not None and 0 <= task < log.ntasks:
        graph = log.graph_at(task)
        layer, key = graph.layer_at(task), graph.key(task)
        name = (layer.label or layer.op)[:60] + (f" {list(key.block)}" if key.block else "")
    return {
        "run": run,
        "task": task,
        "name": name,
        "seconds": round(max(time.perf_counter() - start, 0.0), 1),
    }
