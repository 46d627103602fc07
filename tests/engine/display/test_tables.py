"""Tables of pages: nothing is left out unsaid."""

from __future__ import annotations

from chunkscope.display.tables import Bar, fact_table, row_table
from tests.engine.display.samples import HOSTILE, safe_page


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
