"""From a function and its arguments to a promise: keys, lazy arguments, what the call needs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chunkscope.delayed.call import Call
from chunkscope.delayed.lazy import expression_of
from chunkscope.delayed.recipe import describe_arguments
from chunkscope.delayed.tables import function_name
from chunkscope.errors import ConfigError
from chunkscope.futures.batching import Batches, Wish
from chunkscope.futures.future import Future
from chunkscope.futures.promise import Kept, Promise
from chunkscope.tokens import tokenise, unique_token

if TYPE_CHECKING:
    from chunkscope.expr import Expr
    from chunkscope.types import Origin

__all__ = ["Desk", "check_callable"]


class Desk:
    """Takes calls in for one client: gives equal pure calls the same promise, and the rest to its batches."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._known: weakref.WeakValueDictionary[str, Promise] = weakref.WeakValueDictionary()

    @property
    def known(self) -> dict[str, Promise]:
        """The promises that somebody wants, by key."""
        return dict(self._known)

    def find(self, key: str) -> Promise | None:
        """The promise of this key, or None."""
        return self._known.get(key)

    def keep(self, promise: Promise) -> Promise:
        """Enter a promise whose value comes from elsewhere."""
        self._known[promise.key] = promise
        return promise

    def take(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        *,
        key: str | None,
        pure: bool,
        wish: Wish,
        retries: int,
        origin: Origin | None,
    ) -> Promise:
        """The promise of `function(*args, **kwargs)`. Raises ConfigError for what cannot be called."""
        check_callable(function)
        title = function_name(function)
        name = key or f"{title}-{_content(function, args, kwargs) if pure else unique_token('call')[5:]}"
        with self._batches.lock:
            found = self._known.get(name)
            if found is not None and not found.cancelled and not found.block.failed:
                return found
            promise = Promise(name, title, (wish,))
            inputs: list[Expr] = []

            def expression(value: Any) -> Expr:
                if not isinstance(value, Future):
                    return expression_of(value)
                other = value.promise
                return _together(promise, other) or other.expr

            recipe = describe_arguments(args, tuple, inputs, expression) if args else None
            kwrecipe = None
            if kwargs:
                kwrecipe = describe_arguments(list(kwargs.values()), dict, inputs, expression)
                if kwrecipe is not None:
                    kwrecipe.keys = list(kwargs)
            promise.call = Call(
                function, args, tuple(inputs), recipe, dict(kwargs) or None, kwrecipe, None, False, origin
            )
            promise.retries = retries
            self._known[name] = promise
            self._batches.add(promise, wish, retries)
            return promise

    def take_rows(
        self,
        function: Callable[..., Any],
        rows: Iterable[tuple[Any, ...]],
        kwargs: Mapping[str, Any],
        *,
        keys: Iterable[str | None],
        pure: bool,
        wish: Wish,
        retries: int,
        origin: Origin | None,
    ) -> list[Promise]:
        """The promises of `function(*row, **kwargs)` for all rows."""
        take = self.take
        return [
            take(function, row, kwargs, key=key, pure=pure, wish=wish, retries=retries, origin=origin)
            for row, key in zip(rows, keys, strict=False)
        ]

    def flush(self) -> None:
        """Begin all that waits for company."""
        self._batches.flush()

    def close(self) -> None:
        """Cancel what has not begun."""
        self._batches.close()

    def forget_in_child(self, error: BaseException) -> None:
        """After a fork, in the child: what is on its way does not come here."""
        for promise in list(self._known.values()):
            promise.call = None
            promise.block.lose(error)

    def again(self, promises: Sequence[Promise]) -> None:
        """Make these results again where they have failed, with the failed ones that they need."""
        with self._batches.lock:
            found: dict[Promise, None] = {}  # what others need comes first
            stack = [(promise, False) for promise in promises]
            while stack:
                promise, entered = stack.pop()
                if entered:
                    found[promise] = None
                elif promise.made_by is not None and promise.block.failed and promise not in found:
                    stack.append((promise, True))
                    stack += [(other, False) for other in _inputs_of(promise).values()]
            for promise in found:
                self._add_again(promise)

    def _add_again(self, promise: Promise) -> None:
        """Have a result made again. What it needs is there or is made again: it is not made a second time for it."""
        inputs, call = _inputs_of(promise), promise.made_by
        assert call is not None
        promise.forget()
        if inputs:
            new = [
                node if node not in inputs else _together(promise, inputs[node]) or inputs[node].expr
                for node in call.lazy
            ]
            promise.call = call.replace_inputs(new)
        self._batches.add(promise, promise.group[0], promise.retries)


def _together(promise: Promise, other: Promise) -> Call | None:
    """The call of `other`, which `promise` needs and begins together with; None where it begins by itself."""
    call = other.call
    if call is None or other.group != promise.group:
        return None
    if promise.below is None:
        promise.below = {}
    promise.below[call] = weakref.ref(other)
    return call


def _inputs_of(promise: Promise) -> dict[Expr, Promise]:
    """The promises that a call needs, as far as somebody has them, by their places among its inputs."""
    assert promise.made_by is not None
    found: dict[Expr, Promise] = {}
    for node in promise.made_by.lazy:
        known = (promise.below or {}).get(node)  # type: ignore[call-overload]  # any expression may be looked up
        other = node.promise if isinstance(node, Kept) else known and known()
        if other is not None:
            found[node] = other
    return found


def check_callable(function: Any) -> None:
    """Raise ConfigError for what cannot be called."""
    if not callable(function):
        raise ConfigError(
            f"submit needs a function and its arguments, submit(f, x), not the result of a call; "
            f"found {type(function).__name__}"
        )


def _content(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    """A token of the call's content; of its own where it holds what has none, such as a lock."""
    try:
        return tokenise((function, args, kwargs))
    except Exception:
        return unique_token("call")[5:]
