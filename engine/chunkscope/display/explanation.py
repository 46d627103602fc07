"""The page of an explanation: the expression before and after its rewrite, and each step between them."""

from __future__ import annotations

from chunkscope.compute import Explanation
from chunkscope.compute.wording import after_words, before_words
from chunkscope.display.expressions import describe_expressions, expression_diagram
from chunkscope.display.graph_svg import draw
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import row_table
from chunkscope.display.theme import wrap
from chunkscope.expr import Expr
from chunkscope.units import format_count

__all__ = ["explanation_html", "explanation_text"]

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
