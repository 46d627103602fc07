"""The stand-in of a worker's thread in this process: performs a batch by having its process perform it."""

from __future__ import annotations

import contextlib
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.arenas import ARENAS, Lease
from chunkscope.blocks.carry import packed_error
from chunkscope.blocks.packing import Packed, pack
from chunkscope.blocks.spilling import SPILLER
from chunkscope.errors import ClusterError, RunCancelled
from chunkscope.executors.cluster import home, wire
from chunkscope.executors.cluster.channel import Channel, ChannelClosed
from chunkscope.executors.cluster.forward import SAYING, TASK
from chunkscope.executors.cluster.grants import Granted
from chunkscope.executors.cluster.intake import fetch_stored, look, take_in
from chunkscope.executors.cluster.process import NoSeatError, Process, Seat
from chunkscope.executors.cluster.telling import Teller
from chunkscope.executors.loss import Loss
from chunkscope.executors.narrate import tell_said
from chunkscope.executors.place import in_place, place
from chunkscope.executors.report import Report
from chunkscope.observe.processor import Usage

if TYPE_CHECKING:
    from chunkscope.executors.cluster.shipment import Shipment
    from chunkscope.executors.pool import Place
    from chunkscope.executors.run import Run

__all__ = ["Member"]

MOST_OUTPUT = 20
"""Messages whose text is kept in case that the process dies."""
LOOK_SECONDS = 0.1
MOST_EXCESS = 1.25
"""A task that makes its process hold so many times its memory limit is stopped."""
GRACE_SECONDS = 0.3
"""How long an interrupted task may take to end before its process is killed."""
MOST_FALSE_STARTS = 3
"""Processes in a row that end before they run anything."""
KILLED_COUNTS = 0.03
"""One that was killed from outside is hardly a sign that none can be started."""
_NONE: frozenset[int] = frozenset()


class Member(Teller):
    """One thread of a worker process and its place in runs. Used by one thread here at a time."""

    _batch: list[int]
    _followers: frozenset[int]

    def __init__(self, process: Process, thread: int = 0) -> None:
        super().__init__(process, thread)
        self.name = process.name if process.nthreads == 1 and not thread else f"{process.name}-{thread}"
        self.place: Place | None = None
        """The place of the lane that uses it now."""
        self.gone = False
        """Whether its seat, a further one, went with the process: nobody can sit there again."""
        self.run: Run | None = None
        """The run that it performs a batch of now."""
        self._seat: Seat | None = None
        self._kept: dict[int, Lease] = {}
        self._clung: dict[tuple[int, int], Lease] = {}  # of what it has made and still refers to, by place
        self._answers: list[Packed] = []
        """What the running task was answered: it names things that are kept until the task claims them."""
        self._false_starts = 0.0
        self._said: deque[str] = deque(maxlen=MOST_OUTPUT)  # by the tasks of this batch
        self._interrupted = 0.0

    def running(self) -> tuple[int, float]:
        """The task that runs now, -1 for none, and since when."""
        seat = self._seat
        return (-1, 0.0) if seat is None else seat.page.now()

    def stand_up(self) -> None:
        """Let go of the seat; nobody performs anything here any more."""
        seat, self._seat = self._seat, None
        self._kept.clear()
        if seat is not None:
            if self.process.keeps(seat):
                for lease in self._clung.values():  # the process goes on, and may refer to it until it ends
                    seat.asker.hold(lease)
            seat.close()
        self._clung.clear()

    @property
    def seated(self) -> bool:
        """Whether its seat is in the living process."""
        return self._seat is not None and self.process.keeps(self._seat)

    def seat_further(self, number: int) -> Member | None:
        """The stand-in of one more thread of the process, which is asked for it on this one's channel.

        Called while this one's task waits for an answer, and so reads what comes. None where the process is gone.
        """
        seat = self._seat
        if seat is None:
            return None
        beside = seat.beside()
        if beside is None:
            return None
        found = Member(self.process, number)
        found._seat = beside
        found._world = dict(seat.world)
        return found

    def close_run(self, number: int, *, soon: bool = False) -> None:
        """The run is over: the process may forget it, with its next batch or `soon`. Called by any thread."""
        self._over.append(number)
        self._tells_soon = self._tells_soon or soon

    def rest(self) -> None:
        """No lane uses it for now: have the process forget what must not be held for long."""
        if self._tells_soon and self.seated:
            with contextlib.suppress(ChannelClosed):
                self._tell_over()

    def _sit_down(self) -> Seat:
        """The seat, in a living process; one that is new knows nothing yet."""
        seat = self.process.seat(self.thread, self._seat)
        if seat is not self._seat:
            self._seat = seat
            self._world = dict(seat.world)
            self._forget()
        return seat

    def _forget(self) -> None:
        for known in (self._arenas, self._runs, self._over, self._kernels, self._kept, self._clung):
            known.clear()

    # -- a batch --------------------------------------------------------------------------------------------

    def perform(self, run: Run, lane: int, batch: list[int], shipment: Shipment) -> Report:
        """Have a batch performed. A failure, and the death of the process, are part of the report."""
        part = self._batch = batch
        followers = self._followers = run.followers.pop(lane, _NONE)
        if shipment.version != len(run.log.graphs):
            shipment.opening()
        if shipment.stored:
            stored, layer_of = shipment.stored, run.table.layer_of
            local = layer_of[batch[0]] in stored
            n = 1
            while n < len(batch) and (layer_of[batch[n]] in stored) is local:
                n += 1
            part = batch if n == len(batch) else batch[:n]
            if local:
                report = fetch_stored(run, part, shipment)
                report.batch, report.followers = batch, followers  # the rest is handed out again
                return report
        try:
            if self.process.nthreads == 1:
                report = self._elsewhere(run, lane, part, followers, shipment)
            else:
                with self.process.company.beside(alone=run.deaths.suspects(part)):
                    report = self._elsewhere(run, lane, part, followers, shipment)
        finally:
            channel: Channel | None = getattr(self, "_channel", None)  # none before the first seat
            if channel is not None:
                channel.patience = None  # it would keep the run
        report.batch, report.followers = batch, self._followers
        return report

    def _elsewhere(
        self, run: Run, lane: int, batch: list[int], followers: frozenset[int], shipment: Shipment
    ) -> Report:
        grants = Granted()
        leases: dict[int, Lease] = {}
        try:
            seat = self._sit_down()
            self._channel = seat.channel
            self._said.clear()
            if self._interrupted:
                self._interrupted = 0.0
                seat.page.unwanted[0] = 0  # the task was over first
            self._channel.patience = lambda: self._look_after(run)
            self._introduce(run, shipment)
            message = self._message(run, batch, followers, shipment, grants, leases)
        except ChannelClosed:
            return self._lost(run, batch, shipment, grants)
        except NoSeatError:
            self.gone = True
            return Report(batch)
        except ClusterError:
            raise
        except Exception as error:
            grants.release()
            report = Report(batch)
            report.fail(batch[0], error)
            return report
        run.elsewhere[lane] = self.running
        self.run = run
        over = threading.Event()  # then nobody waits for answers to its calls
        try:
            self._channel.send(wire.BATCH, message)
            outcome = self._await(run, lane, batch, shipment, grants, leases, over.is_set)
        except ChannelClosed:
            return self._lost(run, batch, shipment, grants)
        finally:
            over.set()
            self.run = None
            run.elsewhere.pop(lane, None)
        self._false_starts = 0
        self._settle(outcome, leases)
        run.log.workload.used(seat.pid, Usage(*outcome.processor[:2]), Usage(*outcome.processor[2:]))
        if outcome.seen:
            run.log.see(outcome.seen)
        look(run, self.process)
        report = self._take_in(run, batch, outcome, grants, leases, shipment)
        self._clung.update(grants.release(outcome.clung))
        return report

    def _take_in(
        self,
        run: Run,
        batch: list[int],
        outcome: wire.Outcome,
        grants: Granted,
        leases: dict[int, Lease],
        shipment: Shipment,
    ) -> Report:
        """The report of a batch, its blocks in place."""
        return take_in(
            run,
            batch,
            outcome,
            lambda n: leases.get(n) or self._kept.get(n) or shipment.lease(n),
            grants,
            self.process.signature,
            self.process.guest,
        )

    def _answer(
        self, seat: Seat, body: Any, lane: Any, leases: dict[int, Lease], over: Callable[[], bool]
    ) -> None:
        """Answer a call of the running task, in a thread of its own that stands in the place of the lane."""
        channel = seat.channel
        (number,) = wire.NUMBER.unpack_from(body)
        try:
            topic, payload = pickle.loads(memoryview(body)[wire.NUMBER.size :])
            with in_place(lane):
                found = home.answer(topic, payload, self.process.guest, seat.asker, over)
                block = found if type(found) is Packed else pack(found)
            self._answers.append(block)
            name, lease = wire.sent_from(block)
            if lease is not None:
                leases[lease.number] = lease  # as long as the batch, or as the task keeps it
                self._show(lease)
            told = (number, True, name)
        except BaseException as error:
            told = (number, False, packed_error(error))  # type: ignore[assignment]
        with contextlib.suppress(ChannelClosed):
            channel.send(wire.CALL, pickle.dumps(told, protocol=5))

    def _await(
        self,
        run: Run,
        lane: int,
        batch: list[int],
        shipment: Shipment,
        grants: Granted,
        leases: dict[int, Lease],
        over: Callable[[], bool],
    ) -> wire.Outcome:
        """What came of the batch; until then, print what it prints and grant it what it needs."""
        seat, channel = self._seat, self._channel
        assert seat is not None
        looked = perf_counter()
        while True:
            if not channel.ready(LOOK_SECONDS):
                self._look_after(run)
                continue
            kind, body, descriptors = channel.read()
            if kind == wire.REPORT:
                self._answers.clear()
                return wire.Outcome(*pickle.loads(body))
            if kind == wire.CALL:
                answer = threading.Thread(
                    target=self._answer,
                    args=(seat, body, place(), leases, over),
                    name="chunkscope-call",
                    daemon=True,
                )
                answer.start()
            elif kind == wire.LINE:
                self.process.admit(descriptors[0])
            elif kind == wire.PART:
                task, *told = pickle.loads(body)
                self._settle_part(run, lane, batch, task, wire.Outcome(*told), grants, leases, shipment)
            elif kind == wire.GRANT:
                need = pickle.loads(body)
                SPILLER.make_room(need)
                extent = ARENAS.allocate(need)
                grants.add(extent)
                self._show_arena(ARENAS, extent.arena)
                channel.send(wire.GRANT, pickle.dumps(tuple(extent)))
            else:
                (task,) = TASK.unpack_from(body)
                said = shipment.tell(kind, body[TASK.size :])
                tell_said(run.log, SAYING[kind], said, task)
                self._said.append(said)
                self.process.note(said.rstrip("\n"))
                # one that prints all the time is looked after, too
                if perf_counter() - looked > LOOK_SECONDS:
                    looked = perf_counter()
                    self._look_after(run)

    def _settle_part(
        self,
        run: Run,
        lane: int,
        batch: list[int],
        task: int,
        outcome: wire.Outcome,
        grants: Granted,
        leases: dict[int, Lease],
        shipment: Shipment,
    ) -> None:
        """`task` may wait for others: what was done before it is done, what comes after it goes to others."""
        at = batch.index(task)
        whole, followers = self._batch, self._followers
        done, rest = whole[:at], whole[at + 1 :]
        batch[:] = whole[:] = [task]
        part = self._take_in(run, done, outcome, grants, leases, shipment)
        part.followers, self._followers = followers, _NONE
        if task in followers:
            part.begun = task
        run.settle_part(lane, part, [other for other in rest if other not in followers])

    def _look_after(self, run: Run) -> None:
        """Nothing has come for a while: see whether it is to end, holds too much, or does not move at all."""
        look(run, self.process)
        if run.stopping and isinstance(run.error, RunCancelled):
            now = perf_counter()
            if not self._interrupted:
                self._interrupted = now
                self._interrupt()
            elif now - self._interrupted > GRACE_SECONDS:
                self.process.dismiss()
            elif self._seat is not None and self._seat.page.unwanted[0]:
                self.process.signal(signal.SIGINT)  # it came in the midst of a message
        elif verdict := self.process.excess(MOST_EXCESS) or self.process.stalled():
            self.process.condemn(verdict)

    def _interrupt(self) -> None:
        """Ask the running task to end, as Ctrl-C would."""
        seat = self._seat
        if seat is not None:
            seat.page.unwanted[0] = 1
            self.process.signal(signal.SIGINT)

    def _settle(self, outcome: wire.Outcome, leases: dict[int, Lease]) -> None:
        """Leases that the process still uses are kept for it."""
        for extent in outcome.unclung:
            self._clung.pop(extent, None)
        for number in outcome.let_go:
            self._kept.pop(number, None)
        for number in outcome.kept:
            if number in leases:
                self._kept[number] = leases[number]

    def _lost(self, run: Run, batch: list[int], shipment: Shipment, grants: Granted) -> Report:
        """The process is gone: what is known of it, and its memory back."""
        seat = self._seat
        assert seat is not None
        task, _ = seat.page.now()
        words, pid = seat.page.last_words, seat.pid
        verdict = self.process.verdict(seat)
        status, told_to = self.process.ended(seat)
        self._seat = None
        self._forget()
        grants.release()
        report = Report(batch)
        if told_to or run.stopping:
            task = -1
        elif task not in batch and not self.process.was_at_work(seat):
            self._false_starts += KILLED_COUNTS if status == -signal.SIGKILL else 1.0
            if self._false_starts >= MOST_FALSE_STARTS:
                loss = Loss(self.name, pid, -1, status, words)
                raise ClusterError(
                    f"worker processes end before they run anything: {loss.describe()}"
                    + (f"\n{words}" if words else "")
                    + "; scheduler='threads' works without them"
                ) from None
        said = "".join(self._said)
        report.loss = Loss(self.name, pid, task if task in batch else -1, status, words, said, verdict)
        return report
