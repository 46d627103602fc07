"""The beginning of a block as a few lines of text: for notes and cards about tasks that failed."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np

from chunkscope.blocks.frames import is_frame

__all__ = ["preview"]

ROWS, COLUMNS, WIDTH = 3, 8, 100
MOST_TEXT = 1_000

_REPR = reprlib.Repr()
_REPR.maxlist = _REPR.maxtuple = _REPR.maxdict = _REPR.maxset = 6
_REPR.maxstring = _REPR.maxother = 100


def preview(value: Any) -> str:
    """The first rows or elements of a block, at most some lines; empty where the block's description says it all.

    Looks at no more than a few rows, however large the block.

    >>> print(preview(np.arange(12).reshape(4, 3)))
    [[0 1 2]
     [3 4 5]
     [6 7 8]
     …]
    >>> preview(3)
    ''
    """
    kind = type(value)
    if kind in (int, float, complex, bool, type(None)):
        return ""
    if isinstance(value, np.ndarray):
        text = _array(value)
    elif is_frame(kind):
        text = _frame(value)
    elif kind in (str, bytes, list, tuple, dict, set, frozenset):
        text = _REPR.repr(value)
    else:
        text = _REPR.repr(value)
        if text.startswith("<"):  # nothing but its class and address
            return ""
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def _array(value: np.ndarray[Any, Any]) -> str:
    part = value[tuple(slice(0, ROWS if axis < value.ndim - 1 else COLUMNS) for axis in range(value.ndim))]
    text = np.array2string(np.asarray(part), max_line_width=WIDTH, threshold=64, edgeitems=2, precision=6)
    if part.shape == value.shape:
        return text
    if value.ndim == 1:
        return f"{text[:-1]} …]"
    return text if text.count("\n") == 0 else f"{text[:-1]}\n …]"


def _frame(value: Any) -> str:
    head = value[:ROWS]
    more = len(value) - len(head)
    if getattr(value, "ndim", 1) == 2:
        cut = value.shape[1] > COLUMNS
        head = head.iloc[:, :COLUMNS]
        text = str(head.to_string(max_colwidth=20, line_width=None))
        text = "\n".join(line[:WIDTH] for line in text.splitlines())
        if cut:
            text += f"\n… {value.shape[1] - COLUMNS:,} more columns"
    else:
        text = _REPR.repr(list(head))
    return text + (f"\n… {more:,} more rows" if more > 0 else "")
