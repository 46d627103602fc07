"""The page of two runs side by side: what differs in words, both over one time axis, figures and operations."""

from __future__ import annotations

from chunkscope.display.explanation import sentence
from chunkscope.display.markup import Markup, element, fragment, shorten
from chunkscope.display.tables import Bar, row_table
from chunkscope.display.theme import wrap
from chunkscope.observe.compare import Comparison, Figure, Side
from chunkscope.units import format_seconds

__all__ = ["comparison_html"]

BAR = 420.0


def comparison_html(comparison: Comparison) -> str:
    """Two runs as HTML: sentences, a bar for each run, every figure, every operation."""
    a, b = comparison.a, comparison.b
    head = element("p", f"Run {b.number} beside run {a.number}", class_="head")
    words = fragment(element("p", sentence(text)) for text in comparison.sentences)
    columns = ("Figure", f"Run {a.number}", f"Run {b.number}", "Difference")
    figures = [(one.name, one.words(one.a), one.words(one.b), _change(one)) for one in comparison.figures]
    most = max((abs(one.seconds_b - one.seconds_a) for one in comparison.matches), default=0.0) or 1.0
    operations = [
        (
            shorten(one.name, 50),
            "none" if one.a < 0 else format_seconds(one.seconds_a),
            "none" if one.b < 0 else format_seconds(one.seconds_b),
            Bar(
                abs(one.seconds_b - one.seconds_a) / most,
                _change(Figure("", one.seconds_a, one.seconds_b, format_seconds)),
            ),
        )
        for one in comparison.matches
    ]
    parts = [
        head,
        words,
        _bars(a, b),
        row_table(columns, figures),
        row_table(("Operation, in kernels", *columns[1:]), operations),
    ]
    return str(wrap(fragment(parts)))


def _change(figure: Figure) -> str:
    """How a figure has changed: "+12.0 ms (+5%)"."""
    part = figure.b - figure.a
    if not part:
        return "–"
    sign = "+" if part > 0 else "−"
    share = f" ({sign}{abs(part) / figure.a:.0%})" if figure.a else ""
    return f"{sign}{figure.words(abs(part))}{share}"


def _bars(a: Side, b: Side) -> Markup:
    """Both runs as bars of one scale: what the lanes spent in kernels, waiting, and handing over."""
    end = max(a.seconds, b.seconds) or 1.0
    rows = []
    for y, side in ((0, a), (22, b)):
        went = side.spent
        total = went.kernels + went.waiting + went.overhead
        x, wide = 60.0, BAR * side.seconds / end
        rows.append(element("text", f"run {side.number}", x=0, y=y + 12, class_="fg"))
        for share, shade in ((went.kernels, "deep"), (went.waiting, "soft"), (went.overhead, "mark")):
            part = wide * share / total if total else 0.0
            kind = "bar deep" if shade == "deep" else shade
            rows.append(element("rect", x=x, y=y + 2, width=part, height=13, class_=kind, fill=SHADES[shade]))
            x += part
        rows.append(element("text", format_seconds(side.seconds), x=60 + wide + 6, y=y + 12, class_="sub"))
    about = f"Run {a.number} took {format_seconds(a.seconds)}, run {b.number} {format_seconds(b.seconds)}."
    picture = element(
        "svg",
        element("title", f"Runs {a.number} and {b.number}"),
        element("desc", about),
        *rows,
        xmlns="http://www.w3.org/2000/svg",
        width=BAR + 150,
        height=44,
        role="img",
        aria_label=about,
    )
    names = (("deep", "in kernels"), ("soft", "waiting for inputs"), ("mark", "handing over"))
    legend = element("p", *(fragment([_swatch(shade), f"{name}  "]) for shade, name in names), class_="dim")
    return fragment([picture, legend])


def _swatch(shade: str) -> Markup:
    """A small square in the shade of a part of a bar."""
    kind = "bar deep" if shade == "deep" else shade
    square = element("rect", width=9, height=9, class_=kind, fill=SHADES[shade])
    return element(
        "svg", square, width=9, height=9, aria_hidden="true", style="vertical-align:baseline;margin:0 6px"
    )


SHADES = {"deep": "#5d7f97", "soft": "#eef1f4", "mark": "#f0b440"}
