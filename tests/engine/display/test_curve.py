"""Curves of memory: peaks are never lost, and nothing leaves the frame."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope.display.curve import FOOT, POINTS, TOP, WIDTH, Level, curve
from tests.engine.display.samples import SVG, pictures, texts


def points(path: str) -> tuple[list[float], list[float]]:
    """The heights and the ends of the steps."""
    return [float(y) for y in re.findall(r"V([\d.]+)", path)], [
        float(x) for x in re.findall(r"H([\d.]+)", path)
    ]


def paths(svg: str) -> list[str]:
    """The outlines in a curve: the area first, then the axis, then lines."""
    (picture,) = pictures(svg)
    return [path.get("d") or "" for path in picture.iter(f"{SVG}path")]


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=2000))
def test_a_curve_keeps_its_peak_and_its_frame(values: list[int]) -> None:
    svg = curve(np.array(values), "Memory", "about", levels=[Level(max(values), "peak")])
    heights, ends = points(paths(svg)[0])
    if max(values):
        assert min(heights) == TOP
    assert all(TOP <= y <= FOOT for y in heights)
    assert ends == sorted(ends) and ends[-1] == WIDTH
    assert len(ends) == min(len(values), POINTS)
    assert len(svg) < 8_000
    assert "peak" in texts(pictures(svg)[0])


def test_a_run_that_goes_on_fills_its_share_beside_the_whole_forecast() -> None:
    svg = curve(np.array([1, 2]), "Memory", "about", forecast=np.array([2, 4, 3, 1]), total=4)
    area, _, line = paths(svg)
    assert points(area)[1] == [WIDTH / 4, WIDTH / 2]
    heights, ends = points(line)
    assert ends == [WIDTH / 4, WIDTH / 2, WIDTH * 3 / 4, WIDTH]
    assert heights == pytest.approx([FOOT - (FOOT - TOP) * share for share in (0.5, 1, 0.75, 0.25)], abs=0.06)


def test_levels_that_are_no_numbers_are_left_out() -> None:
    svg = curve(np.zeros(3), "Memory", "about", levels=[Level(float("nan"), "unknown")])
    assert "unknown" not in texts(pictures(svg)[0])
