"""The DOT text of a diagram, for Graphviz and every other program that reads it; pictures where `dot` is."""

from __future__ import annotations

from collections.abc import Mapping

from chunkscope.display.diagram import Diagram, Form
from chunkscope.display.graph_svg import checked_direction
from chunkscope.display.theme import category
from chunkscope.errors import ConfigError

__all__ = ["render", "to_dot"]

_SHAPES = {
    Form.SOURCE: "note",
    Form.BLOCKWISE: "box",
    Form.TREE: "ellipse",
    Form.SHUFFLE: "hexagon",
    Form.GATHERS: "invtrapezium",
    Form.CALL: "box",
    Form.STORED: "cylinder",
    Form.GROUP: "box3d",
}


def to_dot(
    diagram: Diagram,
    *,
    rankdir: str = "TB",
    graph_attr: Mapping[str, str] | None = None,
    node_attr: Mapping[str, str] | None = None,
    edge_attr: Mapping[str, str] | None = None,
) -> str:
    """The diagram as DOT text. The further arguments are Graphviz's own attributes."""
    lines = [
        "digraph {",
        f"  graph [{_attributes({'rankdir': checked_direction(rankdir), **(graph_attr or {})})}];",
    ]
    lines.append(
        f"  node [{_attributes({'fontname': 'sans-serif', 'style': 'filled', **(node_attr or {})})}];"
    )
    if edge_attr:
        lines.append(f"  edge [{_attributes(edge_attr)}];")
    for i, node in enumerate(diagram.nodes):
        title = (
            f"{node.title} ×{node.count:,}" if node.count > 1 and node.form is not Form.GROUP else node.title
        )
        colour = "#8a8a8a" if node.colour < 0 else category(node.colour)
        attributes = {
            "label": "\n".join([title, *node.lines]),
            "tooltip": node.tip or node.title,
            "shape": _SHAPES[node.form],
            "color": colour,
            "fillcolor": f"{colour}2a",
        }
        lines.append(f"  n{i} [{_attributes(attributes)}];")
    lines += [f"  n{source} -> n{target};" for source, target in diagram.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _attributes(attributes: Mapping[str, str]) -> str:
    return ", ".join(f"{_quoted(name)}={_quoted(value)}" for name, value in attributes.items())


def _quoted(text: object) -> str:
    """A DOT string. Backslashes are doubled, so that Graphviz's own escapes in a user's text stay text."""
    plain = str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\0", "")
    return '"' + plain.replace("\r", "").replace("\n", "\\n") + '"'


def render(dot: str, format: str, target: str) -> bytes:
    """The picture that Graphviz draws of `dot`.

    Raises ConfigError where the `graphviz` package or its program is missing, or the format is unknown to it.
    """
    ways = "use the built-in SVG or DOT text, which need no program, or install Graphviz"
    try:
        import graphviz
    except ImportError:
        raise ConfigError(
            f"cannot write {target}: {format.upper()} is drawn by Graphviz, and the package `graphviz` is not "
            f"installed; {ways} (system package graphviz) and the Python package graphviz"
        ) from None
    if format not in graphviz.FORMATS:
        raise ConfigError(
            f"cannot write {target}: the format {format!r} is unknown; use svg, png, pdf or dot"
        )
    try:
        picture: bytes = graphviz.Source(dot).pipe(format=format)
    except graphviz.ExecutableNotFound:
        raise ConfigError(
            f"cannot write {target}: {format.upper()} is drawn by Graphviz, and its program `dot` is not on the "
            f"path; {ways} (for example: apt install graphviz, brew install graphviz, conda install graphviz)"
        ) from None
    return picture
