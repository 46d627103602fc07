"""The page of an explanation: each rewrite before and after, each refusal with its reason."""

from __future__ import annotations

import chunkscope.array as ca
from chunkscope import delayed, explain
from chunkscope.display import explanation_html, explanation_text
from chunkscope.display.page import html_of
from chunkscope.expr.outline import outline
from tests.engine.display.samples import HOSTILE, pictures, safe_page, texts


def test_every_step_is_there_with_what_came_of_it() -> None:
    x = ca.random.default_rng(0).random((40, 40), chunks=10)
    made = explain(((x - x.mean(axis=0)) ** 2).sum())
    html = explanation_html(made)
    words = safe_page(html)
    assert made.firings and made.refusals
    for step in made.firings:
        assert step.after is not None
        assert step.rule in words and outline(step.before) in words and outline(step.after) in words
    for step in made.refusals:
        assert f"refused: {step.reason}" in words
    before, after = pictures(html)
    assert "subtract" in texts(before) and "power" in texts(before)
    assert any("subtract → square" in text for text in texts(after))
    assert explanation_text(made) == made.describe()
    assert html_of(made) == html


def test_nothing_to_rewrite_is_said() -> None:
    html = explanation_html(explain(delayed(abs)(-1)))
    assert "No rule applies" in safe_page(html)
    assert len(pictures(html)) == 1


def test_a_long_record_is_cut() -> None:
    x = ca.ones((20, 20), chunks=10)
    for i in range(150):
        x = (x * 2 + i).rechunk((10 if i % 2 else 20, 10))
    made = explain(x)
    assert len(made.steps) > 60
    html = explanation_html(made)
    assert f"and {len(made.steps) - 60} more" in safe_page(html)
    assert len(html.encode()) < 60_000


def test_hostile_names_stay_text() -> None:
    assert HOSTILE in safe_page(explanation_html(explain(delayed(abs, name=HOSTILE)(1))))
