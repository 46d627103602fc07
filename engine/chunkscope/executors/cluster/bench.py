"""In a worker: what it works on. To the hot loop it looks like a run: a table, data, and who is at it."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from chunkscope.blocks import Measured, Sheltered, size_of
from chunkscope.blocks.arenas import write_all
from chunkscope.blocks.carry import packed_error
from chunkscope.blocks.frames import is_frame
from chunkscope.blocks.packing import INLINE_BYTES, is_plain, starts_of, take_apart
from chunkscope.blocks.recycle import lending
from chunkscope.errors import TransferError
from chunkscope.executors.cluster.grants import Grants, Lender
from chunkscope.executors.cluster.looking import LOOKER, Sight
from chunkscope.executors.cluster.outside import OUTSIDE
from chunkscope.executors.cluster.page import Page
from chunkscope.executors.cluster.reader import Reader
from chunkscope.executors.cluster.wire import ALIAS, INLINE, OWN, LayerCard, Outcome
from chunkscope.executors.drive import in_task
from chunkscope.executors.perform import perform
from chunkscope.executors.place import place as standing
from chunkscope.executors.report import Report
from chunkscope.executors.table import LayerEntry, treatment
from chunkscope.executors.watching import WATCHERS, Watched
from chunkscope.graph import Layer, Strategy
from chunkscope.graph.layer import FrameShape
from chunkscope.observe.processor import usage_now

__all__ = ["Bench", "Table"]

_ATOMS = frozenset((int, float, bool, type(None)))
_A_FRAME = FrameShape((), (), False)


class _Nowhere:
    """No slot is among the outputs here: blocks go to the parent, whoever asked for them."""

    def __getitem__(self, slot: int) -> int:
        return 0


class Table:
    """The graph of one run as this worker knows it. Kernels come when they are needed."""

    def __init__(
        self, cards: Sequence[LayerCard], columns: Sequence[tuple[Any, ...]], reader: Reader
    ) -> None:
        self._reader = reader
        self._kernels: dict[int, tuple[Any, ...]] = {}
        self.layers: list[LayerEntry | None] = []
        self.noted: dict[int, int] = {}
        self.sheltered = False
        self.output_at = _Nowhere()
        self.slot_bytes: dict[int, int] = {}
        self.depth = 0
        """How many tasks wait for it."""
        self.opened = perf_counter()
        self.interval: float | None = None
        """Seconds between two looks at what functions run; None: never."""
        self.refresh(cards, columns)

    def refresh(self, cards: Sequence[LayerCard], columns: Sequence[tuple[Any, ...]]) -> None:
        """Take over the graph, once more where it has grown."""
        self._cards = cards
        self.layers.extend([None] * (len(cards) - len(self.layers)))
        arrays = [self._reader.load(column, lasting=True) for column in columns]
        self.layer_of, self.dep_ptr, self.deps = (memoryview(array) for array in arrays)

    def add_kernel(self, number: int, name: tuple[Any, ...]) -> None:
        """The kernel of a layer, to be unpickled with its first task."""
        self._kernels[number] = name

    def prepare(self, tasks: Sequence[int]) -> None:
        """Have the kernels of `tasks` at hand; raises what unpickling raises."""
        layers, layer_of = self.layers, self.layer_of
        for number in {layer_of[task] for task in tasks}:
            if layers[number] is None:
                kernel = self._reader.load(self._kernels[number], lasting=True)
                self.layers[number] = self._entry(self._cards[number], kernel)
                del self._kernels[number]

    def _entry(self, card: LayerCard, kernel: Callable[..., Any]) -> LayerEntry:
        strategy = Strategy(card.strategy)
        layer = Layer(
            "",
            card.op,
            kernel,
            (),
            strategy,
            card.noutputs,
            user=card.user,
            frame=_A_FRAME if card.frame else None,
        )
        protect, weigh = treatment(layer)
        if card.user or strategy is Strategy.CALL:
            kernel = Sheltered(kernel)
        if card.scratch_bytes:
            kernel = Measured(kernel, card.first_task, card.scratch_bytes, self.noted)
        if WATCHERS:
            kernel = Watched(kernel, card.name, card.grid)
        return kernel, card.first_task, card.first_slot, card.noutputs, protect, weigh

    def shelter(self) -> None:
        """Every user's kernel is sheltered here from the beginning."""
        self.sheltered = True


class Bench:
    """The place of a worker at a run: `perform(bench, 0, batch)`."""

    stopping = False

    def __init__(self, reader: Reader, page: Page, ask: Callable[[int], tuple[int, int, int]]) -> None:
        self.reader = reader
        self.current = page.task
        self.since = page.since
        self.reports: list[Report | None] = [None]
        self.lock = threading.Lock()
        self.data: dict[int, Any] = {}
        self.tables: dict[int, Table] = {}
        self.table: Any = None
        self.sight = Sight()
        self._ask = ask
        self._lender = Lender(reader)
        self._quiet: list[int] = []

    def deliver(self, slot: int, value: Any) -> None:
        """Nobody asks for a block here."""

    def work(self, body: bytes | bytearray) -> Outcome:
        """Perform one batch, and say what came of it."""
        run, tasks, self._quiet, self.data, packed, extents = pickle.loads(body)
        grants = self._grants = Grants(extents, self._ask, self._lender)
        self.table = table = self.tables[run]
        seat = standing()
        if seat is not None:
            seat.depth = table.depth + 1
        before = usage_now()
        if table.interval is not None:
            LOOKER.begin(self)
        values: list[Any] = []
        report = Report(tasks)
        try:
            self._fetch(tasks, packed)
            with in_task(), lending(grants.lend):
                report = perform(self, 0, tasks)  # type: ignore[arg-type]  # all that the loop needs of a run
            self._collect(report, values, grants)
        except KeyboardInterrupt as error:
            self.current[0] = -1
            report = Report(tasks)
            values.clear()
            report.fail(tasks[0], error)
        except _Unreadable as error:
            report.fail(error.task, error.reason)
        if report.failed is not None and report.error is not None:
            self._note_inputs(report.failed, report.error)
        outcome = self._came_of(report, values)
        report.error = None
        self.reports[0] = None
        self.data = {}
        table.slot_bytes.clear()
        kept, let_go = self.reader.settle()
        clung, unclung = grants.settle()
        return outcome._replace(
            kept=kept,
            let_go=let_go,
            clung=clung,
            unclung=unclung,
            processor=(*before, *usage_now()),
            seen=self.sight.take(),
        )

    def _came_of(self, report: Report, values: list[Any]) -> Outcome:
        """What finished, and what failed. What the worker still refers to is not in it yet."""
        n = len(report.stops)
        failure = packed_error(report.error) if report.error is not None else b""
        failed = -1 if report.failed is None else report.failed
        noted = dict(self.table.noted)
        self.table.noted.clear()
        return Outcome(report.starts[:n], report.stops, report.sizes[:n], values, noted, failed, failure)

    def settle(self) -> tuple[int, Outcome] | None:
        """The running task, which may wait for others, and what came of those before it; None where it is alone.

        What comes after it in the batch is not run here.
        """
        report = self.reports[0]
        if report is None or len(report.batch) == 1:
            return None
        n = len(report.stops)
        task = report.batch[n]
        part = Report(report.batch[:n])
        part.starts, part.stops, part.sizes = report.starts[:], report.stops[:], report.sizes[:]
        report.batch[:] = [task]
        for told in (report.starts, report.stops, report.sizes):
            told.clear()
        values: list[Any] = []
        since = self.since[0]
        self._collect(part, values, self._grants)
        self.current[0], self.since[0] = task, since
        return task, self._came_of(part, values)

    def _note_inputs(self, task: int, error: BaseException) -> None:
        """What a fused operation was given can be told only here, where its frames are."""
        from chunkscope.executors.failure import note_inputs

        entry = self.table.layers[self.table.layer_of[task]]
        if entry is not None:
            note_inputs(entry[0], error)

    def _fetch(self, tasks: list[int], packed: dict[int, tuple[Any, ...]]) -> None:
        """Kernels and inputs; what cannot be read fails the first task that needs it."""
        try:
            self.table.prepare(tasks)
        except Exception as reason:
            raise _Unreadable(tasks[0], _told("the function of this task", reason)) from reason
        data = self.data
        if packed:
            self.current[0] = tasks[0]
        for value in data.values():
            if type(value) is np.ndarray:
                value.setflags(write=False)
        for slot, name in packed.items():
            try:
                value = data[slot] = self.reader.load(name)
            except Exception as reason:
                raise _Unreadable(
                    self._reader_of(slot, tasks), _told("an input of this task", reason)
                ) from reason
            if type(value) is np.ndarray:
                value.setflags(write=False)
            else:
                is_frame(type(value))  # from now on user code gets frames as shallow copies
        self.current[0] = -1

    def _reader_of(self, slot: int, tasks: list[int]) -> int:
        deps, ptr = self.table.deps, self.table.dep_ptr
        return next(task for task in tasks if slot in deps[ptr[task] : ptr[task + 1]].tolist())

    def _inner(self, done: list[int]) -> set[int]:
        """The slots of this batch that tasks of it alone have read, which have finished."""
        quiet = self._quiet
        if not quiet:
            return set()
        deps, ptr, finished = self.table.deps, self.table.dep_ptr, set(done)
        return {
            slot for task in quiet if task in finished for slot in deps[ptr[task] : ptr[task + 1]].tolist()
        }

    def _collect(self, report: Report, values: list[Any], grants: Grants) -> None:
        """The outputs of what has finished, each plain or in the store. One that cannot go fails its task.

        Those that only others of this batch have read stay here.
        """
        inner = self._inner(report.done)
        left_out: dict[int, tuple[int, int]] = {}  # where those are among the finished tasks and in `values`
        marks: list[int] = []
        for place, task in enumerate(report.done):
            marks.append(len(values))
            try:
                for slot in self._slots(task):
                    if slot in inner:
                        left_out[slot] = place, len(values)
                        values.append(())
                    else:
                        values.append(self._named(self.data.pop(slot), grants, task))
            except Exception as reason:
                self._give_up(report, place, reason, values, grants, marks)
                self._hand_in(report, place, left_out, values, grants, marks)
                return

    def _slots(self, task: int) -> range:
        """The slots that a task fills."""
        _, first_task, first_slot, noutputs, _, _ = self.table.layers[self.table.layer_of[task]]
        slot = first_slot + (task - first_task) * noutputs
        return range(slot, slot + noutputs)

    def _give_up(
        self,
        report: Report,
        place: int,
        reason: Exception,
        values: list[Any],
        grants: Grants,
        marks: list[int],
    ) -> None:
        """The result of the task at `place` cannot go: it has failed, and what came after it was not done."""
        self.current[0] = -1
        task = report.batch[place]
        undone = [told for told in values[marks[place] :] if type(told) is tuple and told and told[0] == OWN]
        grants.undo((told[1], *told[8:10]) for told in undone)
        del values[marks[place] :]
        del report.stops[place:]
        report.fail(task, _told("the result of this task", reason, sending=True))

    def _hand_in(
        self,
        report: Report,
        place: int,
        left_out: dict[int, tuple[int, int]],
        values: list[Any],
        grants: Grants,
        marks: list[int],
    ) -> None:
        """The inputs of a task that has failed are wanted after all."""
        task = report.batch[place]
        ptr = self.table.dep_ptr
        for slot in self.table.deps[ptr[task] : ptr[task + 1]].tolist():
            if slot in left_out:
                maker, at = left_out.pop(slot)
                try:
                    values[at] = self._named(self.data[slot], grants, task)
                except Exception as reason:
                    self._give_up(report, maker, reason, values, grants, marks)
                    self._hand_in(report, maker, left_out, values, grants, marks)
                    return

    def _named(self, value: Any, grants: Grants, task: int) -> Any:
        """A value as it is reported: itself, or the name of its block."""
        if type(value) in _ATOMS or is_plain(value):
            return value
        return self._packed(value, grants, task)

    def _packed(self, value: Any, grants: Grants, task: int) -> tuple[Any, ...]:
        """(where, arena, starts, kind, header, sizes, inline, weight, start, bytes, numbers)."""
        self.current[0] = task  # pickling may run the user's code
        with OUTSIDE.naming() as names:
            shape, buffers = take_apart(value)
        if names:
            OUTSIDE.hand_on(names)
        self.current[0] = -1
        starts, total = starts_of(shape.sizes)
        weight = size_of(value)
        if total < INLINE_BYTES:
            return (INLINE, -1, (), *shape, tuple(map(bytes, buffers)), weight, 0, 0, names)
        alias = self._alias(buffers, sum(shape.sizes)) if shape.header else None
        if alias is not None:
            number, arena, places = alias
            return (ALIAS, arena, places, *shape, (), weight, number, 0, names)
        made = grants.made_into_block(buffers[0]) if shape.header and len(buffers) == 1 else None
        if made is not None:
            (arena, start, size), position = made
            return (OWN, arena, (position,), *shape, (), weight, start, size, names)
        arena, start, size = grants.take(total)
        file = self.reader.file(arena)
        for at, buffer in zip(starts, buffers, strict=True):
            write_all(file, start + at, [buffer])
        return (OWN, arena, tuple(start + at for at in starts), *shape, (), weight, start, size, names)

    def _alias(self, buffers: Sequence[Any], nbytes: int) -> tuple[int, int, tuple[int, ...]] | None:
        """Where the buffers are already, if all are parts of one lease that would not be held for much less."""
        found = [self.reader.place_of(buffer) for buffer in buffers]
        first = found[0]
        if first is None:
            return None
        hold = first[0]
        places = tuple(place[1] for place in found if place is not None and place[0] is hold)
        if len(places) < len(buffers) or not (hold.whole or 2 * nbytes >= hold.held_bytes):
            return None
        return hold.number, hold.arena, places


class _Unreadable(Exception):
    """Something that a task needs cannot be unpickled here."""

    def __init__(self, task: int, reason: BaseException) -> None:
        super().__init__(task)
        self.task = task
        self.reason = reason


def _told(what: str, reason: BaseException, *, sending: bool = False) -> TransferError:
    how = "cannot be sent from its worker process" if sending else "cannot be read in a worker process"
    remedy = "return plain data, arrays or frames" if sending else "its module must be importable there, too"
    error = TransferError(
        f"{what} {how} ({type(reason).__name__}: {reason}); {remedy}, or use scheduler='threads'"
    )
    error.__cause__ = reason
    return error
