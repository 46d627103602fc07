"""The repr of delayed values: what they call, in 20 kB."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chunkscope import Delayed, delayed
from chunkscope.display import delayed_html, delayed_text, describe_delayed
from tests.engine.display.samples import HOSTILE, pictures, safe_page, texts


def load(x: int) -> int:
    """A call without inputs."""
    return x


def mean(xs: list[int]) -> float:
    """A call with many inputs."""
    return sum(xs) / len(xs)


def months(count: int) -> Delayed:
    """The mean of a few loads."""
    value: Delayed = delayed(mean)([delayed(load)(i) for i in range(count)])
    return value


def test_the_calls_are_counted_and_drawn() -> None:
    words = safe_page(delayed_html(months(3)))
    assert "Delayed mean" in words
    assert "load ×3, mean" in words
    (picture,) = pictures(delayed_html(months(3)))
    assert texts(picture) == ["load", "0", "load", "1", "load", "2", "mean"]
    assert describe_delayed(months(3)) == "delayed mean: 4 calls, widest 3, longest chain 2"


def test_many_calls_are_grouped() -> None:
    (picture,) = pictures(delayed_html(months(12_000)))
    assert texts(picture) == ["load ×12,000", "mean"]
    assert delayed_text(months(12)) == (
        "delayed mean: 13 calls, widest 12, longest chain 2\n  load ×12\n  mean ×1"
    )


@pytest.mark.parametrize("length", [3, 100, 5000])
def test_a_chain_fits(length: int) -> None:
    value = delayed(load)(0)
    for _ in range(length - 1):
        value = delayed(load)(value)
    html = delayed_html(value)
    assert len(html.encode()) <= 20_000
    assert f"{length:,}" in safe_page(html)


@given(st.lists(st.tuples(st.text(max_size=80), st.integers(0, 30)), min_size=1, max_size=30))
def test_any_calls_are_shown_in_20_kB(calls: list[tuple[str, int]]) -> None:
    made: list[Delayed] = []
    for name, reads in calls:
        inputs = made[max(0, len(made) - reads) :]
        made.append(delayed(mean, name=name or None)(inputs, pure=False))
    html = delayed_html(made[-1])
    assert len(html.encode()) <= 20_000
    assert html == delayed_html(made[-1])
    safe_page(html)


def test_a_hostile_name_stays_text() -> None:
    html = delayed_html(delayed(load, name=HOSTILE)(1))
    assert HOSTILE in safe_page(html)


def test_the_repr_of_a_delayed_value_is_this() -> None:
    value = months(3)
    assert value._repr_html_() == delayed_html(value)
    assert value.describe() == describe_delayed(value)
