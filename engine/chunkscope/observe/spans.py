"""Spans: names for a part of a program, kept by every run that was asked for inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["span", "spans", "within"]

_open: ContextVar[tuple[str, ...]] = ContextVar("chunkscope_spans", default=())


def spans() -> tuple[str, ...]:
    """The names of the spans around this moment, outermost first."""
    return _open.get()


@contextmanager
def span(*tags: str) -> Iterator[str]:
    """Name what is computed and submitted in a `with` block: its runs have it in `run.tags`. Spans can be nested.

    Gives the name of the span, with those around it.

    >>> from chunkscope import delayed, last_run, span
    >>> with span("x"), span("y") as name:
    ...     delayed(sum)([1, 2]).compute()
    3
    >>> name, last_run().tags
    ('x/y', ('x', 'y'))
    """
    with within((*spans(), *(tags or ("span",)))):
        yield "/".join(spans())


@contextmanager
def within(names: tuple[str, ...]) -> Iterator[None]:
    """These are the spans around, whatever thread this is."""
    token = _open.set(names)
    try:
        yield
    finally:
        _open.reset(token)
