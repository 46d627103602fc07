"""How nodes and the key of a graph look: outlines that say how an operation runs, words, states."""

from __future__ import annotations

from chunkscope.display.diagram import Diagram, Form, Node
from chunkscope.display.marks import CRITICAL, badges, sign, sign_entries
from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.display.theme import category

__all__ = ["DIM", "key_box", "node_box", "node_size"]

INK, DIM = "#1f2328", "#59636e"
MARGIN = 8.0
TITLE, LINE = 15.0, 13.0  # line heights
SMALL = 20.0  # height of a node that is drawn small
KEY_ENTRIES = 14

# A state is a glyph and a stroke, never a colour alone.
STATES = {
    "waiting": ("◌", "2 2"),
    "ready": ("○", "4 2"),
    "running": ("◐", None),
    "finished": ("●", None),
    "stored": ("●", None),
    "released": ("·", None),
    "spilled": ("▤", None),
    "failed": ("✖", None),
    "cancelled": ("⊘", "2 2"),
}


def node_size(node: Node, small: bool) -> tuple[float, float]:
    """Width and height of a node's box, from its words."""
    if small:
        return max(22.0, 5.6 * len(node.title) + 9), SMALL
    words = max([7.1 * len(title_words(node)), *(5.9 * len(line) for line in node.lines)])
    slant = 14 if node.form in (Form.SHUFFLE, Form.GATHERS, Form.SOURCE) else 0
    slant += 18 if node.state else 0
    return max(46.0, words + 20 + slant), 12 + TITLE + LINE * len(node.lines)


def title_words(node: Node) -> str:
    return f"{node.title} ×{node.count:,}" if node.count > 1 and node.form is not Form.GROUP else node.title


def outline_of(form: Form, x: float, y: float, width: float, height: float) -> tuple[str, str]:
    """The path of a node's outline, and of the lines inside it: the form says how the operation runs."""
    left, right, top, bottom = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    cut = min(7.0, height / 3)
    if form is Form.SOURCE:  # a box with a cut corner, as a sheet of paper
        points = [(left, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom)]
    elif form is Form.SHUFFLE:  # a hexagon
        points = [
            (left + cut, top),
            (right - cut, top),
            (right, y),
            (right - cut, bottom),
            (left + cut, bottom),
        ]
        points.append((left, y))
    elif form is Form.GATHERS:  # a funnel
        points = [(left, top), (right, top), (right - cut, bottom), (left + cut, bottom)]
    else:
        radius = height / 2 if form is Form.TREE else 2.0 if form is Form.STORED else 5.0
        return _round(left, top, width, height, min(radius, 14.0)), _inside(form, left, right, top, bottom)
    return "M" + "L".join(f"{number(px)} {number(py)}" for px, py in points) + "z", ""


def _inside(form: Form, left: float, right: float, top: float, bottom: float) -> str:
    if form is Form.STORED:  # bars at the sides, as a store of blocks
        down = f"V{number(bottom)}"
        return f"M{number(left + 4)} {number(top)}{down}M{number(right - 4)} {number(top)}{down}"
    if form is Form.GROUP:  # a second edge, as a stack
        return f"M{number(left + 3)} {number(bottom + 3)}H{number(right + 3)}V{number(top + 3)}"
    return ""


def _round(left: float, top: float, width: float, height: float, r: float) -> str:
    arc = f"a{number(r)} {number(r)} 0 0 1"
    return (
        f"M{number(left + r)} {number(top)}h{number(width - 2 * r)}{arc} {number(r)} {number(r)}"
        f"v{number(height - 2 * r)}{arc} {number(-r)} {number(r)}h{number(2 * r - width)}"
        f"{arc} {number(-r)} {number(-r)}v{number(2 * r - height)}{arc} {number(r)} {number(-r)}z"
    )


def _shape(form: Form, colour: int, x: float, y: float, width: float, height: float) -> Markup:
    path, inner = outline_of(form, x, y, width, height)
    shade = DIM if colour < 0 else category(colour)
    parts = [element("path", d=path)]
    if inner:
        parts.append(element("path", d=inner, fill="none"))
    return element("g", *parts, class_="node", color=shade, fill="#f4f7f9", stroke=shade)


def node_box(node: Node, x: float, y: float, size: tuple[float, float], *, small: bool) -> Markup:
    """A node: outline, words, state, and a title for hovering."""
    width, height = size
    glyph, dashes = STATES.get(node.state, ("", None))
    tip = "\n".join(text for text in (node.tip or node.title, node.marks.words) if text)
    middle = x + (8 if glyph and not small else 0)
    top = y - height / 2 + (14.0 if small else 17.0)
    words = [
        element(
            "text",
            title_words(node),
            x=middle,
            y=top,
            class_="fg",
            fill=INK,
            font_size="10" if small else "12",
            font_weight=None if small else "600",
        )
    ]
    words += [
        element("text", line, x=middle, y=top + LINE * (i + 1), class_="sub", fill=DIM, font_size="10.5")
        for i, line in enumerate(node.lines)
    ]
    if glyph:
        words.append(
            element("text", glyph, x=x - width / 2 + 11, y=top, class_="fg", fill=INK, font_size="11")
            if not small
            else element("text", glyph, x=x + width / 2 - 1, y=y - 5, class_="fg", fill=INK, font_size="8")
        )
    box = element(
        "g",
        element("title", tip),
        _shape(node.form, node.colour, x, y, width, height),
        *words,
        text_anchor="middle",
        stroke_dasharray=dashes,
        opacity="0.7" if node.state in ("waiting", "released", "cancelled") else None,
    )
    if not node.marks.words:
        return box
    parts = [box]
    if node.marks.critical:
        path, _ = outline_of(node.form, x, y, width, height)
        parts.append(
            element("path", d=path, class_="critical", fill="none", stroke=CRITICAL, stroke_width="2.5")
        )
    if not small:
        parts.append(badges(node.marks, x + width / 2 - 2, y - height / 2 + 1))
    return fragment(parts)


def key_box(diagram: Diagram, width: float, top: float) -> tuple[Markup, float, float]:
    """The key below the picture: a small shape and a word for each category. Its markup, width and height."""
    signs = sign_entries([node.marks for node in diagram.nodes], diagram.path_words)
    if not diagram.key and not signs:
        return Markup(), 0.0, 0.0
    x, y, right = MARGIN, top + 14, 0.0
    parts = []
    shown = [(entry.text, entry.form, entry.colour) for entry in diagram.key[:KEY_ENTRIES]]
    if len(diagram.key) > KEY_ENTRIES:
        shown.append((f"and {len(diagram.key) - KEY_ENTRIES} more", Form.GROUP, -1))
    for text, form, colour in shown:
        room = 6.8 * len(text) + 40
        if x + room > width and x > MARGIN:
            x, y = MARGIN, y + 18
        parts.append(_shape(form, colour, x + 9, y, 18.0, 11.0))
        parts.append(element("text", text, x=x + 24, y=y + 4, class_="fg", fill=INK))
        x += room
        right = max(right, x)
    for name, text in signs:
        room = 6.2 * len(text) + 34
        if x + room > width and x > MARGIN:
            x, y = MARGIN, y + 18
        parts += [
            sign(name, x + 4, y - 5, 10.0),
            element("text", text, x=x + 20, y=y + 4, class_="fg", fill=INK),
        ]
        x += room
        right = max(right, x)
    return element("g", *parts), right + MARGIN, y + 14 - top
