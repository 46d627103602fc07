"""What the parts of a client know of each other: its methods are in several files, by what they are about."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.futures.away import AwayCluster, AwayDesk
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.future import Future
    from chunkscope.futures.submission import Desk

__all__ = ["ClientParts"]


class ClientParts:
    """The state and the few methods that the parts of a client share."""

    cluster: LocalCluster | AwayCluster
    """Where it all runs."""
    desk: Desk | AwayDesk
    """Where calls come in, and what is known of their results."""
    asynchronous: bool
    """Whether it is used inside an event loop."""
    submit: Callable[..., Future]

    @property
    def status(self) -> str:
        """Either "running" or "closed"."""
        raise NotImplementedError

    def begin(self) -> None:
        """Start what was submitted and waits for company."""
        raise NotImplementedError

    def check_open(self) -> None:
        """Raise ConfigError if this client is closed."""
        raise NotImplementedError

    def as_current(self) -> AbstractContextManager[Any]:
        """This client as the one that is meant where none is named."""
        raise NotImplementedError

    def gather(
        self, futures: Any, errors: str = "raise", direct: bool | None = None, asynchronous: Any = None
    ) -> Any:
        """The results of futures, in the same containers."""
        raise NotImplementedError

    def retry(self, futures: Any, asynchronous: Any = None) -> Any:
        """Make the results of futures again that have failed."""
        raise NotImplementedError

    def scheduler_info(self, n_workers: int = -1, **options: Any) -> dict[str, Any]:
        """The cluster and its workers, as plain data."""
        raise NotImplementedError

    def get_versions(self, check: bool = False, packages: Any = None, asynchronous: Any = None) -> Any:
        """Versions of Python and the packages."""
        raise NotImplementedError

    def passing_speed(self) -> dict[str, float]:
        """Bytes per second from one worker to another, by size."""
        raise NotImplementedError

    def keys_by_place(self) -> dict[tuple[int, int], str]:
        """The keys of futures by the (run, task) that makes them."""
        return {promise.place: key for key, promise in self.desk.known.items() if promise.place is not None}

    def background(self, function: Callable[[], Any]) -> None:
        """Have it done in a thread of its own."""
        threading.Thread(target=function, name="chunkscope-errand", daemon=True).start()
