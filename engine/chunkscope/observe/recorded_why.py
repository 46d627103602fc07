"""Why a task of a recorded run was where it was, at any moment: as far as the recorded facts tell, in the same words.

A recording has no scheduler's state: its rows tell who was ready, ran and waited; its notices tell what was decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, SupportsIndex, TypeVar

import numpy as np

from chunkscope.graph import Strategy
from chunkscope.observe.lineage import alike
from chunkscope.observe.naming import TaskRange, task_meant
from chunkscope.observe.records import LayerInfo, Place
from chunkscope.observe.why import ROUND, Why, named_list, word_of_strategy
from chunkscope.observe.wire import Message, Notices, RowWindow, RunEnded, RunHeader, TaskEdges
from chunkscope.types import Key
from chunkscope.units import format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RecordedWhy"]

_M = TypeVar("_M", bound=Message)
_COLUMNS = ("task", "lane", "ready", "start", "stop")


class RecordedWhy:
    """Answers from the messages of one run."""

    def __init__(self, messages: Iterable[Message]) -> None:
        self._messages = tuple(messages)
        self.header = self._all(RunHeader)[-1]

    def why(self, task: SupportsIndex | str | Key, time: float | None = None) -> Why:
        """See `Recording.why`."""
        number = self.find(task)
        at = np.inf if time is None else time
        began = self._row(number) is not None and self._when("start", number) <= at
        parts = {"turn": self._turn(number, at)}
        if began:
            parts["place"] = self._place(number)
        parts["decided"] = self._decided(number, at)
        parts["fused"] = self._fused(self._layer(number))
        if began:
            parts["again"] = self._again(self._layer(number))
        return Why({topic: sentence for topic, sentence in parts.items() if sentence})

    def find(self, task: SupportsIndex | str | Key) -> int:
        """The number of the task that is meant: see `task_meant`."""
        ranges = [
            TaskRange(layer.name, layer.op, tuple(layer.grid), layer.first_task)
            for layer in self.header.layers
        ]
        return task_meant(self.header.run, ranges, task)

    # -- its turn and its place --------------------------------------------------------------------------------

    def _turn(self, task: int, at: float) -> str:
        return f"{self._key(task)} {self._state(task, at)}."

    def _state(self, task: int, at: float) -> str:
        """What it did at that moment, in the words of a live run."""
        ended = self._ended
        if ended is not None and ended.error is not None and ended.error.task == task and at >= ended.seconds:
            return f"failed: its kernel raised {ended.error.error.partition(chr(10))[0]}"
        if self._row(task) is not None and self._when("start", task) <= at:
            if self._when("stop", task) > at:
                return f"runs: {self._choice(task)}"
            return f"has finished: {self._choice(task)}{self._after(task, at)}"
        if ended is not None and at >= ended.seconds and ended.state != "running":
            return self._never(task, ended)
        missing = [other for other in self._inputs(task) if not self._done(other, at)]
        if missing:
            names = [f"{self._key(other)} ({self._word(other, at)})" for other in missing]
            one = len(missing) == 1
            return f"waits for {'one' if one else len(missing)} of its inputs: {named_list(names)}"
        held = [
            text
            for topic, text, time, about in self._notices
            if about == task and topic == "held" and time <= at
        ]
        if held:
            return held[-1].partition(" ")[2]
        running = self._running(at)
        lanes = len(self.header.lanes)
        if running >= lanes:
            busy = "the only lane is" if lanes == 1 else f"all {lanes} lanes are"
            return f"waits for a lane: {busy} busy"
        return "is ready and starts when a lane asks"

    def _choice(self, task: int) -> str:
        starts = self._columns["start"]
        place = int((starts < self._when("start", task)).sum()) + 1
        names = [str(self._key(other)) for other in self._readers(task)]
        purpose = (
            f"{named_list(names)} need{'s' if len(names) == 1 else ''} it" if names else "it is an output"
        )
        return f"it came first of all that was ready (number {place} of {self.header.ntasks} to start); {purpose}"

    def _after(self, task: int, at: float) -> str:
        if self._edges is None:
            return ""
        readers = self._readers(task)
        kept = task in set(self.header.kept.tolist()) or any(not self._done(other, at) for other in readers)
        return "; what it made is still needed" if kept else "; what it made went with its last reader"

    def _never(self, task: int, ended: RunEnded) -> str:
        failed = -1 if ended.error is None else ended.error.task
        if failed >= 0 and failed in self._upstream(task):
            return f"will never run: {self._key(failed)} failed, and it depends on that"
        how = "was cancelled" if ended.state == "cancelled" else "ended"
        return f"will never run: the run {how} before it started"

    def _place(self, task: int) -> str:
        """On which lane, and what was put before it."""
        lane = int(self._when("lane", task))
        name = self.header.lanes[lane] if lane < len(self.header.lanes) else str(lane)
        only = ", the only lane that this run used" if len(self.header.lanes) == 1 else ""
        ready, start = self._when("ready", task), self._when("start", task)
        starts, tasks = self._columns["start"], self._columns["task"]
        between = int(((starts >= ready) & (starts < start) & (tasks != task)).sum())
        where = f"It ran on {name}{only}."
        if any(topic == "lost" and about == task for topic, _, _, about in self._notices):
            return f"{where} It had begun before, and went with its worker: it was ready again at once."
        if not between:
            return where
        others = "one other task was" if between == 1 else f"{between:,} other tasks were"
        waited = format_seconds(max(start - ready, 0.0))
        return f"{where} It could have begun {waited} earlier; {others} started in between."

    def _decided(self, task: int, at: float) -> str:
        """What was decided about it up to then."""
        said = [(text, time) for _, text, time, about in self._notices if about == task and time <= at]
        return " ".join(f"At {format_seconds(time)}: {text}." for text, time in said)

    # -- what was fused, and what was made again ----------------------------------------------------------------

    def _fused(self, layer: LayerInfo) -> str:
        if layer.strategy == Strategy.STORED.value:
            return "It hands out a block that was stored before: nothing is computed, so there is nothing to fuse."
        if layer.strategy == Strategy.CALL.value:
            return "It is a call of the user's function: calls are never fused, each one is a task."
        sentences = []
        if layer.parts:
            inside = list(dict.fromkeys(part.op for part in reversed(layer.parts)))
            sentences.append(f"Its kernel also makes {named_list(inside)}, fused into it.")
        reasons = list(dict.fromkeys(self._apart(layer)))
        if reasons:
            sentences.append(f"It was not fused further because {'; '.join(reasons)}.")
        return " ".join(sentences)

    def _apart(self, layer: LayerInfo) -> Iterator[str]:
        """Why the layer and its neighbours are different kernels."""
        layers, number = self.header.layers, self.header.layers.index(layer)
        inputs = [layers[a] for a, b in self.header.layer_edges if b == number]
        readers = [layers[b] for a, b in self.header.layer_edges if a == number]
        fusing = [step for step in self.header.rewrites if step.rule.startswith("fuse")]
        refused = {
            step.reason: step.op
            for step in fusing
            if step.refused
            and (
                _same(step.op, step.origin, layer)
                or any(_same(part.op, part.origin, layer) for part in step.others)
                or (
                    step.reason.startswith(f"{step.op} ")
                    and any(_same(step.op, step.origin, x) for x in inputs)
                )
            )
        }
        yield from (f"{reason} (refused at {op})" for reason, op in refused.items())
        if refused:
            return
        plain = (Strategy.SOURCE.value, Strategy.BLOCKWISE.value)
        pairs = [*((x, layer) for x in inputs), *((layer, y) for y in readers)]
        if not fusing and any(x.strategy in plain and y.strategy == plain[1] for x, y in pairs):
            yield "no rewrite of this run fuses (rules were switched off, or none applied)"
            return
        if Strategy(layer.strategy) in ROUND:
            yield f"{layer.op} is a {_kind(layer)}, {_around(layer)}, and only block-wise chains are fused"
        for reader in readers:
            if Strategy(reader.strategy) in ROUND:
                yield (
                    f"{reader.op}, which reads it, is a {_kind(reader)}: {_around(reader)}, so each block has to be "
                    "there on its own"
                )
        kept = (self.header.kept >= layer.first_task) & (self.header.kept < layer.first_task + layer.ntasks)
        if kept.any() and Strategy(layer.strategy) not in ROUND:
            yield f"{layer.op} is an output: its blocks are what was asked for"

    def _again(self, layer: LayerInfo) -> str:
        """What of it is made in other kernels, too."""
        if layer.strategy == Strategy.CALL.value:
            return ""
        others = [part for other in self.header.layers if other is not layer for part in other.parts]
        twice = list(dict.fromkeys(part.op for part in layer.parts if part in others))
        if not twice:
            return ""
        verb, them = ("is", "it") if len(twice) == 1 else ("are", "them")
        return (
            f"{named_list(twice)} {verb} recomputed inside each kernel that reads {them} because that costs less than "
            "keeping the blocks."
        )

    # -- the recorded facts ---------------------------------------------------------------------------------------

    def _all(self, kind: type[_M]) -> list[_M]:
        return [message for message in self._messages if isinstance(message, kind)]

    @cached_property
    def _columns(self) -> dict[str, NDArray[np.float64]]:
        windows = self._all(RowWindow)
        return {
            name: np.concatenate([np.zeros(0), *(getattr(w, name) for w in windows)]) for name in _COLUMNS
        }

    @cached_property
    def _row_of(self) -> NDArray[np.int64]:
        found = np.full(self.header.ntasks, -1, dtype=np.int64)
        found[self._columns["task"].astype(np.int64)] = np.arange(len(self._columns["task"]))
        return found

    @cached_property
    def _edges(self) -> TaskEdges | None:
        return next(iter(self._all(TaskEdges)), None)

    @cached_property
    def _ended(self) -> RunEnded | None:
        return next(iter(self._all(RunEnded)), None)

    @cached_property
    def _notices(self) -> list[tuple[str, str, float, int]]:
        return [
            (topic, text, float(time), int(task))
            for one in self._all(Notices)
            for topic, text, time, task in zip(one.topics, one.texts, one.time, one.task, strict=True)
        ]

    def _row(self, task: int) -> int | None:
        row = int(self._row_of[task])
        return None if row < 0 else row

    def _when(self, column: str, task: int) -> float:
        return float(self._columns[column][self._row_of[task]])

    def _done(self, task: int, at: float) -> bool:
        return self._row(task) is not None and self._when("stop", task) <= at

    def _word(self, task: int, at: float) -> str:
        if self._row(task) is not None and self._when("start", task) <= at:
            return "running"
        return "ready" if all(self._done(other, at) for other in self._inputs(task)) else "waiting"

    def _running(self, at: float) -> int:
        return int(((self._columns["start"] <= at) & (self._columns["stop"] > at)).sum())

    def _inputs(self, task: int) -> list[int]:
        """The tasks that it reads from, each once; none where the edges were too many to record."""
        if self._edges is None:
            return []
        first, last = int(self._edges.ptr[task]), int(self._edges.ptr[task + 1])
        return list(dict.fromkeys(self._edges.producer[first:last].tolist()))

    def _readers(self, task: int) -> list[int]:
        if self._edges is None:
            return []
        places = np.flatnonzero(self._edges.producer == task)
        return sorted(set((np.searchsorted(self._edges.ptr, places, side="right") - 1).tolist()))

    def _upstream(self, task: int) -> set[int]:
        found: set[int] = set()
        stack = [task]
        while stack:
            new = set(self._inputs(stack.pop())) - found
            found |= new
            stack += new
        return found

    def _layer(self, task: int) -> LayerInfo:
        layers: Sequence[LayerInfo] = self.header.layers
        firsts = [layer.first_task for layer in layers]
        return layers[int(np.searchsorted(firsts, task, side="right")) - 1]

    def _key(self, task: int) -> Key:
        layer = self._layer(task)
        block = np.unravel_index(task - layer.first_task, layer.grid) if layer.grid else ()
        return Key(layer.name, tuple(map(int, block)))


def _same(op: str, origin: Place | None, layer: LayerInfo) -> bool:
    """Whether an operation of the rewrite is this layer: made on the same line, under the same word."""
    return origin == layer.origin and alike(layer.op, op)


def _kind(layer: LayerInfo) -> str:
    return word_of_strategy(Strategy(layer.strategy))


def _around(layer: LayerInfo) -> str:
    return ROUND[Strategy(layer.strategy)]
