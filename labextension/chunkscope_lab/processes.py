"""Memory and CPU of a kernel's processes, read from outside: for a kernel that is too busy to speak."""

from __future__ import annotations

import json
from typing import Any

import psutil
from jupyter_server.base.handlers import APIHandler
from tornado import web

__all__ = ["ProcessesHandler", "process_figures"]


def process_figures(pid: int) -> list[dict[str, Any]]:
    """Figures of process `pid` and all its children: resident bytes, CPU seconds so far, number of threads."""
    try:
        first = psutil.Process(pid)
        family = [first, *first.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
    figures = []
    for process in family:
        try:
            with process.oneshot():
                times = process.cpu_times()
                figures.append(
                    {
                        "pid": process.pid,
                        "parent": process.ppid(),
                        "resident_bytes": process.memory_info().rss,
                        "cpu_seconds": times.user + times.system,
                        "threads": process.num_threads(),
                    }
                )
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return figures


class ProcessesHandler(APIHandler):
    """GET chunkscope/processes/KERNEL"""

    @web.authenticated
    def get(self, kernel: str) -> None:
        """Send the figures of one kernel of this server."""
        manager = self.settings["kernel_manager"]
        if kernel not in manager:
            raise web.HTTPError(404, "no such kernel on this server")
        pid = getattr(manager.get_kernel(kernel).provisioner, "pid", None)
        self.finish(json.dumps(process_figures(pid) if isinstance(pid, int) else []))
