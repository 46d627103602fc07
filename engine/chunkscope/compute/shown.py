"""Which lazy values stand in a notebook's outputs: each under a token of this process, held weakly."""

from __future__ import annotations

import itertools
import sys
import threading
import uuid
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chunkscope.compute.protocol import is_collection
from chunkscope.expr import Expr, postorder

__all__ = ["Shown", "calls_below", "find", "names_of", "on_show", "show", "when_gone"]

MOST = 1_000
"""Values that are remembered; of older ones pages hear that they are not known."""
MOST_CALLS = 1_000
"""Calls of a delayed value that are followed one by one."""
SESSION = uuid.uuid4().hex[:12]
"""Tells this process from the one that wrote a saved notebook."""

_lock = threading.RLock()  # the collector may end a value while the lock is held, on the same thread
_numbers = itertools.count(1)
_by_token: dict[str, Shown] = {}
_by_expr: weakref.WeakKeyDictionary[Expr, Shown] = weakref.WeakKeyDictionary()
_gone: list[Callable[[str], None]] = []


@dataclass(slots=True)
class Shown:
    """A value on show."""

    token: str
    ref: weakref.ref[Expr]
    names: tuple[str, ...]
    """The notebook's variables that were this value when it was shown last."""

    @property
    def expr(self) -> Expr | None:
        """The expression, or None where nobody holds it any more."""
        return self.ref()


def show(expr: Expr) -> str:
    """Remember that a value stands in an output, and return its token: always the same one. It is not kept alive.

    >>> from chunkscope import delayed
    >>> x = delayed(1)
    >>> show(x.__chunkscope_expr__()) == show(x.__chunkscope_expr__())
    True
    """
    names = names_of(expr)
    with _lock:
        known = _by_expr.get(expr)
        if known is not None:
            known.names = names or known.names
            return known.token
        token = f"{SESSION}-{next(_numbers)}"
        _by_expr[expr] = _by_token[token] = Shown(token, weakref.ref(expr, _ended(token)), names)
        while len(_by_token) > MOST:
            del _by_token[next(iter(_by_token))]
    return token


def find(token: str) -> Shown | None:
    """What is on show under a token, or None: of another process, or forgotten."""
    return _by_token.get(token)


def on_show() -> list[Shown]:
    """What is on show and still held by somebody, oldest first."""
    with _lock:
        return [one for one in list(_by_token.values()) if one.expr is not None]


def when_gone(call: Callable[[str], None]) -> None:
    """Have `call(token)` called when nobody holds a shown value any more: on any thread, so it must not wait."""
    _gone.append(call)


def names_of(expr: Expr) -> tuple[str, ...]:
    """The variables of the notebook that are this value now; those that IPython makes are left out."""
    variables = namespace()
    found: list[str] = []
    for name, value in list(variables.items()):
        if not name.startswith("_") and is_collection(value) and value.__chunkscope_expr__() is expr:
            found.append(name)
    return tuple(found)


def namespace() -> dict[str, Any]:
    """The notebook's variables; empty outside a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    variables: dict[str, Any] = getattr(shell, "user_ns", {})
    return variables


def below(roots: Sequence[Expr], limit: int) -> list[Expr]:
    """The expressions below the roots, nearest first, at most `limit` of them."""
    seen = {id(root) for root in roots}
    found = list(roots)
    for node in found:
        if len(found) >= limit:
            break
        for child in node.inputs():
            if id(child) not in seen:
                seen.add(id(child))
                found.append(child)
    return found[:limit]


def calls_below(expr: Expr) -> list[Expr]:
    """The calls behind a delayed value, inputs first; empty for any other value, and for more than `MOST_CALLS`."""
    if not type(expr).grouped or len(below([expr], MOST_CALLS + 1)) > MOST_CALLS:
        return []
    return postorder([expr])


def _ended(token: str) -> Callable[[weakref.ref[Expr]], None]:
    def tell(_: weakref.ref[Expr]) -> None:
        for call in _gone:
            call(token)

    return tell
