"""What the parts of a client know of each other: its methods are in several files, by what they are about."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.future import Future
    from chunkscope.futures.submission import Desk

__all__ = ["ClientParts"]


class ClientParts:
    """The state and the few methods that the parts of a client share."""

    cluster: LocalCluster
    """Where it all runs."""
    desk: Desk
    """Where calls come in, and what is known of their results."""
    submit: Callable[..., Future]

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

    def retry(self, futures: Any, asynchronous: Any = None) -> None:
        """Make the results of futures again that have failed."""
        raise NotImplementedError
