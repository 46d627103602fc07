"""Tells pages how the lazy values in their notebook's outputs stand: asked by a page, and told when it has changed.

A page asks `{"ask": "object", "token": …}`. That something has changed is told under the topic "objects": a number for
each token, which grows; a page that has the value in view asks again. Values are held weakly throughout.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.compute.shown import Shown, find, on_show, when_gone
from chunkscope.compute.standing import Standing, glance, standing_of, stored_in
from chunkscope.observe import Moment, RunLog, subscribe
from chunkscope_widgets.board import Board

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TOPIC", "Watch", "answer", "attach"]

TOPIC = "objects"
MOST_NEWS = 60
"""Values whose changes a late page hears of; it asks about all that it has in view anyway."""
MOST_STRETCHES = 4_000
"""Stretches of equal states that are sent; of a more mixed value only the counts."""
MOST_BLOCKS = 20_000
"""Stored blocks that are looked at after a cell, the newest values first."""
MOST_VALUES = 100
"""Values that are looked at after a cell: the newest ones."""

_log = logging.getLogger("chunkscope.widgets")
_STATES = ("none", "pending", "stored", "spilled", "lost", "failed")


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """How a shown value stands. A token of another process, or of a value that nobody holds, is answered too.

    >>> answer({"ask": "object", "token": "x-1"})
    {'token': 'x-1', 'found': False, 'known': False}
    """
    token = question.get("token")
    if not isinstance(token, str):
        raise ValueError(f"token={token!r} is no token of a shown value; send the one of its output")
    shown = find(token)
    standing = None if shown is None else standing_of(shown)
    if standing is None:
        return {"token": token, "found": False, "known": shown is not None}
    return {"token": token, "found": True, "known": True, **_plain(standing)}


def _plain(standing: Standing) -> dict[str, Any]:
    run, concern = standing.run, standing.concern
    found: dict[str, Any] = {
        "blocks": None,
        "counts": standing.counts,
        "nbytes": standing.nbytes,
        "run": None,
        "changed": list(standing.changed[:3]),
        "nchanged": len(standing.changed),
        "renamed": standing.renamed,
    }
    if standing.blocks is not None:
        codes = np.array([_STATES.index(state) for state in standing.blocks], dtype=np.int64)
        found["blocks"] = stretches(codes, 0)
    if run is not None and concern is not None:
        tasks, calls = concern.tasks(run.graphs[0]), concern.call_tasks(run.graphs[0])
        found["run"] = {
            "run": run.number,
            "state": run.state.value,
            "how": concern.how,
            "op": concern.op[:60],
            "tasks": None if tasks is None else stretches(tasks, 1),
            "calls": None if calls is None else stretches(calls, 1),
        }
    return found


def stretches(values: NDArray[Any], step: int) -> list[list[int]] | None:
    """Values as [first, how many], each stretch growing by `step`; None where there are too many stretches.

    >>> stretches(np.array([3, 4, 5, 9]), 1), stretches(np.array([2, 2, 1]), 0)
    ([[3, 3], [9, 1]], [[2, 2], [1, 1]])
    """
    if not len(values):
        return []
    starts = np.concatenate([[0], np.flatnonzero(np.diff(values) != step) + 1])
    if len(starts) > MOST_STRETCHES:
        return None
    counts = np.diff(np.append(starts, len(values)))
    return np.stack([values[starts], counts], axis=1).tolist()  # type: ignore[no-any-return]


class Watch:
    """Notices what has changed of the values on show, and says so on the board."""

    def __init__(self, board: Board, send: Callable[[], None]) -> None:
        self._board = board
        self._send = send
        self._lock = threading.Lock()
        self._news: dict[str, int] = {}
        self._count = 0
        self._seen: dict[str, Any] = {}
        self._gone: deque[str] = deque(maxlen=MOST_NEWS)

    def gone(self, token: str) -> None:
        """Nobody holds the value any more. Called by the collector, so it only notes it."""
        self._gone.append(token)

    def run_told(self, log: RunLog, moment: Moment) -> None:
        """A run has begun or ended: its values have changed."""
        values = {id(ref()) for concern in log.concerns for ref in concern.values}
        self.tell([one.token for one in on_show() if _ids(one) & values])

    def look(self) -> None:
        """Compare the values on show with what was seen last."""
        changed = [self._gone.popleft() for _ in range(len(self._gone))]
        left = MOST_BLOCKS
        for one in reversed(on_show()[-MOST_VALUES:]):
            now = glance(one)
            left -= sum(now[0].values())
            if self._seen.setdefault(one.token, now) != now:
                self._seen[one.token] = now
                changed.append(one.token)
            if left < 0:
                break
        for token in changed:
            if find(token) is None:
                self._seen.pop(token, None)
        self.tell(changed)

    def tell(self, tokens: Sequence[str]) -> None:
        """Say that these values stand differently now."""
        if not tokens:
            return
        with self._lock:
            for token in tokens:
                self._count += 1
                self._news.pop(token, None)
                self._news[token] = self._count
            while len(self._news) > MOST_NEWS:
                del self._news[next(iter(self._news))]
            self._board.post(TOPIC, {"news": dict(self._news)})
        self._send()

    def after_cell(self, *_: Any) -> None:
        """IPython has run a cell."""
        try:
            self.look()
        except Exception:
            _log.exception("the values on show could not be looked at")


def _ids(one: Shown) -> set[int]:
    """The objects that runs know a value by."""
    expr = one.expr
    leaf = None if expr is None else stored_in(expr)
    return {id(value) for value in (expr, leaf) if value is not None}


def attach(board: Board, send: Callable[[], None]) -> None:
    """Answer questions about shown values, and tell of their changes: when runs begin and end, and after each cell.

    `send` has what is new on the board sent.
    """
    watch = Watch(board, send)
    board.handle("object", answer)
    subscribe(watch.run_told)
    when_gone(watch.gone)
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    events = getattr(shell, "events", None)
    if events is not None:
        events.register("post_run_cell", watch.after_cell)
