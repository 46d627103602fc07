"""What ran on a cluster: tasks with their times, transitions, where functions spent theirs, all as plain data."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.parts import ClientParts
from chunkscope.units import parse_seconds

if TYPE_CHECKING:
    from chunkscope.observe import RunLog
    from chunkscope.observe.stacks import Stacks

__all__ = ["History", "rows_of"]

DUMPED = ("scheduler", "workers", "runs", "futures", "events", "versions")


class History(ClientParts):
    """The methods of a client that read the run logs of its cluster."""

    @offloaded
    def get_task_stream(
        self,
        start: float | str | None = None,
        stop: float | str | None = None,
        count: int | None = None,
        plot: Any = False,
        filename: Any = "task-stream.html",
        bokeh_resources: Any = None,
    ) -> Any:
        """The tasks that have ended, as rows: key, name, worker, thread, status, nbytes, startstops.

        start, stop: seconds since 1970, or like "5s" ago. count: the last so many.
        `chunkscope.get_task_stream` collects those of a block of code, and draws them.
        """
        if plot:
            raise ConfigError(
                "get_task_stream(plot=...): `with chunkscope.get_task_stream(plot=True):` draws a chart"
            )
        first, last = _moment(start), _moment(stop)
        rows = [
            row
            for log in self.cluster.crew.logs()
            for row in rows_of(log, self.keys_by_place())
            if (first is None or row["startstops"][-1]["stop"] >= first)
            and (last is None or row["startstops"][-1]["start"] <= last)
        ]
        rows.sort(key=lambda row: float(row["startstops"][-1]["stop"]))
        return rows if count is None else rows[-count:] if count else []

    @offloaded
    def story(self, *keys_or_stimuli: Any, on_error: str = "raise") -> Any:
        """What became of these keys or futures, oldest first: (key, from, to, where, seconds since 1970)."""
        keys = {getattr(one, "key", one) for one in keys_or_stimuli}
        places = {place: key for place, key in self.keys_by_place().items() if key in keys}
        found: list[tuple[str, str, str, str, float]] = []
        for log in self.cluster.crew.logs():
            mine = {task: key for (number, task), key in places.items() if number == log.number}
            offset = log.wall_started - log.started
            rows = log.rows
            for task, lane, ready, start, stop in zip(
                *(column.tolist() for column in (rows.task, rows.lane, rows.ready, rows.start, rows.stop)),
                strict=True,
            ):
                key = mine.get(task) or str(log.graph_at(task).key(task))
                if key in keys:
                    lane_name = log.lanes[lane]
                    found.append((key, "released", "waiting", "", log.wall_started))
                    found.append((key, "waiting", "ready", "", ready + offset))
                    found.append((key, "ready", "executing", lane_name, start + offset))
                    found.append((key, "executing", "memory", lane_name, stop + offset))
            if log.error is not None and log.stopped is not None:
                key = mine.get(log.error.task) or str(log.error.key)
                if key in keys:
                    found.append((key, "executing", "erred", "", log.stopped + offset))
        return sorted(found, key=lambda entry: entry[-1])

    @offloaded
    def profile(
        self,
        key: str | None = None,
        start: float | str | None = None,
        stop: float | str | None = None,
        workers: Collection[str] | None = None,
        merge_workers: bool = True,
        plot: bool = False,
        filename: Any = None,
        server: bool = False,
        scheduler: bool = False,
    ) -> Any:
        """Where the functions of tasks spent their time, seen now and then: a tree of calls as nested dictionaries.

        A node has `identifier`, `description`, `count` (times seen) and `children`. key: of this operation only.
        `run.stacks()` shows the same of one run; `run.save("x.html")` draws it.
        """
        if plot or filename or server or scheduler:
            raise ConfigError(
                "profile(plot=, filename=, server=, scheduler=): run.stacks() shows where time went, "
                "run.save('x.html') draws it; the scheduler takes microseconds a task"
            )
        first, last = _moment(start), _moment(stop)
        root = _node("root", "root", "", 0)
        for log in self.cluster.crew.logs():
            ended = log.wall_started + log.seconds
            if (first is None or ended >= first) and (last is None or log.wall_started <= last):
                _merge(root, log.stacks(), key)
        return root

    # -- to files ----------------------------------------------------------------------------------------------

    @offloaded
    def dump_cluster_state(
        self,
        filename: str | os.PathLike[str] = "chunkscope-cluster",
        write_from_scheduler: bool | None = None,
        exclude: Collection[str] = (),
        format: str = "json",
    ) -> Any:
        """Write all that is known of the cluster to `filename`.json, to be looked at later; returns the path.

        exclude: of "scheduler", "workers", "runs", "futures", "events" and "versions".
        """
        if format != "json":
            raise ConfigError(
                f"format={format!r} is not offered; a dump is JSON, any editor and pandas read it"
            )
        if unknown := set(exclude) - set(DUMPED):
            raise ConfigError(f"exclude={sorted(unknown)} is not known; use some of {', '.join(DUMPED)}")
        info = self.scheduler_info(-1)
        parts = {
            "workers": lambda: info.pop("workers"),
            "scheduler": lambda: {**info, "log": self.cluster.journal.lines()},
            "runs": lambda: [_run_as_data(log) for log in self.cluster.crew.logs()],
            "futures": lambda: {key: promise.status for key, promise in self.desk.known.items()},
            "events": self.cluster.journal.all_events,
            "versions": partial(self.get_versions, asynchronous=False),
        }
        state = {name: part() for name, part in parts.items() if name not in exclude}
        path = Path(filename)
        path = path if path.suffix == ".json" else path.with_name(f"{path.name}.json")
        path.write_text(json.dumps(state, indent=1, default=str), encoding="utf-8")
        return path

    @offloaded
    def write_scheduler_file(self, scheduler_file: str | os.PathLike[str]) -> Any:
        """Write the address of the cluster to a file, for `Client(scheduler_file=...)` in another process."""
        self.check_open()
        self.cluster.write_scheduler_file(scheduler_file)


def rows_of(log: RunLog, names: dict[tuple[int, int], str]) -> Iterator[dict[str, Any]]:
    """The tasks of a run that have ended, as rows of plain data."""
    offset = log.wall_started - log.started
    rows = log.rows
    for task, lane, ready, start, stop, nbytes in zip(
        *(
            column.tolist()
            for column in (rows.task, rows.lane, rows.ready, rows.start, rows.stop, rows.bytes_out)
        ),
        strict=True,
    ):
        graph = log.graph_at(task)
        actions = [{"action": "compute", "start": start + offset, "stop": stop + offset}]
        if log.started < ready < start:
            actions.insert(0, {"action": "wait", "start": ready + offset, "stop": start + offset})
        yield {
            "key": names.get((log.number, task)) or str(graph.key(task)),
            "name": graph.layer_at(task).op,
            "run": log.number,
            "worker": log.lanes[lane],
            "thread": lane,
            "status": "OK",
            "nbytes": nbytes,
            "startstops": actions,
        }


def _moment(told: float | str | None) -> float | None:
    """Seconds since 1970 of a moment, or of so long ago."""
    return time.time() - parse_seconds(told) if isinstance(told, str) else told


def _run_as_data(log: RunLog) -> dict[str, Any]:
    return {
        "number": log.number,
        "label": log.label,
        "state": log.state.value,
        "started": log.wall_started,
        "seconds": log.seconds,
        "tasks": log.ntasks,
        "finished": log.nfinished,
        "operations": [vars(one) if hasattr(one, "__dict__") else one for one in log.by_operation()],
        "error": None if log.error is None else str(log.error),
    }


def _node(identifier: str, name: str, filename: str, line: int) -> dict[str, Any]:
    description = {"name": name, "filename": filename, "line_number": line, "line": ""}
    return {"identifier": identifier, "description": description, "count": 0, "children": {}}


def _merge(root: dict[str, Any], stacks: Stacks, operation: str | None) -> None:
    """Add the stacks of a run to a tree."""
    nodes: list[dict[str, Any] | None] = []
    interval = stacks.interval or 1.0
    for parent, number, layer, seconds in zip(
        stacks.parent.tolist(),
        stacks.frame.tolist(),
        stacks.layer.tolist(),
        stacks.total.tolist(),
        strict=True,
    ):
        above = root if parent < 0 else nodes[parent]
        if above is None or (operation is not None and stacks.operations[layer] != operation):
            nodes.append(None)
            continue
        frame = stacks.frames[number]
        identifier = f"{frame.function};{frame.file};{frame.line}"
        found = above["children"].setdefault(
            identifier, _node(identifier, frame.function, frame.file, frame.line)
        )
        found["count"] += max(1, round(seconds / interval))
        nodes.append(found)
        if parent < 0:
            root["count"] += max(1, round(seconds / interval))
