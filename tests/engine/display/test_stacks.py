"""The page of sampled stacks: rectangles as wide as their time, below their callers; user text stays text."""

from __future__ import annotations

import numpy as np
import pytest

from chunkscope.display.stacks import ROW, WIDTH, stacks_html
from chunkscope.observe.records import StackFrame
from chunkscope.observe.stacks import Stacks
from tests.engine.display.samples import HOSTILE, pictures, safe_page


def stacks(name: str = "f") -> Stacks:
    """x: f 4 s, of which g 2 s; y: g 1 s."""
    return Stacks(
        0.02,
        50,
        ("x", "y"),
        (StackFrame(name, "the cell", 3, "c"), StackFrame("g", "numpy/core.py", 12, "")),
        np.array([-1, 0, -1], dtype=np.int32),
        np.array([0, 1, 1], dtype=np.int32),
        np.array([0, 0, 1], dtype=np.int32),
        np.array([2.0, 2.0, 1.0]),
    )


def test_rectangles_are_as_wide_as_their_time() -> None:
    (picture,) = pictures(stacks_html(stacks()))
    tag = "{http://www.w3.org/2000/svg}"
    found = [
        (
            group.findtext(f"{tag}title"),
            *(float(group.find(f"{tag}rect").get(name)) for name in ("x", "y", "width")),
        )  # type: ignore[union-attr, arg-type]
        for group in picture.iter(f"{tag}g")
    ]
    fifth = WIDTH / 5
    assert [one[0] for one in found] == [
        "x: 4.00 s",
        "f (the cell, line 3): 4.00 s",
        "g (numpy/core.py, line 12): 2.00 s",
        "y: 1.00 s",
        "g (numpy/core.py, line 12): 1.00 s",
    ]
    wanted = [(0, 0, 4), (0, 1, 4), (0, 2, 2), (4, 0, 1), (4, 1, 1)]
    for (_, x, y, width), (left, row, parts) in zip(found, wanted, strict=True):
        assert (x, y, width) == pytest.approx((left * fifth, row * ROW, parts * fifth - 1), abs=0.06)


def test_the_table_has_the_costliest_function_first() -> None:
    page = stacks_html(stacks())
    assert page.index("<code>g</code>") < page.index("<code>f</code>")
    assert "3.00 s (60%)" in page and "50 samples" in page


def test_nothing_seen_is_said() -> None:
    empty = np.zeros(0, dtype=np.int32)
    page = stacks_html(Stacks(0.02, 0, ("x",), (), empty, empty, empty, np.zeros(0)))
    assert "no stacks were seen" in page


def test_user_text_is_only_text() -> None:
    safe_page(stacks_html(stacks(HOSTILE)))
