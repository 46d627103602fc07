"""Tables and curves of pages: nothing important is left out."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.tables import CURVE, Bar, Level, curve, fact_table, row_table
from tests.engine.display.samples import HOSTILE, pictures, safe_page, texts


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=2000))
def test_a_curve_keeps_its_peak_and_its_frame(values: list[int]) -> None:
    svg = str(curve(np.array(values), "Memory", "about", levels=[Level(max(values), "peak")]))
    (picture,) = pictures(svg)
    path = re.findall(r'class="cell line"[^>]*|d="(M0[^"]*)"', svg)
    drawn = [float(y) for y in re.findall(r"V([\d.]+)", next(d for d in path if d and "V" in d))]
    foot, top = CURVE[1] - 18, 14.0
    if max(values):
        assert min(drawn) == top
    assert all(top <= y <= foot for y in drawn)
    assert len(svg) < 8_000
    assert "peak" in texts(picture)


def test_rows_above_the_limit_are_counted() -> None:
    words = safe_page(row_table(("x",), [(str(i),) for i in range(50)], limit=10))
    assert "and 40 more" in words and "11" not in words


def test_cells_of_every_kind_are_shown_and_escaped() -> None:
    html = row_table((HOSTILE, "y", "z"), [(HOSTILE, 12_000, Bar(0.5, HOSTILE))]) + fact_table(
        [(HOSTILE, HOSTILE)]
    )
    words = safe_page(html)
    assert words.count(HOSTILE) == 5
    assert "12,000" in words
