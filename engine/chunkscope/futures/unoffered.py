"""Options that have a meaning elsewhere and none here: asking for one is refused, never overlooked."""

from __future__ import annotations

from typing import Any

from chunkscope.errors import ConfigError

__all__ = ["refuse"]

_WHY = {
    "workers": "any worker may run any task, all read the same memory; leave it out",
    "actor": "actors are not offered; keep state in a Variable, a Queue, or the results of calls",
    "actors": "actors are not offered; keep state in a Variable, a Queue, or the results of calls",
    "resources": "only submit and map take resources; submit the call that needs them",
    "retries": "only submit and map try again; submit the call that may fail",
}


def refuse(method: str, **asked: Any) -> None:
    """Raise ConfigError for the first of these options that asks for something.

    >>> refuse("submit", workers=None, actor=False)
    >>> refuse("submit", actor=True)
    Traceback (most recent call last):
    chunkscope.errors.ConfigError: submit(actor=True): actors are not offered; keep state in a Variable, ...
    """
    for name, value in asked.items():
        if value:
            raise ConfigError(f"{method}({name}={value!r}): {_WHY.get(name, 'there is no such option')}")
