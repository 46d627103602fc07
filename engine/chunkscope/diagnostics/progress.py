"""`progress`: a bar for values that are being computed in the background."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
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


def progress(
    *futures: Any,
    notebook: bool | None = None,
    multi: bool = True,
    complete: bool = True,
    group_by: Any = "prefix",
    width: int = 40,
) -> None:
    """Shows how far persisted values and futures are; without arguments, the runs that are going on.

    In a notebook it returns at once and the bars stay live below the cell; elsewhere it returns when everything is
    done. `notebook` says which, instead of the guess. What is stored already counts as done, or is left out
    where `complete` is False. Futures count as tasks, in one bar for each function with `multi`, which is all that
    there is to group by; those that failed or were cancelled are done, and counted beside.

    Raises ConfigError for values of which nothing is being computed: `persist` starts that.

    >>> from chunkscope import delayed, persist
    >>> x, = persist(delayed(sum)([1, 2]))
    >>> progress(x, width=10)
    [██████████] | 100% Completed | ... | 1 block
    """
    if group_by != "prefix":
        raise ConfigError(f"group_by={group_by!r} is not offered: futures are told by their functions")
    look = _look_at_values(futures, multi, complete) if futures else _look_at_runs()
    if notebook if notebook is not None else in_notebook():
        _show_in_notebook(look, width)
    else:
        _block(look, width)


def _look_at_values(
    values: Sequence[Any], multi: bool, complete: bool = True
) -> Callable[[], list[Progress]]:
    """A function that tells how many blocks of each value are there."""
    collections, _ = unpack(tuple(values))
    refs: list[tuple[BlockRef, ...]] = []
    claims: dict[str, list[Any]] = {}  # promises of futures, which are many, by their function
    for collection in collections:
        if hasattr(collection, "client"):
            collection.client.begin()
        nodes = postorder([collection.__chunkscope_expr__()])
        refs += [node.refs for node in nodes if isinstance(node, Stored)]
        for node in nodes:
            if hasattr(node, "promise"):
                claims.setdefault(node.promise.title if multi else "", []).append(node.promise)
    if not refs and not claims:
        raise ConfigError(
            "nothing here is being computed: start it with x = x.persist(), then progress(x); or put compute() into "
            "`with ProgressBar():`"
        )
    if not complete:
        refs = [left for group in refs if (left := tuple(ref for ref in group if not ref.done))]
        claims = {
            label: late
            for label, promises in claims.items()
            if (late := [promise for promise in promises if not promise.block.done])
        }
    start = time.perf_counter()
    before: list[int] = []

    def look() -> list[Progress]:
        items = count(time.perf_counter() - start)
        if not before:
            before.extend(item.done for item in items)
        return [replace(item, before=done) for item, done in zip(items, before, strict=True)]

    def count(seconds: float) -> list[Progress]:
        made = [sum(ref.done for ref in group) for group in refs]
        blocks = [
            Progress(done, len(group), seconds, "finished" if done == len(group) else "running", "block")
            for done, group in zip(made, refs, strict=True)
        ]
        labels = list(claims) if len(claims) > 1 else [""]
        return blocks + [
            _of_promises(promises, label, seconds)
            for label, promises in zip(labels, claims.values(), strict=False)
        ]

    return look


def _of_promises(promises: Sequence[Any], label: str, seconds: float) -> Progress:
    """How far futures are: tasks, and what became of those that gave nothing."""
    ended = Counter(promise.status for promise in promises if promise.block.done or promise.cancelled)
    count = ended.total()
    state = "running" if count < len(promises) else "finished"
    if state == "finished" and not ended["finished"]:
        state = "failed" if ended["error"] else "cancelled"
    said = [("error", "failed"), ("cancelled", "cancelled"), ("lost", "lost")]
    extras = tuple(f"{ended[status]:,} {word}" for status, word in said if ended[status])
    return Progress(count, len(promises), seconds, state, "task", label, extras=extras)


def _look_at_runs() -> Callable[[], list[Progress]]:
    """A function that tells how far the runs are that go on now."""
    live = [run for run in runs() if run.stopped is None]
    return lambda: [state_of(run) for run in live]


def _total(items: Sequence[Progress]) -> Progress:
    """Several as one."""
    state = "running" if any(item.state == "running" for item in items) else "finished"
    seconds = max((item.seconds for item in items), default=0.0)
    noun = items[0].noun if items else "task"
    if state == "finished" and len({item.state for item in items}) == 1:
        state = items[0].state
    if len({item.noun for item in items}) > 1:
        noun = "part"
    extras = items[0].extras if len(items) == 1 else _together(items)
    done, total = sum(item.done for item in items), sum(item.total for item in items)
    before = sum(item.before for item in items)
    return Progress(done, total, seconds, state, noun, extras=extras, before=before)


def _together(items: Sequence[Progress]) -> tuple[str, ...]:
    """What several say beside, summed: "2 failed"."""
    sums: Counter[str] = Counter()
    for item in items:
        for extra in item.extras:
            number, _, word = extra.partition(" ")
            if number.replace(",", "").isdigit():
                sums[word] += int(number.replace(",", ""))
    return tuple(f"{number:,} {word}" for word, number in sums.items())


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
