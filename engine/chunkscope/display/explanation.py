"""The pages of an explanation (an expression before and after its rewrite, step by step) and of a run's account."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chunkscope.compute import Explanation
from chunkscope.compute.wording import after_words, before_words
from chunkscope.display.expressions import describe_expressions, expression_diagram
from chunkscope.display.graph_svg import draw
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, foldable, row_table
from chunkscope.display.theme import wrap
from chunkscope.expr import Expr
from chunkscope.observe.account import Account
from chunkscope.observe.chapters import Chapter
from chunkscope.units import format_count, format_seconds

__all__ = ["account_body", "account_html", "explanation_html", "explanation_text", "sentence"]

PICTURE_NODES = 24
MAX_STEPS = 60


def explanation_text(explanation: Explanation) -> str:
    """Every step in words; the twin of `explanation_html`."""
    return explanation.describe()


def explanation_html(explanation: Explanation) -> str:
    """An explanation as HTML: both expressions as pictures, then the steps, with the reason of each refusal."""
    fired, refused = len(explanation.firings), len(explanation.refusals)
    said = f"{format_count(fired, 'rewrite')}" + (f", {format_count(refused, 'refusal')}" if refused else "")
    head = element(
        "p", "How it will run ", element("span", said, class_="dim", style="font-weight:400"), class_="head"
    )
    before = _side("As written", explanation.before, merge=False)
    after = _side("As it runs", explanation.after, merge=True)
    pictures = element("div", before, after, class_="row")
    if not explanation.steps:
        return str(wrap(fragment([head, element("p", "No rule applies: it runs as it is written."), before])))
    return str(wrap(fragment([head, pictures, _steps(explanation)])))


def _side(title: str, roots: tuple[Expr, ...], *, merge: bool) -> Markup:
    diagram = expression_diagram(roots, merge=merge, budget=PICTURE_NODES)
    words = describe_expressions(roots, merge=merge).partition(": ")[2]
    caption = element("p", f"{title} ", element("span", words, class_="dim"))
    return element("div", caption, draw(diagram, heading=title))


def _steps(explanation: Explanation) -> Markup:
    rows: list[tuple[object, ...]] = []
    for step_number, step in enumerate(explanation.steps, start=1):
        before = element("code", shorten(before_words(step), 90))
        if step.after is not None:
            came = element("code", shorten(after_words(step), 140))
        else:
            came = fragment([element("b", "refused: "), shorten(step.reason, 200)])
        rows.append((step_number, step.rule, before, came))
    return row_table(("", "Rule", "Before", "After, or why not"), rows, MAX_STEPS)


def account_html(account: Account) -> str:
    """A run in words as HTML: what it did and what bound it, then the rest of the story, and where the time went."""
    return str(wrap(account_body(account)))


def account_body(account: Account, *, open_: bool = True) -> Markup:
    """The same without the style sheet, for pages that have it; `open_`: whether the whole story is unfolded."""
    chapters = {chapter.topic: chapter for chapter in account.told()}
    head = element("p", f"What happened in run {account.run}", class_="head")
    first = [_chapter(chapters.pop(topic)) for topic in ("short", "bottleneck", "next") if topic in chapters]
    time = chapters.pop("time", None)
    parts = [head, *first]
    if time is not None:
        parts.append(_chapter(time, _shares(account)))
    if chapters:
        rest = fragment(_chapter(chapter) for chapter in chapters.values())
        parts.append(foldable("The whole story", rest, open_=open_))
    return fragment(parts)


def _chapter(chapter: Chapter, more: Markup | None = None) -> Markup:
    items = [element("li", sentence(remark.text)) for remark in chapter.remarks]
    title = element("p", element("b", chapter.title), style="margin-top:8px")
    words = element("ul", *items, style="margin:0;padding-left:20px;max-width:900px")
    return fragment([title, words] if more is None else [title, more, words])


def sentence(text: str) -> Markup:
    """A sentence with its code set as code; all of it escaped."""
    parts: Sequence[str] = re.split(r"`([^`\n]+)`", text)
    return fragment(element("code", part) if i % 2 else part for i, part in enumerate(parts))


def _shares(account: Account) -> Markup:
    """Where the lanes' seconds went, as bars."""
    facts = account.facts
    spent = facts.spent
    rows = [
        ("computing", spent.kernels - facts.reading),
        ("reading", facts.reading),
        ("waiting for inputs", spent.waiting),
        ("held back for memory", spent.held - spent.kept_out),
        ("handing over", spent.overhead),
        ("before the first task, after the last", facts.outside),
    ]
    cells = [
        (name, Bar(facts.told_share(seconds), f"{facts.told_share(seconds):.0%}"), format_seconds(seconds))
        for name, seconds in rows
        if seconds > 0
    ]
    return row_table(("Lanes were", "Share", "Lane seconds"), cells)
