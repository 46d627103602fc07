"""Values to the cluster and back: what a client can do with results and with data that is here already."""

from __future__ import annotations

from typing import Any

from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.future import Future
from chunkscope.futures.gathering import gather, scattered
from chunkscope.futures.parts import ClientParts
from chunkscope.futures.promise import Promise
from chunkscope.tokens import tokenise, unique_token

__all__ = ["Data"]


class Data(ClientParts):
    """The methods of a client that move values."""

    @offloaded
    def gather(
        self,
        futures: Any,
        errors: str = "raise",
        direct: bool | None = None,
        asynchronous: Any = None,
    ) -> Any:
        """The results of futures, in the same containers. errors: "raise" the first, or "skip" those that failed."""
        self.begin()
        return gather(futures, errors)

    @offloaded
    def scatter(
        self,
        data: Any,
        workers: Any = None,
        broadcast: bool = False,
        direct: bool | None = None,
        hash: bool = True,
        timeout: Any = None,
        asynchronous: Any = None,
    ) -> Any:
        """Futures of values that are here: of each item of a list, tuple, set, dict or iterator; else of `data` itself.

        All workers read the same memory, so that there is nothing to broadcast. With `hash`, equal values have the same
        key. The values must not be changed afterwards.
        """
        self.check_open()

        def one(value: Any, key: str | None = None) -> Future:
            kind = type(value).__name__
            name = key or f"{kind}-{tokenise(value) if hash else unique_token('data')[5:]}"
            found = self.desk.find(name) if hash or key else None
            if found is None or found.cancelled:
                found = Promise(name, kind)
                found.block.fill(self.cluster.keep(value))
                found = self.desk.keep(found)
            return Future(found, self)

        return scattered(data, one)
