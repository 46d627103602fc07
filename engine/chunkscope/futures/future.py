"""`Future`: a result that is being made, to ask for, wait for, and hand to other calls before it is there."""

from __future__ import annotations

import traceback as tracebacks
from collections.abc import Callable, Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from chunkscope.blocks.passing import PASSING, by_value, usual
from chunkscope.delayed.value import ValueAssembler
from chunkscope.errors import ConfigError, RunCancelled
from chunkscope.executors import away
from chunkscope.expr import Expr, Rule
from chunkscope.futures.asynchronous import asked, in_loop, resolved
from chunkscope.futures.current import default_client
from chunkscope.units import parse_seconds

if TYPE_CHECKING:
    from chunkscope.futures.parts import ClientParts
    from chunkscope.futures.promise import Promise

__all__ = ["Future"]


class Future:
    """The result of a submitted call. As an argument of another call it stands for its value.

    Futures with the same key share one result, which is kept as long as one of them is.

    >>> from chunkscope.futures import Client
    >>> with Client(processes=False, n_workers=1, threads_per_worker=2) as client:
    ...     x = client.submit(sum, [1, 2, 3])
    ...     y = client.submit(pow, x, 2)
    ...     y.result(), y.status
    (36, 'finished')
    """

    __slots__ = ("__weakref__", "_client", "_promise")

    def __init__(self, key: Promise | str, client: ClientParts | None = None) -> None:
        """`key`: of a result that the client has, or the place of a result."""
        self._client: ClientParts = client or default_client()
        self._promise: Promise | None = self._of_key(key) if isinstance(key, str) else key

    def _of_key(self, key: str) -> Promise:
        found = self._client.desk.find(key)
        if found is None:
            raise ConfigError(
                f"no result has the key {key!r}: nobody has asked for it, or nobody keeps it any more"
            )
        return found

    # -- what is known of it --------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """The name of the result; equal pure calls have equal keys."""
        return self._kept.key

    @property
    def client(self) -> ClientParts:
        """The client that it was made by."""
        return self._client

    @property
    def status(self) -> str:
        """One of "pending", "finished", "error", "cancelled", "lost" and "released"."""
        return "released" if self._promise is None else self._promise.status

    @property
    def type(self) -> type | None:
        """The type of the result, or None while it is not there."""
        return type(self._kept.block.get()) if self.status == "finished" else None

    def done(self) -> bool:
        """Whether there is nothing more to wait for: a result, an error, or it was cancelled."""
        return self._kept.block.done

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return self._promise is not None and self._promise.cancelled

    # -- waiting for it -------------------------------------------------------------------------------------

    def wait(self, timeout: float | str | None = None) -> bool:
        """Wait until it is done; False where `timeout` (seconds, or '5s') ran out first."""
        promise, seconds = self._kept, None if timeout is None else parse_seconds(timeout)
        if promise.waits:
            self._client.begin()
        if promise.block.done:
            return True
        with away():
            return promise.block.wait(seconds)

    def result(self, timeout: float | str | None = None) -> Any:
        """The result, the caller's own copy where it is an array, a frame or a container; waits for it.

        Raises what the call raised, CancelledError, or TimeoutError after `timeout`. To be awaited in an event loop,
        where the client is asynchronous; so are `exception` and `traceback`.
        """
        __tracebackhide__ = True
        if self._awaited:
            return resolved(self, timeout)
        self._wait(timeout)
        return self.value()

    def value(self) -> Any:
        """The result that is there. Raises what the call raised."""
        assembler = ValueAssembler()
        assembler.put(0, self._kept.block.get())
        return assembler.result()

    def exception(self, timeout: float | str | None = None) -> BaseException | None:
        """What the call raised, or None where it gave a result; waits for it."""
        if self._awaited:
            return asked(self, "exception", timeout)  # type: ignore[return-value]
        self._wait(timeout)
        return self._kept.block.error

    def traceback(self, timeout: float | str | None = None) -> TracebackType | None:
        """Where the call raised, for the functions of the module `traceback`, or None where it gave a result."""
        if self._awaited:
            return asked(self, "traceback", timeout)  # type: ignore[return-value]
        self._wait(timeout)
        return self._kept.block.trace

    def add_done_callback(self, fn: Callable[[Future], Any]) -> None:
        """Have `fn(future)` called when it is done; at once if it is. What it raises is printed, not raised."""
        promise = self._kept

        def call() -> None:
            try:
                fn(Future(promise, self._client))
            except Exception:
                tracebacks.print_exc()

        promise.when_done(call)

    @property
    def _awaited(self) -> bool:
        """Whether what would wait is to be awaited."""
        return self._client.asynchronous and in_loop()

    def __await__(self) -> Generator[Any, None, Any]:
        return resolved(self).__await__()

    # -- letting it go --------------------------------------------------------------------------------------

    def cancel(self, reason: str | None = None, msg: str | None = None, force: bool = False) -> None:
        """Start it no more, nor what needs it; a call that runs already finishes for nothing. A result is let go.

        All futures with its key are cancelled with it. `reason` and `msg` are part of the error's text.
        """
        if not self._kept.block.done:
            self._client.begin()
        self._kept.cancel(msg or reason or "")

    def release(self) -> None:
        """Give up this hold on the result. It goes with the last one."""
        self._promise = None

    def bind_client(self, client: ClientParts) -> None:
        """Have this client wait for it from now on. Raises ConfigError for one of another cluster."""
        if client.cluster is not self._client.cluster:
            raise ConfigError(
                f"{self.key} is a future of {self._client.cluster!r}; a client of another cluster cannot have it: "
                "client.scatter(future.result()) takes its value there"
            )
        self._client = client

    @property
    def executor(self) -> ClientParts:
        """The client that it was made by, as futures of `concurrent.futures` call it."""
        return self._client

    def substitute(self, subs: dict[Any, Any], key: Any = None) -> Future:
        """Itself: it stands for its own value in any call, nothing has to be put in its place."""
        return self

    def retry(self) -> None:
        """Make the result again, after an error."""
        self._client.retry([self])

    # -- as a value of other calls ------------------------------------------------------------------------------

    __chunkscope_single__ = True
    """Its one block is its value: a delayed call can read it as it is."""

    def __chunkscope_expr__(self) -> Expr:
        if self._kept.waits:
            self._client.begin()
        return self._kept.expr

    def __chunkscope_rules__(self) -> tuple[Rule, ...]:
        return ()

    def __chunkscope_assembler__(self, grid: tuple[int, ...]) -> ValueAssembler:
        return ValueAssembler()

    def __chunkscope_rebuild__(self, expr: Expr) -> Future:
        return self

    def __chunkscope_token__(self) -> str:
        return self.key

    # -- looking at it ---------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        if self._promise is None:
            return f"<{type(self).__name__}: released>"
        key, kind = self._promise.key, self.type
        made = f", type: {kind.__module__}.{kind.__qualname__}" if kind is not None else ""
        return f"<{type(self).__name__}: {self.status}{made}, key: {key}>"

    def _repr_html_(self) -> str:
        from chunkscope.futures.display import future_html

        return future_html(self)

    @property
    def promise(self) -> Promise:
        """The place of the result. Raises RunCancelled after `release`."""
        return self._kept

    @property
    def _kept(self) -> Promise:
        if self._promise is None:
            raise RunCancelled("this future was released; submit the call again")
        return self._promise

    def _wait(self, timeout: float | str | None) -> None:
        if not self.wait(timeout):
            raise TimeoutError(f"{self._kept.key} is {self.status} after {timeout}; it goes on")

    def __copy__(self) -> Self:
        found = type(self).__new__(type(self))
        found._client, found._promise = self._client, self._promise
        return found

    def __deepcopy__(self, memo: Any) -> Self:
        return self.__copy__()  # one more hold on the same result

    def __reduce__(self) -> tuple[Any, ...]:
        if by_value():
            return (_arrived, (self.key, self.result()))
        return (_future, (self._kept,))


def _arrived(key: str, value: Any) -> Any:
    """A future in a process that knows nothing of its cluster is its value."""
    return value


def _future(promise: Promise) -> Future:
    """A future from a process that this one speaks with."""
    from chunkscope.futures.inside import get_client

    client = getattr(PASSING.get() or usual(), "client", None)
    return Future(promise, get_client() if client is None else client)
