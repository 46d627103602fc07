"""The page of a plan: its figures are the plan's, and its curve is the forecast."""

from __future__ import annotations

import re

import pytest

import chunkscope.array as ca
from chunkscope import delayed, plan
from chunkscope.display import plan_html, plan_text
from chunkscope.display.curve import FOOT, TOP
from chunkscope.display.page import html_of
from chunkscope.units import format_bytes
from tests.engine.display.samples import HOSTILE, SVG, pictures, safe_page


def test_the_figures_are_those_of_the_plan() -> None:
    x = ca.ones((1000, 1000), chunks=100)
    made = plan((x + x.T).sum(), num_workers=2)
    words = safe_page(plan_html(made))
    assert f"{made.ntasks:,} in {made.nlayers} operations" in words
    assert format_bytes(made.peak_bytes) in words
    for operation in made.operations:
        assert operation.op in words
    assert plan_text(made) == made.describe()


def test_the_curve_reaches_its_top_at_the_peak() -> None:
    made = plan(ca.ones((1000, 1000), chunks=100).sum(), scheduler="sync")
    picture = pictures(plan_html(made))[0]
    assert "highest" in (picture[1].text or "")
    path = next(
        path.get("d") or "" for path in picture.iter(f"{SVG}path") if "cell" in (path.get("class") or "")
    )
    heights = [float(value) for value in re.findall(r"V([\d.]+)", path)]
    drawn = [(FOOT - height) / (FOOT - TOP) for height in heights[:-1]]
    during = made.forecast.during
    assert drawn == pytest.approx((during / made.peak_bytes).tolist(), abs=0.001)


def test_a_budget_is_compared_with_the_peak() -> None:
    x = ca.ones((1000, 1000), chunks=1000) + 1
    assert "fits the budget of 95.4 MiB" in safe_page(plan_html(plan(x, memory="100MB")))


def test_advice_is_given_with_its_code() -> None:
    x = ca.ones((4000, 4000), chunks=(10, 10)) + 1
    made = plan(x)
    assert made.advice
    words = safe_page(plan_html(made))
    assert made.advice[0].reason in words and made.advice[0].code in words


def test_a_plan_of_many_operations_stays_small() -> None:
    x = ca.ones((100, 100), chunks=50)
    for i in range(120):
        x = (x + i).rechunk((50 + i % 2, 50))
    html = plan_html(plan(x))
    assert len(html.encode()) < 60_000
    assert "more" in safe_page(html)


def test_hostile_names_stay_text() -> None:
    assert HOSTILE in safe_page(plan_html(plan(delayed(abs, name=HOSTILE)(1))))


def test_pages_find_the_right_maker() -> None:
    made = plan(delayed(abs)(1))
    assert html_of(made) == plan_html(made)
