"""A process that has joined, as its host sees it: answers its calls, keeps what it holds, tells it news."""

from __future__ import annotations

import contextlib
import logging
import pickle
import threading
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

from chunkscope.blocks.allocator import Extent
from chunkscope.blocks.arenas import ARENAS, Lease
from chunkscope.blocks.carry import packed_error
from chunkscope.blocks.packing import Packed, pack
from chunkscope.blocks.passing import REFERENCES, passing
from chunkscope.blocks.spilling import SPILLER
from chunkscope.blocks.stored import StoredBlock
from chunkscope.errors import BlockLostError, ClusterError, TransferError
from chunkscope.executors.cluster import home
from chunkscope.executors.cluster.askers import Asker
from chunkscope.executors.cluster.channel import ChannelClosed, close_all
from chunkscope.executors.door import talk
from chunkscope.executors.door.crowd import Crowd
from chunkscope.units import format_bytes

__all__ = ["Guest"]

_log = logging.getLogger("chunkscope.executors")
GOODBYE_SECONDS = 0.5
MOST_FORGOTTEN = 100
MOST_NEWS = 1_000
"""Blocks in one message."""


class Guest(Asker):
    """One connection. A thread of its own receives; calls are answered in threads that may wait."""

    def __init__(
        self, name: str, ends: talk.Ends, serves: Callable[[], Any], on_end: Callable[[Guest], None]
    ) -> None:
        """`serves` gives what it has joined, None where that is gone; `on_end` is told when it has left."""
        super().__init__(name)
        self._serves = serves
        self.client: Any = None
        """Whose the futures are that it sends."""
        self.runs: dict[int, Any] = {}
        """Those that it has sent, see `hosted.py`."""
        self._ends = ends
        self._sending = threading.Lock()
        self._on_end = on_end
        self._arenas: set[int] = set()
        self._showing = threading.Lock()
        self._granted: dict[tuple[int, int], tuple[int, Extent]] = {}  # each with the number of the question
        self._answering: set[int] = set()
        # one may come before the call that it is of
        self._forgotten: deque[int] = deque(maxlen=MOST_FORGOTTEN)
        self._here = threading.local()
        self._done: deque[tuple[int, StoredBlock]] = deque()
        self._telling = False
        self._crowd = Crowd("chunkscope-guest")

    @property
    def serves(self) -> Any:
        """What it has joined. Raises ClusterError where that is gone."""
        found = self._serves()
        if found is None:
            raise ClusterError("the cluster was closed")
        return found

    # -- messages ---------------------------------------------------------------------------------------------

    def live(self) -> None:
        """Do what it asks until it leaves, dies, or sends what it cannot have sent."""
        try:
            while True:
                kind, body, descriptors = self._ends.receive()
                close_all(descriptors)  # nobody sends us any
                if kind == talk.BYE:
                    break
                self._learn(kind, pickle.loads(body))
        except ChannelClosed:
            pass
        except Exception:
            _log.exception("a message of %s could not be understood; it has to join again", self.name)
        finally:
            self.end()

    def _learn(self, kind: bytes, told: Any) -> None:
        if kind == talk.CALL:
            number, name = told
            found = self._taken(talk.Name(*name))
            if number in self._forgotten:
                return
            self._answering.add(number)
            self._crowd.call(lambda: self._answer(number, found))
        elif kind == talk.FORGET:
            self._forgotten.append(told)
            self._answering.discard(told)
        elif kind == talk.LET_GO:
            for number, times in told:
                self.let_go(number, times)
        elif kind == talk.GRANT:
            self._grant(*told)
        elif kind == talk.RETURN:
            self._give_back(told)

    def _grant(self, number: int, nbytes: int) -> None:
        """Answer who asks for memory to write to."""
        try:
            extent = ARENAS.allocate(nbytes)
        except (OSError, MemoryError) as error:
            what = f"there is no memory for {format_bytes(nbytes)} that {self.name} wants to send: {error}"
            self._send(talk.GRANT, (number, ClusterError(what)))
            return
        self._granted[extent.arena, extent.start] = number, extent
        if self.gone:  # its end may not have seen this one
            self._give_back()
        self.show(ARENAS, extent.arena)
        self._send(talk.GRANT, (number, tuple(extent)))

    def _taken(self, name: talk.Name) -> Packed:
        """What it has sent, as a block of ours."""
        if name.arena < 0:
            return Packed(name.shape, 0, inline=name.inline)
        _, extent = self._granted.pop((name.arena, name.start))
        return Packed(name.shape, sum(name.sizes), Lease(ARENAS, extent), name.starts)

    def _answer(self, number: int, asked: Packed) -> None:
        """Answer one call."""
        watched: list[tuple[int, StoredBlock]] = []
        try:
            topic, payload = self._read(asked)
            value = home.answer(topic, payload, self, over=lambda: number not in self._answering)
            told: Any = (number, True, self._named(value, watched))
        except BaseException as error:
            with passing(self):
                told = (number, False, packed_error(error))
        finally:
            self._answering.discard(number)
        self._send(talk.CALL, told)
        self._watch(watched)

    def _read(self, asked: Packed) -> Any:
        """(topic, payload) of a call. Raises TransferError where something in it cannot be made here."""
        try:
            with passing(self):
                return asked.load()
        except ClusterError:
            raise
        except Exception as reason:
            raise TransferError(
                "what was sent cannot be read by the process that made the cluster "
                f"({type(reason).__name__}: {reason}); modules of yours must be importable there, too: start it in the "
                "same folder, or define the function in the notebook or script itself"
            ) from reason

    def tell(self, topic: str, payload: Any) -> None:
        """Tell it something that it has not asked for now. Never raises: one that is gone is told nothing."""
        if self.gone:
            return
        watched: list[tuple[int, StoredBlock]] = []
        try:
            name = self._named((topic, payload), watched)
        except ChannelClosed:
            return
        except Exception as error:
            _log.warning("%s cannot be told about %r: %s: %s", self.name, topic, type(error).__name__, error)
            return
        self._send(talk.NEWS, name)
        self._watch(watched)

    def ask_there(self, topic: str, payload: Any) -> None:
        """Tell it something that it has to do. Raises TransferError for what cannot be sent.

        One that is gone does nothing: what it owes is given back, see `owe`.
        """
        watched: list[tuple[int, StoredBlock]] = []
        try:
            name = self._named((topic, payload), watched)
        except ChannelClosed:
            return
        except Exception as reason:
            raise TransferError(
                f"this cannot be sent to {self.name} ({type(reason).__name__}: {reason}); send plain data, arrays or "
                "frames"
            ) from reason
        self._send(talk.NEWS, name)
        self._watch(watched)

    def _named(self, value: Any, watched: list[tuple[int, StoredBlock]]) -> talk.Name:
        """The name of a value, its memory shown and held for the reader; `watched` gets the blocks it wants news of."""
        self._here.watched = watched
        with passing(self):
            block = pack(value)
        lease, starts = block.place()
        if lease is None:
            return talk.name_of(block, -1, ())
        self.show(lease.arenas, lease.extent.arena)
        return talk.name_of(block, self.hold(lease), starts, lease.extent)

    def show(self, arenas: Any, arena: int) -> None:
        """Hand it the descriptor of an arena, once; tell it of those that are no more."""
        with self._showing:
            if arena in self._arenas:
                return
            descriptor, nbytes = arenas.file(arena)
            with self._sending:
                self._ends.send(talk.ARENA, pickle.dumps((arena, nbytes)), (descriptor,))
            self._arenas.add(arena)

    def sweep(self) -> None:
        """Tell it of arenas that are no more, so that it lets their memory go. Called now and then."""
        with self._showing:
            gone = self._arenas - SPILLER.numbers
            self._arenas -= gone
        if gone:
            self._send(talk.GONE, gone)

    def _send(self, kind: bytes, told: Any) -> None:
        try:
            with self._sending:
                self._ends.send(kind, pickle.dumps(told, protocol=5))
        except ChannelClosed:
            self.leave()

    # -- things that it knows by number --------------------------------------------------------------------------

    def number_of(self, thing: Any, pending: bool) -> int | None:
        """The number that it will know the thing by; the thing is kept for it."""
        number = self.hold(thing)
        if pending:
            self._here.watched.append((number, thing))
        return number

    def thing_of(self, number: int, kind: str, facts: tuple[Any, ...]) -> Any:
        """The thing that it means: ours."""
        return self.held(number)

    def _watch(self, blocks: list[tuple[int, StoredBlock]]) -> None:
        """Have it told of blocks that were pending when they were pickled for it."""
        for number, block in blocks:
            block.when_done(lambda number=number, block=block: self._settled(number, block))  # type: ignore[misc]

    def watch(self, block: StoredBlock) -> None:
        """Have it told when a block that is kept for it is done."""
        self._watch([(REFERENCES.enter(block), block)])

    def _settled(self, number: int, block: StoredBlock) -> None:
        """One of them is done: told soon, together with others."""
        if self.gone or number not in self._held:
            return
        self._done.append((number, block))
        if not self._telling:
            self._telling = True
            self._crowd.call(self._tell_done)

    def _tell_done(self) -> None:
        while self._done:
            found: list[tuple[Any, ...]] = []
            while len(found) < MOST_NEWS:
                try:
                    number, block = self._done.popleft()
                except IndexError:  # another thread may have begun to tell, too
                    break
                found.append((number, *block.facts()[1:]))
            if found:
                self.tell("block", found)
            if not self._done:
                self._telling = False

    # -- the end ---------------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """End the connection; its thread does the rest."""
        self._ends.close()

    def dismiss(self) -> None:
        """Tell it that this is the end; one that does not listen learns it otherwise."""
        said = threading.Event()
        self._crowd.call(lambda: self._say_goodbye(said))
        said.wait(GOODBYE_SECONDS)
        self.end()

    def _say_goodbye(self, said: threading.Event) -> None:
        with contextlib.suppress(ChannelClosed), self._sending:
            self._ends.send(talk.BYE)
        said.set()

    def end(self) -> None:
        """It has left or died: all that was kept for it goes."""
        if self.gone:
            return
        super().end()
        self._ends.close()
        self._give_back()
        self._on_end(self)

    def _give_back(self, numbers: Collection[int] | None = None) -> None:
        """Memory that it was granted and has made nothing of: all, or by numbers of questions."""
        for place, (number, _) in list(self._granted.items()):
            if numbers is None or number in numbers:
                granted = self._granted.pop(place, None)
                if granted is not None:
                    ARENAS.release(granted[1])


def lease_for(guest: Guest, number: int) -> tuple[int, int, int, int]:
    """Where a packed block lies now, (number of the lease, arena, start, bytes), held for the guest."""
    lease, _ = guest.held(number).place()
    if lease is None:
        raise ClusterError(f"block {number} lies in no shared memory")
    guest.show(lease.arenas, lease.extent.arena)
    return guest.hold(lease), *lease.extent


def claim_for(guest: Guest, numbers: list[int]) -> list[tuple[Any, ...] | None]:
    """Keep things for a guest who has read of them; of blocks, what is known of each, more when they are done.

    Raises BlockLostError where one is no more.
    """
    found: list[tuple[Any, ...] | None] = []
    for number in numbers:
        thing = REFERENCES.find(number)
        if thing is None:
            raise BlockLostError("something that was referred to is no more: nobody held it; make it again")
        guest.hold(thing)
        facts = thing.facts() if isinstance(thing, StoredBlock) else None
        found.append(facts)
        if facts is not None and not facts[0]:
            guest.watch(thing)
    return found


def block_for(guest: Guest, number: int) -> Any:
    """What a stored block holds."""
    return guest.held(number).packed()
