"""`progress`: a bar for values that are being computed in the background."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from chunkscope.compute import unpack
from chunkscope.diagnostics.notebook import NotebookOutput, in_notebook
from chunkscope.diagnostics.progress_bar import state_of
from chunkscope.diagnostics.terminal import ProgressOutput
from chunkscope.display.progress import Progress
from chunkscope.errors import ConfigError
from chunkscope.expr import Stored, postorder
from chunkscope.observe import runs
from chunkscope.types import BlockRef

__all__ = ["progress"]

INTERVAL = 0.1
MAX_BARS = 8  # of a notebook; more values share one


def progress(*futures: Any, notebook: bool | None = None, width: int = 40) -> None:
    """Shows how far persisted values and futures are; without arguments, the runs that are going on.

    In a notebook it returns at once and the bars stay live below the cell; elsewhere it returns when everything is
    done. `notebook` says which, instead of the guess. What is stored already counts as done.

    Raises ConfigError for values of which nothing is being computed: `persist` starts that.

    >>> from chunkscope import delayed, persist
    >>> x, = persist(delayed(sum)([1, 2]))
    >>> progress(x, width=10)
    [██████████] | 100% Completed | ... | 1 block
    """
    look = _look_at_values(futures) if futures else _look_at_runs()
    if notebook if notebook is not None else in_notebook():
        _show_in_notebook(look, width)
    else:
        _block(look, width)


def _look_at_values(values: Sequence[Any]) -> Callable[[], list[Progress]]:
    """A function that tells how many blocks of each value are there."""
    collections, _ = unpack(tuple(values))
    refs: list[tuple[BlockRef, ...]] = []
    claims: list[BlockRef] = []  # of futures, which are many: one bar for all
    for collection in collections:
        nodes = postorder([collection.__chunkscope_expr__()])
        refs += [node.refs for node in nodes if isinstance(node, Stored)]
        claims += [node.promise.block for node in nodes if hasattr(node, "promise")]
    if claims:
        refs.append(tuple(claims))
    if not refs:
        raise ConfigError(
            "nothing here is being computed: start it with x = x.persist(), then progress(x); or put compute() into "
            "`with ProgressBar():`"
        )
    start = time.perf_counter()

    def look() -> list[Progress]:
        seconds = time.perf_counter() - start
        done = [sum(ref.done for ref in group) for group in refs]
        return [
            Progress(count, len(group), seconds, "finished" if count == len(group) else "running", "block")
            for count, group in zip(done, refs, strict=True)
        ]

    return look


def _look_at_runs() -> Callable[[], list[Progress]]:
    """A function that tells how far the runs are that go on now."""
    live = [run for run in runs() if run.stopped is None]
    return lambda: [state_of(run) for run in live]


def _total(items: Sequence[Progress]) -> Progress:
    """Several as one."""
    state = "running" if any(item.state == "running" for item in items) else "finished"
    seconds = max((item.seconds for item in items), default=0.0)
    noun = items[0].noun if items else "task"
    return Progress(sum(i.done for i in items), sum(i.total for i in items), seconds, state, noun)


def _block(look: Callable[[], list[Progress]], width: int) -> None:
    """Draw until everything is done."""
    output = ProgressOutput(sys.stdout, width)
    while (total := _total(look())).state == "running":
        output.draw(total)
        time.sleep(INTERVAL)
    output.finish(total)


def _show_in_notebook(look: Callable[[], list[Progress]], width: int) -> None:
    """Display the bars and keep them up to date from a thread of their own until everything is done."""
    output = NotebookOutput(width)

    def draw() -> bool:
        items = look()
        output.draw(*(items if len(items) <= MAX_BARS else [_total(items)]))
        return any(item.state == "running" for item in items)

    going_on = draw()

    def follow() -> None:
        nonlocal going_on
        while going_on:
            time.sleep(INTERVAL)
            going_on = draw()

    threading.Thread(target=follow, name="chunkscope-progress", daemon=True).start()
