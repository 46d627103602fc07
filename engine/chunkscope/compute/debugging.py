"""One task of a run, alone in this thread: what `RunLog.debug` gives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any

from chunkscope.blocks import describe_block, preview
from chunkscope.blocks.frames import Sheltered
from chunkscope.compute.prepare import prepare
from chunkscope.compute.unpack import unpack
from chunkscope.errors import ConfigError
from chunkscope.executors.alone import inputs_of_task, upstream
from chunkscope.graph import Graph
from chunkscope.observe.runlog import RunLog
from chunkscope.observe.viewers import page
from chunkscope.types import Key
from chunkscope.units import format_count

__all__ = ["Debug", "debug"]


class Debug:
    """One task, ready to be run here. Its inputs are computed, in this thread, when first asked for, and kept.

    >>> from chunkscope import delayed, last_run
    >>> x = delayed(lambda y: 1 // y)(delayed(sum)([2, -2]))
    >>> try:
    ...     x.compute()
    ... except ZeroDivisionError:
    ...     found = last_run().debug()
    >>> found.inputs
    [0]
    >>> found.run()
    Traceback (most recent call last):
    ...
    ZeroDivisionError: integer division or modulo by zero
    """

    def __init__(self, log: RunLog, graphs: Sequence[Graph], task: int) -> None:
        self.log = log
        self.task = task
        self._graphs = tuple(graphs)
        graph = next(g for g in self._graphs if task < g.first_task + g.ntasks)
        self.key: Key = graph.key(task)
        self.layer = graph.layer_at(task)
        number = int(graph.layer_of[task - graph.first_task])
        self.block = task - graph.first_task - int(graph.task_ptr[number])
        """The number of the block in its layer: the kernel's first argument."""
        self._inputs: list[Any] | None = None

    @property
    def inputs(self) -> list[Any]:
        """What the task reads, in the kernel's order; recomputed at the first use, from what the task needs alone."""
        if self._inputs is None:
            self._inputs = inputs_of_task(self._graphs, self.task)
        return list(self._inputs)

    @property
    def ninputs(self) -> int:
        """How many blocks the task reads."""
        return len(next(g for g in self._graphs if self.task < g.first_task + g.ntasks).inputs_of(self.task))

    def run(self, *, pdb: bool = False) -> Any:
        """What the task returns; raises what it raises. With `pdb`, a debugger starts where it was raised.

        Frames are handed in as shallow copies and arrays read-only, as in a run, so it can be run again and again.
        """
        try:
            return Sheltered(self.layer.kernel)(self.block, *self.inputs)
        except Exception as error:
            if pdb:
                _post_mortem(error.__traceback__)
            raise

    def describe(self) -> str:
        """The task and its inputs in words. Computes the inputs."""
        lines = [f"task {self.key} of run {self.log.number}: operation {self.layer.op!r}"]
        if self.layer.detail:
            lines[0] += f" ({self.layer.detail})"
        failure = self.log.error
        if failure is not None and failure.task == self.task:
            lines.append(f"  failed with {failure.error.partition(chr(10))[0]}")
            if failure.where:
                lines.append(f"  {failure.where}")
        needs = len(upstream(self._graphs, self.task))
        lines.append(
            f"  its inputs come from {format_count(needs, 'other task')}"
            if needs
            else "  it reads no other task"
        )
        for number, value in enumerate(self.inputs):
            lines.append(f"  inputs[{number}]: {describe_block(value)}")
            lines += [f"    {line}" for line in preview(value).splitlines()]
        lines.append("  .run() runs it here; .run(pdb=True) stops in the debugger where it raises")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Debug of task {self.key} of run {self.log.number}: {format_count(self.ninputs, 'input')}>"

    def _repr_html_(self) -> str | None:
        return page(self)


def debug(log: RunLog, task: int | Key | str | None, of: Any, pdb: bool) -> Debug:
    """See `RunLog.debug`, which calls this."""
    graphs = log.graphs if of is None else _graphs_of(log, of)
    if of is None:
        if log.kept is None:
            raise ConfigError(_gone(log))
        graphs = log.kept
    found = Debug(log, graphs, _number(log, graphs, task))
    if pdb:
        with suppress(Exception):  # it has been looked at in the debugger
            found.run(pdb=True)
    return found


def _gone(log: RunLog) -> str:
    word = "x.sum()" if log.label == "" else "the same value"
    how = f"give the lazy value that it computed, and its kernels are made anew: run.debug(task, of={word})"
    if log.stopped is None:
        return f"run {log.number} goes on; wait for its end, or {how}"
    if log.error is not None:
        return f"run {log.number} failed, but another run has failed since, and only the last keeps its kernels; {how}"
    return f"run {log.number} has let go of its kernels and data when it {log.state.value}; {how}"


def _graphs_of(log: RunLog, of: Any) -> tuple[Graph, ...]:
    """The graph of the lazy value `of`, checked to be the one that the run had."""
    collections, _ = unpack((of,))
    if not collections:
        raise ConfigError(
            f"of={type(of).__name__} is not lazy; give the collection that run {log.number} computed"
        )
    candidates = [prepare(collections, rules=rules).graph for rules in (None, False)]
    for graph in candidates:
        if [(x.name, x.grid) for x in graph.layers] == [(x.name, x.grid) for x in log.graph.layers]:
            return (graph,)
    raise ConfigError(
        f"of= is not what run {log.number} computed: that run had {format_count(log.graph.ntasks, 'task')} in "
        f"{_words(log.graph)}; this has {format_count(candidates[0].ntasks, 'task')} in {_words(candidates[0])}"
    )


def _words(graph: Graph) -> str:
    names = [layer.op for layer in graph.layers]
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "")


def _number(log: RunLog, graphs: Sequence[Graph], task: int | Key | str | None) -> int:
    """The global id of the task that is meant."""
    ntasks = graphs[-1].first_task + graphs[-1].ntasks
    if task is None:
        if log.error is None:
            raise ConfigError(
                f"run {log.number} has no failed task; say which: run.debug(task), a number below {ntasks:,} or a name "
                f"like {str(graphs[0].key(0))!r}"
            )
        return log.error.task
    if isinstance(task, str | Key):
        for graph in graphs:
            for number, layer in enumerate(graph.layers):
                if not str(task).startswith(layer.name):
                    continue
                for local in range(layer.ntasks):
                    if str(Key(layer.name, layer.block(local))) == str(task):
                        return graph.first_task + int(graph.task_ptr[number]) + local
        raise ConfigError(
            f"run {log.number} has no task {str(task)!r}; its first is {str(graphs[0].key(0))!r}"
        )
    if not 0 <= task < ntasks:
        raise ConfigError(
            f"task={task!r} is no task of run {log.number}; use a number from 0 to {ntasks - 1:,}"
        )
    return task


def _post_mortem(trace: TracebackType | None) -> None:
    """The debugger at the end of a traceback: IPython's where it runs, the library's elsewhere."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        import pdb

        pdb.post_mortem(trace)
        return
    from IPython.core.debugger import Pdb

    debugger = Pdb()
    debugger.reset()
    debugger.interaction(None, trace)  # type: ignore[no-untyped-call]
