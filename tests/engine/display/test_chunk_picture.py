"""The pictures of chunks: everything inside the frame, every chunk there as long as there are few."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.axes import Axis
from chunkscope.display.chunk_picture import MAX_CELLS, can_mark, chunk_picture
from tests.engine.display.samples import SVG

SIZES = st.lists(st.integers(0, 10**7), min_size=1, max_size=40)
LETTER = 6.0  # width of a letter of a label in pixels


def drawn(chunks: list[list[int]]) -> tuple[list[Axis], ElementTree.Element]:
    """The axes and their picture."""
    axes = [Axis.of(sizes) for sizes in chunks]
    return axes, ElementTree.fromstring(chunk_picture(axes, 8, "an array"))


def extents(text: ElementTree.Element) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where a label begins and ends, in x and y."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    size = float(text.get("font-size", 11)) / 11
    width = LETTER * size * len("".join(text.itertext()))
    before = {"middle": width / 2, "start": 0.0, "end": width}[text.get("text-anchor", "start")]
    along = (-before, width - before)
    if (text.get("transform") or "").startswith("rotate(-90"):
        return (x - 9, x + 2), (y - along[1], y - along[0])
    return (x + along[0], x + along[1]), (y - 9, y + 2)


@given(st.lists(SIZES, max_size=4))
def test_nothing_is_drawn_outside_the_frame(chunks: list[list[int]]) -> None:
    _, svg = drawn(chunks)
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))
    shift = 0.0
    for group in svg.iter(f"{SVG}g"):
        moved = re.match(r"translate\(([\d.]+) 0\)", group.get("transform") or "")
        shift = float(moved[1]) if moved else shift
    for text in svg.iter(f"{SVG}text"):
        (left, right), (top, bottom) = extents(text)
        assert left + shift >= -1 and right + shift <= width + 1, "".join(text.itertext())
        assert top >= -1 and bottom <= height + 1, "".join(text.itertext())
    for rect in svg.iter(f"{SVG}rect"):
        x, y, w, h = (float(rect.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert x + shift >= 0 and x + w + shift <= width and y >= 0 and y + h <= height


@given(st.lists(SIZES, min_size=1, max_size=2))
def test_few_chunks_are_all_there_in_proportion(chunks: list[list[int]]) -> None:
    axes, svg = drawn(chunks)
    total = math.prod(axis.nchunks for axis in axes)
    cells = [rect for rect in svg.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]
    assert len(cells) == (total if total <= MAX_CELLS else 0)
    sums = [sum(sizes) for sizes in chunks]
    if cells and all(sums):
        last = chunks[-1]
        row = [float(cell.get("width", 0)) for cell in cells[: len(last)]]
        for width, size in zip(row, last, strict=True):
            assert abs(width / sum(row) - size / sums[-1]) < 0.01 * len(row)


@given(st.lists(SIZES, max_size=5))
def test_a_chunk_is_marked_exactly_where_the_table_says_so(chunks: list[list[int]]) -> None:
    if len(chunks) > 4:
        assert not can_mark([Axis.of(sizes) for sizes in chunks])
        return
    axes, svg = drawn(chunks)
    marks = [element for element in svg.iter() if "mark" in (element.get("class") or "").split()]
    assert len(marks) == (1 if can_mark(axes) else 0) or math.prod(axis.nchunks for axis in axes) <= MAX_CELLS
    assert len(marks) <= 1
