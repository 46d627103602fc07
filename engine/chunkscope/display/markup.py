"""HTML and SVG as text, with all text escaped unless it was made here.

`Markup` is finished markup; any other string is a user's text. `element` escapes the latter wherever it
stands, so a view cannot forget to. Nothing here knows what it draws.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape as _escape

__all__ = ["Markup", "element", "fragment", "number", "plain", "shorten"]

# Characters that XML 1.0 does not allow at all, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Markup(str):
    """Finished markup, to be used as it is."""

    __slots__ = ()


def plain(text: object) -> Markup:
    """The text of any object as markup that shows it and nothing else.

    >>> plain('<script>"x" & y</script>')
    '&lt;script&gt;&quot;x&quot; &amp; y&lt;/script&gt;'
    """
    return Markup(_escape(_FORBIDDEN.sub("\ufffd", str(text)), quote=True))


def number(value: float) -> str:
    """A coordinate with at most one decimal, for compact pictures.

    >>> number(12.0), number(3.14159), number(-0.01)
    ('12', '3.1', '0')
    """
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


CLOSED = frozenset(
    ("circle", "ellipse", "line", "path", "polygon", "polyline", "rect", "stop", "use")  # of SVG
).union(("br", "col", "hr", "img", "input", "link", "meta"))
"""Elements that can end where they begin. A page takes any other `<x/>` for the begin of one that has no end."""


def element(tag: str, /, *children: object, **attributes: object) -> Markup:
    """An element. Children that are not `Markup` are escaped, attributes always.

    Underscores in attribute names become hyphens, a trailing one is dropped (`class_`), and None leaves the
    attribute out. Floats are written with one decimal.

    >>> element("td", "a < b", class_="cell", colspan=2)
    '<td class="cell" colspan="2">a &lt; b</td>'
    >>> element("rect", x=1.0, stroke_width=None)
    '<rect x="1"/>'
    >>> element("progress", value=1)
    '<progress value="1"></progress>'
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in CLOSED and not children:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{fragment(children)}</{tag}>")


def _attribute(value: object) -> str:
    return number(value) if isinstance(value, float) else plain(value)


def fragment(children: Iterable[object]) -> Markup:
    """Several pieces one after the other."""
    return Markup("".join(c if isinstance(c, Markup) else plain(c) for c in children))


def shorten(text: object, limit: int) -> str:
    """The text on one line in at most `limit` characters; a longer one loses its middle, which says least.

    >>> shorten("normalise_temperatures", 12)
    'normali…ures'
    """
    line = " ".join(str(text).split())
    if len(line) <= limit:
        return line
    head = (limit - 1) * 2 // 3
    return f"{line[:head]}…{line[len(line) - (limit - 1 - head) :]}"
