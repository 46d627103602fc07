"""What a run may leave behind: nothing. Looks at this process and what it has started, never at the whole machine."""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from chunkscope import delayed
from chunkscope.blocks import LEDGER
from chunkscope.blocks.arenas import ARENAS
from chunkscope.blocks.spilling import SPILLER
from chunkscope.executors.cluster.forkserver import SERVER
from chunkscope.executors.cluster.group import PROCESSES
from chunkscope.executors.cluster.page import PAGE_BYTES
from chunkscope.futures import clusters
from tests.engine.engine_threads import engine_threads
from tests.engine.patience import becomes

__all__ = ["nothing_is_left", "strangers"]

SPARE_PAGES = 4
"""Of threads that workers have beside their own, for tasks that wait: they stay for a while."""


def strangers() -> set[int]:
    """Descendants of this process that belong to no pool, no open cluster and are not the fork server."""
    known = {SERVER.pid, *(figures.pid for figures in PROCESSES.workers())}
    for cluster in clusters():
        known |= {worker.pid for worker in cluster.workers}
    found = set()
    for child in psutil.Process().children(recursive=True):
        try:
            if child.pid not in known and child.status() != psutil.STATUS_ZOMBIE:
                found.add(child.pid)
        except psutil.NoSuchProcess:
            continue
    return found


def _memory_files() -> int:
    """Memory without a name that we have open, but for arenas and the pages of workers that are there."""
    arenas, pages = set(), set()
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            if "chunkscope" in os.readlink(f"/proc/self/fd/{descriptor}"):
                found = os.stat(f"/proc/self/fd/{descriptor}")
                (pages if found.st_size == PAGE_BYTES else arenas).add(found.st_ino)
        except OSError:
            continue
    threads = [figures.nthreads for figures in PROCESSES.workers()]
    for cluster in clusters():
        threads += [worker.nthreads for worker in cluster.workers]
    return max(0, len(arenas) - len(ARENAS.numbers)) + max(0, len(pages) - sum(threads) - SPARE_PAGES)


def _shared_names() -> set[str]:
    return {name for name in os.listdir("/dev/shm") if "chunkscope" in name}


@contextmanager
def nothing_is_left(folder: Path, seconds: float = 10) -> Iterator[None]:
    """Whatever happens inside: afterwards there is no process, thread, file or byte that was not there before.

    `folder`: an empty one, where temporary files go meanwhile.
    """
    before, threads = strangers(), engine_threads()
    used, spilled, held = ARENAS.used_bytes, SPILLER.spilled_bytes, LEDGER.held
    files, names = _memory_files(), _shared_names()
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    environment = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = usual
        if environment is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = environment

    def left() -> list[str]:
        found = {
            "processes": strangers() - before,
            "threads": [thread.name for thread in engine_threads() - threads],
            "shared memory": max(0, ARENAS.used_bytes - used),
            "bytes on disk": max(0, SPILLER.spilled_bytes - spilled),
            "bytes in the ledger": max(0, LEDGER.held - held),
            "files of memory": max(0, _memory_files() - files),
            "names in /dev/shm": _shared_names() - names,
            "temporary files": [path.name for path in folder.iterdir()],
        }
        return [f"{name}: {value}" for name, value in found.items() if value]

    def nothing() -> bool:
        if not left():
            return True
        gc.collect()
        return False

    _let_go_of_the_last_failure()
    if not nothing() and not becomes(nothing, seconds):
        ARENAS.trim()
        raise AssertionError("left behind: " + "; ".join(left()))


def _let_go_of_the_last_failure() -> None:
    """The run that failed last keeps its data, to be debugged: let it be one that has none."""
    with contextlib.suppress(ZeroDivisionError):
        delayed(divmod)(1, 0).compute(scheduler="sync")
