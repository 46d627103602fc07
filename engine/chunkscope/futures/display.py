"""Clients, clusters and futures as pages and in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from chunkscope.display.markup import element, shorten
from chunkscope.display.tables import Bar, fact_table, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from chunkscope.futures.away import AwayCluster
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.future import Future

__all__ = ["client_html", "cluster_html", "describe_cluster", "future_html"]


def _facts(cluster: LocalCluster | AwayCluster) -> list[tuple[str, object]]:
    """What a learner looks for: who works, with how much, since when, and where results are."""
    workers = cluster.workers
    total = sum(worker.memory_limit or 0 for worker in workers)
    where = (
        "shared memory of this machine, read by every worker"
        if cluster.processes
        else f"memory of {_owner(cluster)}"
    )
    return [
        ("Status", cluster.status),
        (
            "Workers",
            f"{len(workers)}, {'processes' if cluster.processes else f'threads of {_owner(cluster)}'}",
        ),
        ("Threads", f"{sum(worker.nthreads for worker in workers)} in total"),
        ("Memory limit", f"{format_bytes(total)} in total" if total else "none"),
        ("Results live in", where),
        ("Scheduler", f"a thread of {_owner(cluster)}; {cluster.address}"),
        ("Started", time.strftime("%H:%M:%S", time.localtime(cluster.started))),
    ]


def _owner(cluster: LocalCluster | AwayCluster) -> str:
    """Whose process a cluster is in."""
    return "this process" if getattr(cluster, "line", None) is None else "the process that made it"


def describe_cluster(cluster: LocalCluster | AwayCluster) -> str:
    """A cluster in lines of text."""
    lines = [f"cluster {cluster.name}: {cluster.summary}"]
    lines += [f"  {name.lower()}: {value}" for name, value in _facts(cluster)]
    lines += [
        f"  worker {worker.name}: {worker.status}, {format_count(worker.nthreads, 'thread')}, "
        f"{format_bytes(worker.memory)} of {_limit(worker.memory_limit)}, process {worker.pid}"
        for worker in cluster.workers
    ]
    return "\n".join(lines)


def cluster_html(cluster: LocalCluster | AwayCluster) -> str:
    """The HTML repr of a cluster: what it is, and a line for each worker."""
    return _page(f"Cluster {cluster.name}", cluster)


def client_html(client: Client) -> str:
    """The HTML repr of a client: its cluster."""
    return _page(f"Client {client.name}: {client.status}", client.cluster)


def _page(title: str, cluster: LocalCluster | AwayCluster) -> str:
    rows = [
        (
            worker.name,
            worker.status,
            worker.nthreads,
            Bar(
                min(worker.memory / worker.memory_limit, 1.0) if worker.memory_limit else 0.0,
                f"{format_bytes(worker.memory)} of {_limit(worker.memory_limit)}",
            ),
            str(worker.pid),
        )
        for worker in cluster.workers
    ]
    head = element("p", title, class_="head")
    table = row_table(("Worker", "Status", "Threads", "Memory", "Process"), rows)
    body = element(
        "div",
        head,
        fact_table(_facts(cluster)),
        foldable(format_count(len(rows), "worker"), table, open_=True),
    )
    return str(wrap(body))


def _limit(limit: int | None) -> str:
    return "no limit" if limit is None else format_bytes(limit)


def future_html(future: Future) -> str:
    """The HTML repr of a future: its state, and what it gave or why not."""
    facts: list[tuple[str, object]] = [("Key", shorten(future.key, 80)), ("Status", future.status)]
    if future.status == "finished":
        kind = future.type
        facts.append(("Type", "" if kind is None else f"{kind.__module__}.{kind.__qualname__}"))
        facts.append(("Size", format_bytes(future.promise.block.nbytes)))
    elif future.status == "error":
        error = future.promise.block.error
        facts.append(("Error", shorten(f"{type(error).__name__}: {error}", 200)))
    return str(wrap(element("div", element("p", "Future", class_="head"), fact_table(facts))))
