"""The owner's side of clients in other processes: what they ask is done here, with the desk that all clients share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from chunkscope.blocks.carry import packed_error
from chunkscope.errors import ClusterError
from chunkscope.executors.cluster import home
from chunkscope.futures.away_promise import TOPIC
from chunkscope.futures.crews import WorkerInfo

if TYPE_CHECKING:
    from chunkscope.futures.cluster import LocalCluster
    from chunkscope.futures.promise import Promise

__all__ = ["perform", "serve"]

_PLAIN = (str, bytes, int, float, bool, type(None), WorkerInfo)


def serve() -> None:
    """Answer clients in other processes from now on."""
    home.handle(TOPIC, perform)


def perform(asked: tuple[str, tuple[Any, ...]]) -> Any:
    """What a client of another process asks: (method, arguments)."""
    method, args = asked
    guest: Any = home.asker()
    return _METHODS[method](guest.serves, *args)


def _take(
    cluster: LocalCluster,
    function: Callable[..., Any],
    called: Sequence[tuple[tuple[Any, ...], str | None]],
    kwargs: Mapping[str, Any],
    options: tuple[Any, ...],
) -> list[Promise]:
    pure, wish, retries, origin = options
    return [
        cluster.desk.take(
            function, row, kwargs, key=key, pure=pure, wish=wish, retries=retries, origin=origin
        )
        for row, key in called
    ]


def _take_calls(cluster: LocalCluster, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """For each call the facts of its promise, see `AwayPromise.arrive`, or its error packed."""
    guest: Any = home.asker()
    found: list[Any] = []
    for function, args, kwargs, key, terms in calls:
        try:
            (promise,) = _take(cluster, function, [(args, key)], kwargs, terms)
        except Exception as error:
            found.append(packed_error(error))
            continue
        block = promise.block
        facts = block.facts()
        numbers = guest.hold(promise), guest.hold(block)
        found.append((*numbers, promise.key, promise.title, promise.cancelled, *facts))
        if not facts[0]:
            guest.watch(block)
    return found


def _known(cluster: LocalCluster) -> list[Promise]:
    return list(cluster.desk.known.values())


def _find(cluster: LocalCluster, key: str) -> Promise | None:
    return cluster.desk.find(key)


def _keep(cluster: LocalCluster, promise: Promise) -> Promise:
    """A value from there: it becomes a block of ours."""
    found = cluster.desk.find(promise.key)
    if found is not None and not found.cancelled:
        return found
    return cluster.desk.keep(promise.of(cluster.keep(promise.block.get())))


def _again(cluster: LocalCluster, promises: Sequence[Promise]) -> Sequence[Promise]:
    cluster.desk.again(promises)
    return promises


def _cancel(cluster: LocalCluster, promise: Promise) -> None:
    if not promise.block.done:
        cluster.desk.flush()
    promise.cancel()


def _look(cluster: LocalCluster, path: str) -> tuple[str, Any]:
    """What kind of thing that name means, and its value where it is data."""
    found = _named(cluster, path)
    if _is_data(found):
        return "data", found
    return "method" if callable(found) else "dictionary" if isinstance(found, dict) else "part", None


def _is_data(found: Any) -> bool:
    if isinstance(found, list | tuple):
        return all(map(_is_data, found))
    return isinstance(found, _PLAIN)


def _do(cluster: LocalCluster, path: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    return _named(cluster, path)(*args, **kwargs)


def _names(cluster: LocalCluster, path: str) -> list[str]:
    return list(_named(cluster, path))


def _named(cluster: LocalCluster, path: str) -> Any:
    if path.split(".")[0] in ("close", "desk", "executor"):
        raise ClusterError(f"{path!r} is the owner's own business")
    try:
        return attrgetter(path)(cluster)
    except AttributeError:
        raise AttributeError(f"a cluster has no {path!r}") from None


_METHODS: dict[str, Callable[..., Any]] = {
    "take": _take,
    "take_calls": _take_calls,
    "known": _known,
    "find": _find,
    "keep": _keep,
    "again": _again,
    "cancel": _cancel,
    "look": _look,
    "do": _do,
    "names": _names,
}
