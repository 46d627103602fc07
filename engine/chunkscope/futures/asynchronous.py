"""Futures in an event loop: waiting for them leaves the loop free."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.futures.future import Future

__all__ = ["resolved"]


async def resolved(future: Future) -> Any:
    """The result of `future`. Raises what it raises."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)

    future.client.begin()
    future.promise.block.when_done(tell)
    await done.wait()
    return future.result()
