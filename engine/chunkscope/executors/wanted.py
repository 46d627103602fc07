"""Whether anybody still has the places of a run's results: a run of which nobody does is ended."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from chunkscope.blocks import StoredBlock
    from chunkscope.executors.run import Run

__all__ = ["Wanted", "all_there"]

T = TypeVar("T")


def all_there(places: Iterable[weakref.ref[StoredBlock]]) -> bool:
    """Whether each block is done, or nobody has it any more."""
    return all((place := ref()) is None or place.done for ref in places)


class Wanted:
    """The places of one run's results, held weakly: with the last of them the run is wanted by nobody.

    What goes may go anywhere, in the middle of anything: no lock is taken. The run ends with the next lane that comes.

    >>> class X: pass
    >>> wanted, x = Wanted(), X()
    >>> place = wanted.ref(x)
    >>> wanted.by_nobody
    False
    >>> del x
    >>> wanted.by_nobody
    True
    """

    def __init__(self) -> None:
        self.by_nobody = False
        self.gone: set[int] = set()
        """Tasks whose results nobody has a place for; others of the run may need them."""
        self._gone = itertools.count(1)  # counts in one step, whichever threads drop places at once
        self._places = 0
        self._run: weakref.ref[Run] | None = None

    def ref(self, place: T, task: int | None = None) -> weakref.ref[T]:
        """A weak reference to one more place, of the result of that task. All are entered while they are held."""
        self._places += 1
        return weakref.ref(place, self._drop if task is None else partial(self._drop, task=task))

    def of(self, run: Run) -> None:
        """This is the run."""
        self._run = weakref.ref(run)
        if self.by_nobody:
            run.unwanted = True

    def _drop(self, _: object, task: int | None = None) -> None:
        if task is not None:
            self.gone.add(task)
        if next(self._gone) == self._places:
            self.by_nobody = True
            run = None if self._run is None else self._run()
            if run is not None:
                run.unwanted = True
