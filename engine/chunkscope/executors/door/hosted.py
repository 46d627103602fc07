"""Runs that a guest has sent: carried out here, told to the guest as they go on. Its log has the rows of ours."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chunkscope.blocks.carry import packed_error
from chunkscope.blocks.packing import Packed, is_plain, pack
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import home
from chunkscope.executors.execute import Order, enter, launch

if TYPE_CHECKING:
    from chunkscope.executors.door.guest import Guest
    from chunkscope.executors.opened import Opened
    from chunkscope.graph import Graph
    from chunkscope.types import Origin

__all__ = ["TOPIC", "Errand", "News", "perform"]

TOPIC = "run"
TELL_SECONDS = 0.05
"""How often the guest is told how far its run has come."""

_numbers = itertools.count(1)


class Errand(NamedTuple):
    """A run as a guest sends it."""

    graph: Graph
    ranks: Any
    noutputs: int
    """How many outputs it has."""
    lanes: int
    budget: int | None
    priority: float
    label: str
    origin: Origin | None
    profile: float | None


class News(NamedTuple):
    """What has happened in a run since the last news."""

    number: int
    rows: tuple[Any, ...]
    lanes: Sequence[str]
    notices: Sequence[Any]
    running: Sequence[tuple[int, int, float]]
    blocks: Sequence[tuple[int, Any]]
    """Outputs by position."""
    ended: bool
    error: bytes | None
    """Packed."""


class _Hosted:
    """One such run. Takes its outputs."""

    keeps_packed = True

    def __init__(self, guest: Guest, errand: Errand, executor: Opened) -> None:
        self.number = next(_numbers)
        self._guest = guest
        self._blocks: list[tuple[int, Any]] = []
        self._over = threading.Event()
        self._told = (0, 0)
        self.order = Order(
            errand.graph,
            errand.ranks,
            [self],
            [errand.noutputs],
            executor.name,
            min(errand.lanes, executor.lanes()) or None,
            errand.budget,
            label=errand.label,
            origin=errand.origin,
            profile=errand.profile,
            priority=errand.priority,
            start=executor.start,
        )
        self.run = enter(self.order)
        self.run.on_end.append(lambda run: self._over.set())

    def put(self, position: int, block: Any) -> None:
        """Take output number `position`."""
        kept = block if type(block) is Packed or is_plain(block) else pack(block)
        self._blocks.append((position, kept))

    def fail(self, error: BaseException) -> None:
        """The guest is told at the end."""

    def fail_at(self, position: int, error: BaseException) -> None:
        """Never asked: the run ends with the first failure."""

    def live(self) -> None:
        """Carry it out, and tell the guest until it is over."""
        guest, run = self._guest, self.run
        guest.owe((TOPIC, self.number), run.cancel)
        try:
            launch(run, self.order)
        except BaseException as error:
            run.abort(error)
        while not self._over.wait(TELL_SECONDS):
            self._tell(False)
        run.done.wait()
        self._tell(True)
        guest.pay((TOPIC, self.number))
        guest.runs.pop(self.number, None)

    def _tell(self, ended: bool) -> None:
        log = self.run.log
        row, notice = self._told
        rows = log.columns.since(row)
        first, notices = log.notices.since(notice)
        blocks: list[tuple[int, Any]] = []
        while self._blocks:
            blocks.append(self._blocks.pop())
        running = log.running() if not ended else []
        if not (ended or blocks or notices or running or len(rows.task)):
            return
        self._told = (row + len(rows.task), first + len(notices))
        error = packed_error(self.run.error) if ended and self.run.error is not None else None
        news = News(
            self.number, tuple(rows), list(log.lanes), notices, running, blocks, ended, error
        )  # fmt: skip
        self._guest.tell(TOPIC, tuple(news))


def perform(asked: tuple[str, Any]) -> Any:
    """What a guest asks about runs: ("start", errand) gives the number, ("cancel", number)."""
    method, what = asked
    guest: Any = home.asker()
    if method == "cancel":
        hosted = guest.runs.get(what)
        if hosted is not None:
            hosted.run.cancel()
        return None
    executor = getattr(guest.serves, "executor", None)
    if executor is None:
        raise ClusterError("nothing runs here")
    hosted = _Hosted(guest, Errand(*what), executor)
    guest.runs[hosted.number] = hosted
    live: Callable[[], None] = hosted.live
    try:
        threading.Thread(target=live, name="chunkscope-hosted", daemon=True).start()
    except BaseException as error:
        guest.runs.pop(hosted.number, None)
        hosted.run.abort(error)
        raise
    return hosted.number
