"""Calls of futures, made again in this process: to step through one that failed with a debugger."""

from __future__ import annotations

from typing import Any

from chunkscope.compute import compute
from chunkscope.delayed import Delayed
from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.future import Future
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.promise import Kept, Promise

__all__ = ["Recreating"]


class Recreating(ClientParts):
    """The methods of a client that make a call again, here."""

    @offloaded
    def recreate_error_locally(self, future: Future) -> Any:
        """Make the call that failed again, in this thread, and so raise its error here, where a debugger sees it.

        What failed because an input had failed begins with that input. Returns what the call gives where it does not
        fail this time, None where it has not failed at all.
        """
        future.wait()
        promise = future.promise
        if promise.block.error is None:
            return None
        return _again(_first_failed(promise))

    @offloaded
    def recreate_task_locally(self, future: Future) -> Any:
        """Make the call again, in this thread, with the inputs that it had, and return its result or raise its error.

        Raises ConfigError where the result is there: the call and what it needs are let go then.
        """
        future.wait()
        return _again(future.promise)


def _first_failed(promise: Promise) -> Promise:
    """The call whose error it is."""
    while promise.made_by is not None:
        below = [node.promise for node in promise.made_by.lazy if isinstance(node, Kept)]
        failed = next((one for one in below if one.block.failed), None)
        if failed is None:
            break
        promise = failed
    return promise


def _again(promise: Promise) -> Any:
    call = promise.made_by
    if call is None:
        raise ConfigError(
            f"the call of {promise.key} is not kept: its result is there; submit the function again, or use "
            "chunkscope.compute(delayed(function)(...), scheduler='sync')"
        )
    return compute(Delayed(call), scheduler="sync")[0]
