"""The death of a worker: how it ended, what it ran, and what is said of a task that has killed too many."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from chunkscope.errors import WorkerDiedError
from chunkscope.types import Key, SourceSpan
from chunkscope.units import format_bytes, format_count

__all__ = ["MOST_DEATHS", "Deaths", "Loss", "ending", "worker_named"]

MOST_DEATHS = 3
"""A task that was running when so many workers died is given up."""
_TIMES = {1: "once", 2: "twice", 3: "three times"}


def ending(status: int | None) -> str:
    """How a process ended, from its exit code: negative for a signal, as the standard library has it.

    >>> ending(-9), ending(3)
    ('was killed by SIGKILL', 'ended by itself with exit code 3')
    """
    if status is None:
        return "is gone"
    if status >= 0:
        return f"ended by itself with exit code {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def worker_named(name: str) -> str:
    """A worker in a sentence; most names say already what they are the name of.

    >>> worker_named("worker-0"), worker_named("x")
    ('worker-0', 'worker x')
    """
    return name if name.startswith("worker") else f"worker {name}"


@dataclass(frozen=True, slots=True)
class Loss:
    """One worker that died."""

    worker: str
    pid: int
    task: int
    """What it ran at that moment, -1 if nothing."""
    status: int | None
    """Its exit code, negative for a signal; None where nobody knows."""
    last_words: str = ""
    """The interpreter's stack at a crash, where it could still write it."""
    last_output: str = ""
    """The end of what its tasks had printed."""

    verdict: str = ""
    """Why we killed it, where we did."""

    @property
    def signal(self) -> str:
        """The signal that ended it, "SIGKILL"; empty where there was none, or nobody knows."""
        return ending(self.status).rpartition(" ")[2] if self.status is not None and self.status < 0 else ""

    def describe(self) -> str:
        """The death in one line."""
        why = f": {self.verdict}" if self.verdict else ""
        return f"{worker_named(self.worker)} (process {self.pid}) {ending(self.status)}{why}"

    def story(self, ntasks: int) -> str:
        """The death for the run log, with what it costs: `ntasks` that are done again."""
        if not ntasks:
            return f"{self.describe()}; the task that it had is given up"
        return f"{self.describe()}; {format_count(ntasks, 'task')} that it had will be run by another"


class Deaths:
    """How many workers have died while they ran each task of one run."""

    def __init__(self) -> None:
        self._count: dict[int, int] = {}
        self._last: Loss | None = None

    def count(self, loss: Loss, batch: Sequence[int]) -> bool:
        """Enter a death; whether its task has now killed so many workers that it is given up."""
        if loss.task not in batch:
            return False
        self._last = loss
        self._count[loss.task] = self._count.get(loss.task, 0) + 1
        return self._count[loss.task] >= MOST_DEATHS

    def suspects(self, batch: Sequence[int]) -> bool:
        """Whether a worker has died while it ran any of these tasks."""
        return bool(self._count) and any(task in self._count for task in batch)

    def error(self, key: Key, origin: SourceSpan | None, input_bytes: int) -> WorkerDiedError:
        """The error for the task that is given up, with a post-mortem."""
        loss = self._last
        assert loss is not None
        deaths = self._count[loss.task]
        times = _TIMES.get(deaths, f"{deaths} times")
        lines = [
            f"task {key} was given up: the process that ran it died {times}; the last one, {loss.describe()}"
        ]
        if origin is not None:
            lines.append(f"  the task: made by {_line(origin)}")
        lines.append(f"  the inputs of the task: {format_bytes(input_bytes)}")
        if loss.status == -signal.SIGKILL and not loss.verdict:
            lines.append("  SIGKILL comes from outside: often from the system, when memory runs out")
        words, output = _part(loss.last_words, 12), _part(loss.last_output, -6)
        if words:
            lines += ["  the interpreter's last words:", *_indented(words)]
        if output:
            lines += ["  its last output:", *_indented(output)]
        lines.append("  to see it happen, run the task in this process: scheduler='sync'")
        error = WorkerDiedError("\n".join(lines), loss, str(key), origin, input_bytes)
        rows = [
            ("Its process", f"died {times}; the last one, {loss.describe()}"),
            ("Bytes of its inputs", format_bytes(input_bytes)),
            ("Last words", "\n".join(words)),
            ("Last output", "\n".join(output)),
        ]
        error.post_mortem = tuple(row for row in rows if row[1])
        return error


def _line(origin: SourceSpan) -> str:
    return f"{origin.place}, line {origin.line}" + (f": {origin.text}" if origin.text else "")


def _part(text: str, most: int) -> list[str]:
    """The first lines, or with a negative number the last ones."""
    lines = text.strip().splitlines()
    return lines[:most] if most > 0 else lines[most:]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
