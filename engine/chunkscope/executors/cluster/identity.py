"""Which worker a worker process is: told to it when it starts."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Identity", "here", "identify"]


class Identity(NamedTuple):
    """A worker process, as it knows itself."""

    name: str
    nthreads: int
    memory_limit: int | None
    """Bytes that it may hold by itself; None for no limit."""
    group: int
    """The number of the pool that it is of: workers of several may have one name."""


_here: Identity | None = None


def identify(identity: Identity | None) -> None:
    """In a worker process: this is the one."""
    global _here
    _here = identity


def here() -> Identity | None:
    """The worker that this process is; None where it is none."""
    return _here
