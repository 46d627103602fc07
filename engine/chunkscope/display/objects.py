"""What a front end needs to draw a lazy value itself and to follow it: the data beside the static picture."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

from chunkscope import config
from chunkscope.compute.shown import calls_below, show
from chunkscope.display.axes import Chunked, axes_of
from chunkscope.display.chunk_picture import chunk_places
from chunkscope.display.delayed import call_groups
from chunkscope.display.partitions import Partitions, strip_places

__all__ = ["MIME", "MOST_STRETCHES", "array_facts", "bundle", "frame_facts", "stretches"]

MIME = "application/vnd.chunkscope.object+json"
VERSION = 1
MOST_STRETCHES = 2_000
"""Stretches of equal sizes that are sent along one axis; of a more irregular one only the number of chunks."""


def bundle(
    x: Any,
    html: Callable[[Any], str],
    about: Callable[[Any], str],
    include: Iterable[str] | None = None,
    exclude: Iterable[str] | None = None,
) -> dict[str, Any]:
    """The reprs of a lazy value by mime type: the static ones, and in a notebook what a front end needs to follow it.

    `html` and `about` make the static picture and its words. Nothing is computed, and nothing is kept alive.
    """
    found: dict[str, Any] = {"text/plain": repr(x), "text/html": html(x)}
    if followed():
        expr = x.__chunkscope_expr__()
        found[MIME] = {"version": VERSION, "token": show(expr), **_facts(x), "describe": about(x)}
    wanted = set(found if include is None else include) - set(exclude or ())
    return {kind: data for kind, data in found.items() if kind in wanted}


def followed() -> bool:
    """Whether a page may follow what is shown here: in a notebook's kernel, unless the option `viewers` is off."""
    if "ipykernel" not in sys.modules or not config.get("viewers"):
        return False
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _facts(x: Any) -> dict[str, Any]:
    if hasattr(type(x), "chunks"):
        return array_facts(x)
    if hasattr(type(x), "divisions"):
        return frame_facts(x)
    expr = x.__chunkscope_expr__()
    groups = call_groups(x) if calls_below(expr) else []
    return {
        "kind": "delayed",
        "grid": [],
        "sizes": [],
        "dtype": "",
        "places": {"form": "calls", "groups": groups} if groups else None,
    }


def array_facts(x: Chunked) -> dict[str, Any]:
    """An array as a front end paints it: its grid, the sizes of its chunks, and where the picture has them.

    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> array_facts(SimpleNamespace(chunks=((5, 5, 2), (4,)), shape=(12, 4), dtype=np.dtype("f4")))["sizes"]
    [[[5, 2], [2, 1]], [[4, 1]]]
    """
    return {
        "kind": "array",
        "grid": [len(sizes) for sizes in x.chunks],
        "sizes": [stretches(sizes) for sizes in x.chunks],
        "dtype": str(x.dtype)[:60],
        "itemsize": int(x.dtype.itemsize),
        "places": chunk_places(axes_of(x)),
    }


def frame_facts(x: Any) -> dict[str, Any]:
    """A frame, series or index as a front end paints it: rows of its partitions, and where the strip has them."""
    parts = Partitions.of(x)
    dtype = "" if hasattr(type(x), "columns") else str(getattr(x, "dtype", ""))
    return {
        "kind": type(x).__name__,
        "grid": [parts.count],
        "sizes": [stretches(parts.rows) if parts.rows is not None else []],
        "exact": parts.exact,
        "dtype": dtype[:60],
        "places": strip_places(parts),
    }


def stretches(sizes: Iterable[Any]) -> list[list[int | None]]:
    """Sizes as [size, how often in a row]; None for one that is not known. Empty where there are too many stretches."""
    found: list[list[int | None]] = []
    for size, group in itertools.groupby(sizes, key=lambda size: size if math.isfinite(size) else None):
        found.append([None if size is None else int(size), sum(1 for _ in group)])
        if len(found) > MOST_STRETCHES:
            return []
    return found
