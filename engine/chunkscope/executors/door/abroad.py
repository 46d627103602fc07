"""Runs that are carried out by the cluster that this process has joined: its log fills with what is told from there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.carry import carried
from chunkscope.errors import ClusterError
from chunkscope.events import FAILURE, Failure
from chunkscope.executors.cluster.aside import aside
from chunkscope.executors.door.hosted import TOPIC, Errand, News
from chunkscope.executors.drive import wait_for
from chunkscope.executors.opened import OPENED, Opened
from chunkscope.observe import registry

if TYPE_CHECKING:
    from chunkscope.executors.door.line import Line
    from chunkscope.executors.run import Run
    from chunkscope.graph import Graph

__all__ = ["Abroad"]


class Abroad:
    """The runs of one line."""

    def __init__(self, line: Line, lanes: Callable[[], int]) -> None:
        """`lanes` asks how many tasks run at once there."""
        self._line = line
        self._runs: dict[int, Run] = {}
        self._early: dict[int, list[News]] = {}
        self._disowned: set[int] = set()  # those whose news nobody wants, until they end there too
        self._lock = threading.Lock()
        self.executor = Opened("cluster", self.start, lanes)
        line.hear(TOPIC, self._learn)
        line.on_end.append(self._give_up)

    def start(self, run: Run, wait: bool) -> None:
        """Send it there; with `wait`, return when it has ended."""
        run.on_end.append(lambda run: registry.end(run.log))
        log = run.log
        ranks = log.ranks
        errand = Errand(
            _portable(log.graph),
            ranks,
            len(log.graph.outputs),
            run.max_lanes,
            run.budget,
            run.priority,
            log.label,
            log.origin,
            log.profile_interval,
        )
        try:
            number: int = aside(lambda: self._line(TOPIC, ("start", tuple(errand))), late=self._disown)
        except Exception as error:
            run.abort(error)
            return
        except BaseException:
            run.cancel()
            raise
        run.on_end.append(lambda run: self._ended(number))
        log.attach(running=list)
        over = False
        while not over:  # what comes while this is told waits behind it
            with self._lock:
                early = self._early.pop(number, [])
                if not early:
                    self._runs[number] = run
                    break
            for news in early:
                self._tell(run, news)
                over = over or news.ended
        try:
            self._line.check()
        except ClusterError as error:  # it ended before this run was among those that end with it
            self._give_up(error)
        if run.done.is_set():  # cancelled meanwhile
            self._ended(number)
        if wait:
            wait_for(run)

    def _disown(self, number: int) -> None:
        """Whoever started this run was interrupted before they learned its number."""
        with self._lock:
            news = self._early.pop(number, [])
            if any(one.ended for one in news):
                return
            self._disowned.add(number)
        self._cancel(number)

    def _ended(self, number: int) -> None:
        """Where it has ended here first, it was cancelled: the owner is told."""
        with self._lock:
            known = self._runs.pop(number, None)
            if known is not None:
                self._disowned.add(number)
        if known is not None and not self._line.closed:
            threading.Thread(target=self._cancel, args=(number,), daemon=True).start()

    def _cancel(self, number: int) -> None:
        try:
            self._line(TOPIC, ("cancel", number))
        except ClusterError:
            return

    def _learn(self, told: tuple[Any, ...]) -> None:
        news = News(*told)
        with self._lock:
            run = self._runs.get(news.number)
            if run is None:
                if news.number in self._disowned:
                    if news.ended:
                        self._disowned.discard(news.number)
                    return
                self._early.setdefault(news.number, []).append(news)
                return
            if news.ended:
                del self._runs[news.number]
        self._tell(run, news)

    def _tell(self, run: Run, news: News) -> None:
        """Enter what has happened there."""
        log = run.log
        if run.unwanted:
            run.cancel()
        with run.lock:
            if log.stopped is not None:
                return
            log.lanes[len(log.lanes) :] = news.lanes[len(log.lanes) :]
            for row in zip(*(column.tolist() for column in news.rows), strict=True):
                log.columns.append(*row)
            for notice in news.notices:
                log.notices.add(notice)
            log.attach(running=lambda: list(news.running))
        try:
            for position, block in news.blocks:
                run.delivery.put_kept(position, block)
        except Exception as error:  # a block that its taker cannot use
            run.abort(error)
        if news.ended:
            raised = None if news.error is None else carried(news.error)
            failure = None if raised is None else raised.__dict__.get(FAILURE)
            run.conclude(raised, failure if isinstance(failure, Failure) else None)

    def _give_up(self, error: ClusterError) -> None:
        """The line has ended: so have the runs. The next ones do not go there."""
        OPENED.leave(self.executor)
        with self._lock:
            runs, self._runs = list(self._runs.values()), {}
        for run in runs:
            run.abort(error)


def _portable(graph: Graph) -> Graph:
    """The graph with kernels that can be sent."""
    layers = tuple(
        layer if (light := getattr(layer.kernel, "light", None)) is None else replace(layer, kernel=light())
        for layer in graph.layers
    )
    return replace(graph, layers=layers)
