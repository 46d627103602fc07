"""Values under names that every client of a cluster can look up."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from chunkscope.errors import ConfigError
from chunkscope.futures.asynchronous import offloaded
from chunkscope.futures.parts import ClientParts

__all__ = ["Datasets", "Published"]

_NOTHING = object()


class Published(MutableMapping[str, Any]):
    """What is published on a cluster, as a dictionary."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            known = ", ".join(map(repr, self._values)) or "nothing"
            raise KeyError(f"no data set is published as {name!r}; published: {known}")
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._values:
            raise KeyError(f"{name!r} is published already; say override=True, or unpublish it first")
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        self[name]
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values))

    def __len__(self) -> int:
        return len(self._values)


class Datasets(ClientParts):
    """The methods of a client that share values by name."""

    @property
    def datasets(self) -> Published:
        """What is published on the cluster."""
        return Published(self.cluster.published)

    @offloaded
    def publish_dataset(
        self, *args: Any, name: str | None = None, override: bool = False, **kwargs: Any
    ) -> Any:
        """Publish values by name, publish_dataset(x=x), or one as `name`, for all clients of the cluster."""
        if args and name is None:
            raise ConfigError(
                "publish_dataset(x) needs a name: publish_dataset(x, name='x'), or publish_dataset(x=x)"
            )
        found = dict(kwargs)
        if args and name is not None:
            found[name] = args[0] if len(args) == 1 else args
        for key, value in found.items():
            if override:
                self.cluster.published.pop(key, None)
            self.datasets[key] = value

    @offloaded
    def get_dataset(self, name: str, default: Any = _NOTHING) -> Any:
        """What is published as `name`; `default`, where one is given and there is nothing."""
        return self.datasets[name] if default is _NOTHING else self.datasets.get(name, default)

    @offloaded
    def list_datasets(self) -> Any:
        """The names that are published."""
        return tuple(self.datasets)

    @offloaded
    def unpublish_dataset(self, name: str) -> Any:
        """Take a name back."""
        del self.datasets[name]
