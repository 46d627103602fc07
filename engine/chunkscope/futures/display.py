"""Clients, clusters, schedulers, workers and futures as pages and in words: each page has a text that says the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import fact_table, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.executors.loss import worker_named
from chunkscope.futures.worker_bar import bytes_words, held_words, memory_bar
from chunkscope.units import format_bytes, format_count

if TYPE_CHECKING:
    from chunkscope.futures.away import AwayCluster
    from chunkscope.futures.client import Client
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.crews import WorkerInfo
    from chunkscope.futures.future import Future

__all__ = [
    "client_html",
    "cluster_html",
    "describe_cluster",
    "describe_scheduler",
    "describe_workers",
    "future_html",
    "scheduler_html",
    "workers_html",
]

Facts = list[tuple[str, object]]

LATEST_LINES = 5
"""Lines of a cluster's journal on its page."""
GIB = 1 << 30


# -- what is said -------------------------------------------------------------------------------------------


def _cluster_facts(cluster: LocalCluster | AwayCluster, workers: Sequence[WorkerInfo]) -> Facts:
    """What a learner looks for: who works, with how much, since when, and where results are."""
    if cluster.status == "closed":
        return [("Status", cluster.status), ("Started", _when(cluster.started))]
    owner = _owner(cluster)
    where = "shared memory of this machine: every worker reads it, nothing is sent"
    facts: Facts = [
        ("Status", cluster.status),
        ("Workers", format_count(len(workers), "worker")),
        ("Threads", _of_each(workers)),
        ("Memory", _memory_words(workers)),
        ("Processes", "yes, one for each worker" if cluster.processes else f"no: threads of {owner}"),
        ("Results live in", where if cluster.processes else f"the memory of {owner}"),
        ("Started", _when(cluster.started)),
    ]
    if cluster.adaptive is not None:
        adaptive = cluster.adaptive
        facts.insert(2, ("Adaptive", f"{adaptive.minimum} to {adaptive.maximum} workers, by the load"))
    return facts


def _scheduler_facts(cluster: LocalCluster | AwayCluster) -> Facts:
    if cluster.status == "closed":
        return [("Network ports", "none")]
    load = cluster.load()
    opened = not cluster.address.startswith("inproc:")
    closed = "closed: only this process can use it; cluster.scheduler_address opens it for others of yours"
    return [
        ("Runs in", f"a thread of {_owner(cluster)}"),
        ("Tasks", f"{format_count(load.running, 'task')} running, {load.waiting:,} waiting for a thread"),
        ("Address", cluster.address if opened else closed),
        ("Network ports", "none"),
    ]


def _staff(cluster: LocalCluster | AwayCluster) -> Sequence[WorkerInfo]:
    """The workers of a cluster; one that is closed has none."""
    return () if cluster.status == "closed" else cluster.workers


def _left(cluster: LocalCluster | AwayCluster) -> Facts:
    """What can be said of a cluster that this process had joined and that cannot be asked any more; else nothing."""
    if getattr(cluster, "line", None) is None or cluster.status != "closed":
        return []
    return [("Status", "closed"), ("Address", cluster.scheduler_address)]


def _of_each(workers: Sequence[WorkerInfo]) -> str:
    total = sum(worker.nthreads for worker in workers)
    each = {worker.nthreads for worker in workers}
    return f"{total} in total" + (f", {each.pop()} of each worker" if len(each) == 1 else "")


def _memory_words(workers: Sequence[WorkerInfo]) -> str:
    """The limits in one unit: 2 workers of "1GB" are 1.86 GiB, 0.93 GiB each."""
    limits = {worker.memory_limit or 0 for worker in workers}
    total = sum(worker.memory_limit or 0 for worker in workers)
    if not total:
        return "no limit"
    each = limits.pop()
    if limits:
        return f"{format_bytes(total)} in total"
    return f"{format_bytes(total)} in total, {_as_large(each, total)} for each worker"


def _as_large(nbytes: int, total: int) -> str:
    """Bytes in the unit that the total is told in."""
    return f"{nbytes / GIB:.2f} GiB" if total >= GIB else format_bytes(nbytes)


def _owner(cluster: LocalCluster | AwayCluster) -> str:
    """Whose process a cluster is in."""
    return "this process" if getattr(cluster, "line", None) is None else "the process that made it"


def _notebook(cluster: LocalCluster | AwayCluster) -> str:
    """Beside which notebook its workers are shown."""
    return "the notebook" if getattr(cluster, "line", None) is None else "the notebook that made the cluster"


def _when(started: float) -> str:
    """Date and time: how long ago that was would be wrong in a saved notebook."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(started))


# -- in words -----------------------------------------------------------------------------------------------


def describe_cluster(cluster: LocalCluster | AwayCluster) -> str:
    """A cluster in lines of text."""
    if facts := _left(cluster):
        return "\n".join(["cluster of another process", *_lines(facts)])
    workers = _staff(cluster)
    lines = [f"cluster {cluster.name}: {cluster.summary}", *_lines(_cluster_facts(cluster, workers))]
    lines += ["  scheduler:", *("  " + line for line in _lines(_scheduler_facts(cluster)))]
    return "\n".join(lines + ["  " + line for line in describe_workers(workers).splitlines()])


def describe_scheduler(cluster: LocalCluster | AwayCluster) -> str:
    """The scheduler of a cluster in lines of text."""
    facts = [("Status", cluster.status), *_scheduler_facts(cluster)]
    return "\n".join([f"scheduler of {cluster.name}", *_lines(facts)])


def describe_workers(workers: Sequence[WorkerInfo]) -> str:
    """Workers in words, a line for each."""
    return "\n".join(
        f"{worker_named(worker.name)}: {worker.status}, {format_count(worker.nthreads, 'thread')}, "
        f"{bytes_words(worker)}, {f'process {worker.pid}' if worker.pid else 'no process'}"
        + (f", died {format_count(worker.deaths, 'time')}" if worker.deaths else "")
        for worker in workers
    )


def _lines(facts: Sequence[tuple[str, object]]) -> list[str]:
    return [f"  {name.lower()}: {value}" for name, value in facts]


# -- pages --------------------------------------------------------------------------------------------------


def client_html(client: Client) -> str:
    """The HTML repr of a client: what it works with at a glance, its cluster below."""
    cluster = client.cluster
    if left := _left(cluster):
        return _page(f"Client {client.name}", fact_table(left))
    workers = _staff(cluster)
    facts = [
        ("Status", client.status),
        ("Cluster", cluster.name),
        *((name, value) for name, value in _cluster_facts(cluster, workers) if name in ("Threads", "Memory")),
        ("Dashboard", f"the panel beside {_notebook(cluster)}, view Workers"),
    ]
    inside = _cluster_body(cluster, workers)
    return _page(
        f"Client {client.name}", fact_table(facts), foldable(f"Cluster {cluster.name}", inside, open_=True)
    )


def cluster_html(cluster: LocalCluster | AwayCluster) -> str:
    """The HTML repr of a cluster: what it is, its scheduler, and a line for each worker."""
    if facts := _left(cluster):
        return _page("Cluster of another process", fact_table(facts))
    return _page(f"Cluster {cluster.name}", _cluster_body(cluster, _staff(cluster)))


def scheduler_html(cluster: LocalCluster | AwayCluster) -> str:
    """The HTML repr of the scheduler of a cluster."""
    facts = [("Status", cluster.status), *_scheduler_facts(cluster)]
    return _page(f"Scheduler of {cluster.name}", fact_table(facts), _workers_part(_staff(cluster)))


def workers_html(workers: Sequence[WorkerInfo]) -> str:
    """The HTML repr of workers: a line for each."""
    return _page(format_count(len(workers), "worker"), _worker_table(workers))


def _cluster_body(cluster: LocalCluster | AwayCluster, workers: Sequence[WorkerInfo]) -> Markup:
    parts = [
        fact_table(_cluster_facts(cluster, workers)),
        _workers_part(workers),
        foldable("Scheduler", fact_table(_scheduler_facts(cluster))),
    ]
    lines = cluster.journal.lines(LATEST_LINES)
    if lines:
        told = [(time.strftime("%H:%M:%S", time.localtime(at)), shorten(text, 200)) for at, text in lines]
        parts.append(foldable("What happened lately", fact_table(told)))
    return fragment(parts)


def _workers_part(workers: Sequence[WorkerInfo]) -> Markup:
    if not workers:
        return fragment(())
    return foldable(format_count(len(workers), "worker"), _worker_table(workers), open_=True)


def _worker_table(workers: Sequence[WorkerInfo]) -> Markup:
    """A line for each worker; what is nothing for all of them has no column."""
    columns: list[tuple[str, list[object]]] = [
        ("Worker", [_whole(worker.name) for worker in workers]),
        ("Status", [worker.status for worker in workers]),
        ("Threads", [worker.nthreads for worker in workers]),
        ("Memory", [_whole(memory_bar(worker), held_words(worker)) for worker in workers]),
    ]
    if any(worker.managed for worker in workers):
        columns.append(("Blocks", [_whole(format_bytes(worker.managed)) for worker in workers]))
    if any(worker.spilled for worker in workers):
        columns.append(("On disk", [_whole(format_bytes(worker.spilled)) for worker in workers]))
    columns.append(("Process", [str(worker.pid) if worker.pid else "none" for worker in workers]))
    if any(worker.deaths for worker in workers):
        columns.append(("Deaths", [worker.deaths for worker in workers]))
    names, cells = zip(*columns, strict=True)
    return row_table(names, list(zip(*cells, strict=True)))


def _whole(*parts: str) -> Markup:
    """Parts of a cell that is not broken into lines."""
    return element("span", *parts, class_="bar")


def _page(title: str, *parts: Markup) -> str:
    return str(wrap(element("div", element("p", title, class_="head"), *parts)))


def future_html(future: Future) -> str:
    """The HTML repr of a future: its state, and what it gave or why not."""
    facts: Facts = [("Key", shorten(future.key, 80)), ("Status", future.status)]
    if future.status == "finished":
        kind = future.type
        facts.append(("Type", "" if kind is None else f"{kind.__module__}.{kind.__qualname__}"))
        facts.append(("Size", format_bytes(future.promise.block.nbytes)))
    elif future.status == "error":
        error = future.promise.block.error
        first = str(error).strip().partition("\n")[0]  # what follows is its post-mortem
        facts.append(("Error", shorten(f"{type(error).__name__}: {first}", 200)))
    return _page("Future", fact_table(facts))
