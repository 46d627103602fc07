"""Which cell of a notebook a piece of code belongs to: the kernel's names of code, mapped to the page's ids of cells.

A kernel that runs a cell is told the cell's id by the page, and names the cell's code after its text. A hook that runs
before each cell keeps both; the name is worked out when somebody asks. Two cells with the same text share a name: then
the one that ran last before the moment that is asked about is meant. Nothing here imports anything of IPython's.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["CELLS", "Cells", "Spot", "watch_cells"]

MOST_CELLS = 2_000
"""Runs of cells that are remembered; the oldest are forgotten."""
_TIMED = ("<timed exec>", "<timed eval>")
"""What IPython names the code that its magics `%%time` and `%time` run."""


class Spot(NamedTuple):
    """A cell, and how many of its lines come before the code."""

    cell: str
    offset: int


class _Ran(NamedTuple):
    seconds: float
    cell: str
    code: str
    offset: int


class Cells:
    """The cells that have run, oldest first.

    >>> cells = Cells(lambda code: f"/tmp/{code}.py")
    >>> cells.ran("x", "id-1", 10.0)
    >>> cells.ran("x", "id-2", 20.0)
    >>> cells.find("/tmp/x.py", 15.0), cells.find("/tmp/x.py").cell, cells.find("/tmp/y.py")
    (Spot(cell='id-1', offset=0), 'id-2', None)
    """

    def __init__(self, name: Callable[[str], str] | None = None) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._fresh: list[_Ran] = []
        self._named: dict[str, list[_Ran]] = {}
        self._count = 0
        self._outer: _Ran | None = None

    def name_by(self, name: Callable[[str], str]) -> None:
        """Have `name(code)` tell what the kernel calls a piece of code."""
        self._name = name

    def ran(self, code: str, cell: str | None, seconds: float | None = None) -> None:
        """Keep that a cell runs. Without an id it is code that another cell, which still runs, hands to the kernel."""
        outer = self._outer
        if cell is None and outer is None:
            return
        now = time.time() if seconds is None else seconds
        if cell is not None:
            found = self._outer = _Ran(now, cell, code, _blank(code))
        else:
            assert outer is not None
            at = outer.code.find(code.rstrip("\n"))
            found = _Ran(now, outer.cell, code, outer.code.count("\n", 0, max(at, 0)) + _blank(code))
        with self._lock:
            self._fresh.append(found)

    def over(self) -> None:
        """No cell runs any more."""
        self._outer = None

    def find(self, filename: str, seconds: float | None = None) -> Spot | None:
        """The cell whose code the kernel calls `filename`, at the moment `seconds` (of `time.time()`; None is now)."""
        with self._lock:
            if self._name is None:
                return None
            for one in self._fresh:
                names = [self._name(one.code)]
                if one.code.lstrip().startswith(("%%time", "%time")):
                    names.extend(_TIMED)
                for name in names:
                    self._named.setdefault(name, []).append(one)
            self._count += len(self._fresh)
            self._fresh.clear()
            if self._count > MOST_CELLS:
                self._forget()
            found = self._named.get(filename)
            if not found:
                return None
            before = [one for one in found if seconds is None or one.seconds <= seconds]
            one = before[-1] if before else found[0]
        if filename in _TIMED and one.code.lstrip().startswith("%%"):
            return Spot(one.cell, one.offset + 1 + _blank(one.code.lstrip().partition("\n")[2]))
        return Spot(one.cell, one.offset)

    def _forget(self) -> None:
        """Keep the newer half."""
        kept = sorted({one for several in self._named.values() for one in several})[-MOST_CELLS // 2 :]
        earliest = kept[0].seconds
        for name in list(self._named):
            self._named[name] = [one for one in self._named[name] if one.seconds >= earliest]
            if not self._named[name]:
                del self._named[name]
        self._count = len(kept)


def _blank(code: str) -> int:
    r"""Empty lines at the top of a cell: IPython takes them off before it counts.

    >>> _blank("\n  \nx = 1\n")
    2
    """
    return code.count("\n", 0, len(code) - len(code.lstrip()))


CELLS = Cells()
"""The cells of this process's kernel."""
_watched: set[int] = set()


def watch_cells() -> None:
    """Keep which cells this notebook's kernel runs, from the one that runs now on; once. Elsewhere it does nothing."""
    if "ipykernel" not in sys.modules:
        return
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    kernel = getattr(shell, "kernel", None)
    name = getattr(getattr(shell, "compile", None), "get_code_name", None)
    if kernel is None or name is None or id(shell) in _watched:
        return
    _watched.add(id(shell))
    CELLS.name_by(lambda code: str(name(code, code, 0)))
    _note_current(kernel)
    shell.events.register("pre_run_cell", _before)
    shell.events.register("post_run_cell", _after)


def _note_current(kernel: Any) -> None:
    """Keep the cell that runs at this moment: its own hook came before ours was there."""
    try:
        request = kernel.get_parent("shell")
        CELLS.ran(request["content"]["code"], request["metadata"]["cellId"])
    except (AttributeError, KeyError, TypeError):  # no request, or a front end that tells no ids
        return


def _before(info: Any) -> None:
    CELLS.ran(info.raw_cell, getattr(info, "cell_id", None))


def _after(result: Any) -> None:
    """A cell has run; what it handed to the kernel ends before it does."""
    if getattr(getattr(result, "info", None), "cell_id", None) is not None:
        CELLS.over()
