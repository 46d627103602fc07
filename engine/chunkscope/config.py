"""The few options of the engine, each documented, and how they are set: for good, or within a `with` block.

    >>> from chunkscope import config
    >>> with config.set(scheduler="sync"):
    ...     config.get("scheduler")
    'sync'

An option is looked up at the public edge (`compute/`) and passed down as an argument; nothing below reads this module.
A call's own argument wins over a `with` block of the same context, which wins over a setting for good.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Any

from chunkscope.errors import ConfigError
from chunkscope.units import parse_bytes

__all__ = ["SCHEDULERS", "Option", "get", "options", "said", "set"]

SCHEDULERS = ("sync", "threads", "processes", "simulated")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its name, what it does, its default, and a check that returns the value to keep."""

    name: str
    about: str
    default: Any
    check: Callable[[Any], Any]


def _scheduler(value: Any) -> Any:
    if value not in SCHEDULERS:
        raise ConfigError(f"scheduler={value!r} is not known; use one of {', '.join(map(repr, SCHEDULERS))}")
    return value


def _count(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(
                f"{name}={value!r} is not a number of workers; use an integer of 1 or more, or None"
            )
        return value

    return check


def _size(value: Any) -> Any:
    return None if value is None else parse_bytes(value)


def _interval(value: Any) -> Any:
    if value is None or (isinstance(value, str) and value.lower() in ("none", "off", "0")):
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = 0.0
    if isinstance(value, bool) or not 0.001 <= seconds <= 10:
        raise ConfigError(
            f"profile_interval={value!r} is not an interval; use seconds from 0.001 to 10, or None for never"
        )
    return seconds


def _flag(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, bool):
            raise ConfigError(f"{name}={value!r} is not a switch; use True or False")
        return value

    return check


_OPTIONS = {
    option.name: option
    for option in (
        Option("scheduler", "which executor runs a graph", "threads", _scheduler),
        Option(
            "num_workers", "how many tasks run at once; None: one for each core", None, _count("num_workers")
        ),
        Option(
            "memory",
            "budget in bytes for blocks and declared temporaries, '2GB'; None: no limit",
            None,
            _size,
        ),
        Option("optimize", "whether expressions are rewritten before they run", True, _flag("optimize")),
        Option(
            "profile_interval",
            "seconds between two looks at what functions a run's threads are in, 0.02; None: never",
            0.02,
            _interval,
        ),
        Option("viewers", "whether notebooks show runs in the panel", True, _flag("viewers")),
    )
}

_globals: dict[str, Any] = {}
_context: ContextVar[Mapping[str, Any]] = ContextVar("chunkscope_config", default=MappingProxyType({}))


def options() -> tuple[Option, ...]:
    """Every option, with what it does and its default."""
    return tuple(_OPTIONS.values())


def check(name: str, value: Any) -> Any:
    """The value as it would be kept; raises ConfigError for an unknown name or a value that does not fit."""
    if name not in _OPTIONS:
        raise ConfigError(f"no option is named {name!r}; the options are {', '.join(_OPTIONS)}")
    return _OPTIONS[name].check(value)


def get(name: str, override: Any = None) -> Any:
    """The value of an option: `override` where it is not None, else the context's, else the one set for good, else the
    environment variable CHUNKSCOPE_<NAME>, else the default."""
    if override is not None:
        return check(name, override)
    if name not in _OPTIONS:
        raise ConfigError(f"no option is named {name!r}; the options are {', '.join(_OPTIONS)}")
    for source in (_context.get(), _globals):
        if name in source:
            return source[name]
    text = os.environ.get(f"CHUNKSCOPE_{name.upper()}")
    return check(name, _from_text(name, text)) if text else _OPTIONS[name].default


def said(name: str) -> Any:
    """The value that a `with set(...)` block around the caller gives an option, or None where none does.

    >>> with set(scheduler="sync"):
    ...     said("scheduler"), said("memory")
    ('sync', None)
    """
    return _context.get().get(name)


def _from_text(name: str, text: str) -> Any:
    """The value that an environment variable means: "0" and "false" switch off, "1" and "true" on, digits count."""
    if isinstance(_OPTIONS[name].default, bool):
        return {"0": False, "false": False, "1": True, "true": True}.get(text.lower(), text)
    return int(text) if text.isdigit() else text


class set:
    """Set options, for good or, as a context manager, until the block ends.

    >>> from chunkscope import config
    >>> with config.set(num_workers=3, memory="2GB"):
    ...     config.get("num_workers"), config.get("memory")
    (3, 2000000000)

    Raises ConfigError for an unknown option or a value that it cannot take; then nothing is set.
    """

    def __init__(self, **values: Any) -> None:
        self._values = {name: check(name, value) for name, value in values.items()}
        self._before = {name: _globals[name] for name in self._values if name in _globals}
        _globals.update(self._values)

    def __enter__(self) -> set:
        self._restore()
        self._token = _context.set(MappingProxyType({**_context.get(), **self._values}))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _context.reset(self._token)

    def _restore(self) -> None:
        for name in self._values:
            if name in self._before:
                _globals[name] = self._before[name]
            else:
                _globals.pop(name, None)
