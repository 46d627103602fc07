"""A picture of a graph that a notebook shows and that can be saved; what `visualize` returns."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from chunkscope.display.diagram import Diagram, outline
from chunkscope.display.dot import render, to_dot
from chunkscope.display.graph_svg import draw
from chunkscope.display.markup import Markup, element, fragment
from chunkscope.display.tables import foldable
from chunkscope.display.theme import wrap

__all__ = ["Picture", "write"]


class Picture:
    """The picture of a graph. Notebooks show it; terminals print its outline; `save` writes it to a file."""

    def __init__(
        self,
        diagram: Diagram,
        heading: str,
        *,
        engine: str = "builtin",
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self.diagram = diagram
        self.heading = heading
        self._engine = engine
        self._attributes = dict(attributes or {})

    @cached_property
    def svg(self) -> str:
        """The SVG text, with a style sheet of its own."""
        if self._engine == "dot":
            return render(self.dot, "svg", "the picture").decode()
        return str(self._draw(alone=True))

    def _draw(self, *, alone: bool = False) -> Markup:
        rankdir = self._attributes.get("rankdir", "TB")
        return draw(self.diagram, heading=self.heading, alone=alone, rankdir=rankdir)

    @cached_property
    def dot(self) -> str:
        """The graph as DOT text."""
        return to_dot(self.diagram, **self._attributes)

    @property
    def text(self) -> str:
        """The outline of the graph: the text twin of the picture."""
        return outline(self.diagram)

    def save(self, path: str | os.PathLike[str], format: str | None = None) -> Path:
        """Write the picture and return where it is; the format follows from the name's ending, svg without one.

        SVG and DOT need no program; PNG, PDF and others are drawn by Graphviz. The file is complete or not there.
        """
        target = Path(path)
        if format is None:
            format = target.suffix.removeprefix(".").lower() or "svg"
        if target.suffix.removeprefix(".").lower() != format.lower():
            target = target.with_name(f"{target.name}.{format}")
        format = format.lower()
        if format == "svg":
            content = self.svg.encode()
        elif format in ("dot", "gv"):
            content = self.dot.encode()
        else:
            content = render(self.dot, format, repr(str(target)))
        write(target, content)
        return target

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        bundle = {"text/plain": self.text, "image/svg+xml": self.svg}
        if self._engine == "builtin":  # HTML takes the page's theme and shows the titles on hover
            listed = foldable("As a list", element("pre", self.text))
            bundle["text/html"] = str(wrap(fragment([self._draw(), listed])))
        wanted = set(bundle if include is None else include) - set(exclude or ())
        return {kind: data for kind, data in bundle.items() if kind in wanted}


def write(target: Path, content: bytes) -> None:
    """Put `content` into a file at once: readers see the old file or the whole new one."""
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"cannot write {str(target)!r}: the folder {str(target.parent)!r} does not exist"
        )
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException:
        os.unlink(name)
        raise
