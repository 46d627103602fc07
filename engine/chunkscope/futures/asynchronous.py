"""Clients, clusters and futures in an event loop: what would wait gives something to await, and the loop stays free.

Nothing here imports asyncio before it is used: programs and workers without a loop start sooner.
"""

from __future__ import annotations

import contextlib
import contextvars
import inspect
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from functools import partial, wraps
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from chunkscope.executors.cluster.home import given_up
from chunkscope.units import parse_seconds

if TYPE_CHECKING:
    import asyncio

    from chunkscope.futures.future import Future

__all__ = ["Loops", "asked", "completed", "first", "in_loop", "in_thread", "offloaded", "resolved", "sync"]

F = TypeVar("F", bound=Callable[..., Any])


def in_loop() -> bool:
    """Whether this thread runs an event loop now."""
    asyncio = sys.modules.get("asyncio")
    return asyncio is not None and asyncio._get_running_loop() is not None


def in_thread(function: Callable[[], Any], undo: Callable[[Any], Any] | None = None) -> asyncio.Future[Any]:
    """What `function()` gives, to be awaited; it begins at once, in a thread of its own.

    undo: what is done with that where nobody awaits it any more.
    """
    import asyncio

    loop = asyncio.get_running_loop()
    found: asyncio.Future[Any] = loop.create_future()
    context = contextvars.copy_context()
    context.run(given_up, found.cancelled)

    def settle(set_it: Callable[[Any], None], value: Any) -> None:
        if not found.done():
            set_it(value)
        elif undo is not None and set_it == found.set_result:
            in_thread(partial(undo, value))

    def live() -> None:
        try:
            told: tuple[Callable[[Any], None], Any] = (found.set_result, context.run(function))
        except BaseException as error:
            told = (found.set_exception, error)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, *told)

    threading.Thread(target=live, name="chunkscope-await", daemon=True).start()
    return found


def offloaded(method: F) -> F:
    """The method of something with `asynchronous`: in an event loop it gives what is to be awaited then.

    It can be called with `asynchronous=` for once.
    """
    names = inspect.signature(method).parameters
    takes_it = "asynchronous" in names or any(one.kind is one.VAR_KEYWORD for one in names.values())

    @wraps(method)
    def ask(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        asked = kwargs.get("asynchronous") if takes_it else kwargs.pop("asynchronous", None)
        if (getattr(self, "asynchronous", False) if asked is None else asked) and in_loop():
            undo = getattr(self, f"_undo_{method.__name__}", None)
            return in_thread(
                partial(method, self, *args, **kwargs),
                None if undo is None else lambda value: undo(value, *args, **kwargs),
            )
        return method(self, *args, **kwargs)

    return ask  # type: ignore[return-value]


async def completed(future: Future, timeout: float | str | None = None) -> Future:
    """`future`, once it is done. Raises TimeoutError."""
    import asyncio

    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(done.set)

    future.client.begin()
    future.promise.block.when_done(tell)
    await asyncio.wait_for(done.wait(), None if timeout is None else parse_seconds(timeout))
    return future


async def resolved(future: Future, timeout: float | str | None = None) -> Any:
    """The result of `future`. Raises what it raises, and TimeoutError."""
    return (await completed(future, timeout)).value()


async def asked(future: Future, what: str, timeout: float | str | None = None) -> Any:
    """What the method `what` of `future` says once it is done."""
    await completed(future, timeout)
    return await in_thread(getattr(future, what))


async def first(values: Awaitable[Any]) -> Any:
    """The first of values that are awaited."""
    return (await values)[0]


def sync(
    loop: Any,
    func: Callable[..., Any],
    *args: Any,
    callback_timeout: float | str | None = None,
    **kwargs: Any,
) -> Any:
    """What the coroutine function `func` gives, run to its end: in the event loop `loop` of another thread, or here.

    >>> async def x():
    ...     return 1
    >>> sync(None, x)
    1
    """
    import asyncio

    seconds = None if callback_timeout is None else parse_seconds(callback_timeout)
    if isinstance(loop, asyncio.AbstractEventLoop) and loop.is_running():
        return asyncio.run_coroutine_threadsafe(_called(func, args, kwargs), loop).result(seconds)
    return asyncio.run(asyncio.wait_for(_called(func, args, kwargs), seconds))


async def _called(func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    found = func(*args, **kwargs)
    return await found if inspect.isawaitable(found) else found


class Loops:
    """The methods of a client or a cluster that have to do with event loops."""

    asynchronous: bool

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that runs in this thread, or None: nothing here needs one."""
        import asyncio

        return asyncio.get_running_loop() if in_loop() else None

    @property
    def called_from_running_loop(self) -> bool:
        """Whether this thread runs an event loop now."""
        return in_loop()

    def sync(
        self,
        func: Callable[..., Any],
        *args: Any,
        asynchronous: bool | None = None,
        callback_timeout: float | str | None = None,
        **kwargs: Any,
    ) -> Any:
        """What the coroutine function `func` gives, run to its end here; to be awaited where this is asynchronous."""
        import asyncio

        async def perform() -> Any:
            seconds = None if callback_timeout is None else parse_seconds(callback_timeout)
            return await asyncio.wait_for(_called(func, args, kwargs), seconds)

        if (self.asynchronous if asynchronous is None else asynchronous) and in_loop():
            return perform()
        if not in_loop():
            return asyncio.run(perform())
        found: list[Any] = []
        failed: list[BaseException] = []

        def live() -> None:
            try:
                found.append(asyncio.run(perform()))
            except BaseException as error:
                failed.append(error)

        thread = threading.Thread(target=live, name="chunkscope-await", daemon=True)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def close(self) -> Any:
        """End it."""
        raise NotImplementedError

    def __await__(self) -> Generator[Any, None, Self]:
        return self._ready().__await__()

    async def _ready(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        found = self.close()
        if inspect.isawaitable(found):
            await found
