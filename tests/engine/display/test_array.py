"""The repr of arrays: small, the same every time, to scale, and readable without seeing it."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chunkscope.array as ca
from chunkscope import explain
from chunkscope.display import array_html, array_text
from chunkscope.display.axes import MAX_LINES, describe_array
from tests.engine.display.samples import HOSTILE, SVG, chunked, pictures, safe_page, texts

SIZES = st.one_of(
    st.lists(st.integers(0, 10**6), min_size=1, max_size=12).map(tuple),
    st.builds(lambda count, size: (size,) * count, st.integers(1, 3000), st.integers(1, 10**5)),
    st.lists(st.just(math.nan), min_size=1, max_size=4).map(tuple),
)
LIMIT = 20_000


@given(
    st.lists(SIZES, max_size=7), st.sampled_from(["float64", "int8", "complex128", "<U10", "datetime64[ns]"])
)
def test_any_array_is_shown_in_20_kB_and_well_formed(chunks: list[tuple[float, ...]], dtype: str) -> None:
    x = chunked(*chunks, dtype=dtype)
    html = array_html(x)
    assert len(html.encode()) <= LIMIT
    assert html == array_html(x)
    safe_page(html)
    assert len(pictures(html)) == (1 if len(chunks) <= 4 else 0)
    array_text(x)


@pytest.mark.parametrize(
    "x",
    [
        chunked((10,) * 1_000_000),
        chunked((10,) * 1000, (10,) * 1000),
        chunked((10,) * 100, (10,) * 100, (10,) * 100),
        chunked((2,) * 30, (2,) * 30, (2,) * 30, (2,) * 37),
        chunked(*[(1,) * 4] * 10),
    ],
    ids=["1-D", "2-D", "3-D", "4-D", "10-D"],
)
def test_a_million_chunks_fit(x: Any) -> None:
    html = array_html(x)
    assert len(html.encode()) <= LIMIT
    total = math.prod(len(sizes) for sizes in x.chunks)
    assert f"{total:,}" in safe_page(html)


def test_the_picture_carries_its_text_twin() -> None:
    x = chunked((10, 5), (5, 5, 5))
    (picture,) = pictures(array_html(x))
    assert picture[1].text == describe_array(x)
    assert picture.get("aria-label") == describe_array(x)


def test_chunks_are_drawn_to_scale_and_tell_their_slice() -> None:
    x = chunked((3, 7), (2, 4, 14))
    (picture,) = pictures(array_html(x))
    cells = [cell for cell in picture.iter(f"{SVG}rect") if cell.find(f"{SVG}title") is not None]
    widths = [float(cell.get("width", 0)) for cell in cells[:3]]
    heights = [float(cell.get("height", 0)) for cell in cells[::3]]
    assert widths == pytest.approx([sum(widths) * share for share in (0.1, 0.2, 0.7)], abs=0.11)
    assert heights == pytest.approx([sum(heights) * share for share in (0.3, 0.7)], abs=0.11)
    assert texts(picture, "title")[1:] == [
        "block (0, 0): [0:3, 0:2], shape (3, 2), 48 B",
        "block (0, 1): [0:3, 2:6], shape (3, 4), 96 B",
        "block (0, 2): [0:3, 6:20], shape (3, 14), 336 B",
        "block (1, 0): [3:10, 0:2], shape (7, 2), 112 B",
        "block (1, 1): [3:10, 2:6], shape (7, 4), 224 B",
        "block (1, 2): [3:10, 6:20], shape (7, 14), 784 B",
    ]


def test_the_marked_chunk_is_the_largest() -> None:
    (picture,) = pictures(array_html(chunked((3, 7, 1), (2, 14, 4))))
    (marked,) = [cell for cell in picture.iter(f"{SVG}rect") if "mark" in (cell.get("class") or "").split()]
    title = marked.find(f"{SVG}title")
    assert title is not None and title.text is not None
    assert title.text.startswith("block (1, 1)")


def test_axes_are_labelled_with_their_lengths() -> None:
    labels = texts(pictures(array_html(chunked((1000,) * 20, (500,) * 10)))[0])
    assert labels == ["columns 5,000", "rows 20,000"]
    labels = texts(pictures(array_html(chunked((5, 5), (6,), (7,))))[0])
    assert labels == ["axis 1 6", "axis 2 7", "axis 0 10"]


def test_lines_that_stand_for_several_chunks_say_so() -> None:
    labels = texts(pictures(array_html(chunked((100,) * 1000, (10,))))[0])
    assert "a line stands for 50 chunks (rows)" in labels
    every = texts(pictures(array_html(chunked((5,) * MAX_LINES, (5,) * 4)))[0])
    assert not any("stands for" in text for text in every)


def test_a_fourth_dimension_is_a_row_of_blocks() -> None:
    labels = texts(pictures(array_html(chunked((1,) * 12, (5, 5), (4,), (4, 4))))[0])
    assert "12 blocks along axis 0 (12), 4 drawn" in labels
    assert "…" in labels


def test_more_dimensions_are_listed() -> None:
    words = safe_page(array_html(chunked(*[(2, 2)] * 14)))
    assert "axis 11" in words and "axis 12" not in words
    assert "and 2 axes more" in words


def test_unknown_sizes_are_question_marks() -> None:
    x = chunked((math.nan, math.nan), (5,))
    words = safe_page(array_html(x))
    assert "(?, 5)" in words and "unknown" in words
    assert "sizes are known after the computation" in words


def test_a_hostile_label_stays_text() -> None:
    html = array_html(chunked((5, 5), label=HOSTILE))
    assert HOSTILE in safe_page(html)


def test_the_text_repr_is_aligned() -> None:
    assert array_text(chunked((10, 5), (5, 5, 5))).splitlines() == [
        "            Array             Chunk",
        "Bytes       1.76 KiB          400 B",
        "Shape       (15, 15)          (10, 5)",
        "Chunks      6 in a 2×3 grid   largest",
        "Data type   float64",
    ]


def test_what_is_kept_is_one_operation() -> None:
    kept = (ca.ones((4, 4), chunks=2) + 1).persist(scheduler="sync")
    for x, count in ((kept, 1), ((kept * 2).sum(axis=0), 3)):
        assert re.search(rf"Operations</th><td>{count}</td>", array_html(x))
    assert str(explain(kept)).startswith("rewrite: 1 operation becomes 1\n")
