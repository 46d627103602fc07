"""Chunks in words, and the lines that stand for them."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.axes import MAX_LINES, Axis, describe_array
from tests.engine.display.samples import chunked

SIZES = st.lists(st.integers(0, 50), min_size=1, max_size=200)


@given(SIZES)
def test_chunk_ends_rise_to_the_end_of_the_axis(sizes: list[int]) -> None:
    axis = Axis.of(sizes)
    ends = [0.0, *axis.ends.tolist()]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(1.0)
    if sum(sizes):
        widths = [b - a for a, b in itertools.pairwise(ends)]
        assert widths == pytest.approx([size / sum(sizes) for size in sizes], abs=1e-9)


@given(st.integers(1, 3_000_000))
def test_an_axis_never_has_more_lines_than_can_be_seen(count: int) -> None:
    step = Axis.of((1,) * min(count, 5000)).step
    assert min(count, 5000) <= MAX_LINES * step
    assert step == 1 or min(count, 5000) > MAX_LINES * step / 2.5


@given(SIZES)
def test_slices_follow_each_other(sizes: list[int]) -> None:
    axis = Axis.of(sizes)
    slices = [axis.slice_words(i).split(":") for i in range(len(sizes))]
    assert [int(stop) - int(start) for start, stop in slices] == sizes
    assert [start for start, _ in slices[1:]] == [stop for _, stop in slices[:-1]]


def test_sizes_are_said_in_the_fewest_words() -> None:
    assert Axis.of((10, 5)).words() == "10+5"
    assert Axis.of((1000,) * 1000).words() == "1,000 chunks of 1,000"
    assert Axis.of((7,) * 9 + (2,)).words() == "9 chunks of 7 and one of 2"
    assert Axis.of((3, 10, 40, 1, 9)).words() == "5 chunks of 1 to 40"
    assert Axis.of((math.nan, math.nan)).words() == "2 chunks of unknown size"


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (chunked(), "0-D array of float64: one value in 1 chunk, 8 B"),
        (chunked((100,)), "1-D array 100 of float64, 1 chunk; largest chunk 800 B"),
        (chunked((50, 50)), "1-D array 100 of float64, 2 chunks: 50+50; largest chunk 400 B"),
        (chunked((4,) * 25), "1-D array 100 of float64, 25 chunks of 4; largest chunk 32 B"),
        (
            chunked((10, 5), (5, 5, 5)),
            "2-D array 15×15 of float64, 6 chunks in a 2×3 grid; rows 10+5, columns 5+5+5; largest chunk 400 B",
        ),
        (
            chunked((math.nan, math.nan), (5,)),
            "2-D array ?×5 of float64, 2 chunks in a 2×1 grid; rows 2 chunks of unknown size, columns 5; "
            "largest chunk unknown",
        ),
    ],
)
def test_an_array_is_described_in_one_sentence(x: object, said: str) -> None:
    assert describe_array(x) == said  # type: ignore[arg-type]
