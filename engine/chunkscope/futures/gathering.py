"""Values of futures in containers, and futures of values in containers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chunkscope.blocks import StoredBlock
from chunkscope.compute import unpack
from chunkscope.errors import ConfigError
from chunkscope.expr import Stored, postorder
from chunkscope.futures.future import Future
from chunkscope.futures.promise import Promise

__all__ = ["blocks_in", "futures_in", "futures_of", "gather", "scattered"]

_SKIP = object()


def futures_in(value: Any) -> list[Future]:
    """The futures in a container of containers, in order."""
    if isinstance(value, Future):
        return [value]
    if isinstance(value, dict):
        return [found for part in value.values() for found in futures_in(part)]
    if isinstance(value, list | tuple | set | frozenset):
        return [found for part in value for found in futures_in(part)]
    return []


def futures_of(o: Any, client: Any = None) -> list[Future]:
    """The futures in containers, in order, and one for each block of the persisted collections there.

    >>> import chunkscope.array as ca
    >>> from chunkscope.futures import Client, futures_of
    >>> with Client(processes=False, n_workers=1) as client:
    ...     x = client.persist(ca.ones(4, chunks=2))
    ...     [future.result().tolist() for future in futures_of(x)]
    [[1.0, 1.0], [1.0, 1.0]]
    """
    found = futures_in(o)
    blocks = blocks_in(o)
    if not blocks:
        return found
    return [*found, *(Future(_held(block), client) for block in blocks)]


def _held(block: StoredBlock) -> Promise:
    """A promise of a block that is there, or on its way."""
    promise = Promise(f"block-{id(block):x}", "block")
    promise.block = block
    return promise


def blocks_in(value: Any) -> list[StoredBlock]:
    """The blocks of the persisted collections in a container of containers, in order, each once."""
    found = [one for one in unpack((value,))[0] if not isinstance(one, Future)]
    nodes = postorder([one.__chunkscope_expr__() for one in found])
    refs = [ref for node in nodes if isinstance(node, Stored) for ref in node.refs]
    return [ref for ref in dict.fromkeys(refs) if isinstance(ref, StoredBlock)]


def gather(futures: Any, errors: str = "raise") -> Any:
    """`futures` with the value of each in its place. errors: "raise" the first, or "skip" those that have none."""
    if errors not in ("raise", "skip"):
        raise ConfigError(f"errors={errors!r} is not known; use 'raise' or 'skip'")
    found = _values(futures, errors == "skip")
    return None if found is _SKIP else found


def _values(value: Any, skip: bool) -> Any:
    if isinstance(value, Future):
        if skip and value.exception() is not None:
            return _SKIP
        return value.result()
    if isinstance(value, Iterator):
        value = list(value)
    if isinstance(value, dict):
        pairs = ((key, _values(part, skip)) for key, part in value.items())
        return {key: part for key, part in pairs if part is not _SKIP}
    if isinstance(value, list | tuple | set | frozenset):
        parts = (_values(part, skip) for part in value)
        return type(value)(part for part in parts if part is not _SKIP)
    return value


def scattered(data: Any, one: Callable[..., Future]) -> Any:
    """`data` with `one(value)` in the place of each item; a value that is no container becomes one future."""
    if isinstance(data, dict):
        return {key: one(value, str(key)) for key, value in data.items()}
    if isinstance(data, Iterator):
        data = list(data)
    if isinstance(data, list | tuple | set | frozenset):
        return type(data)(one(value) for value in data)
    return one(data)
