"""Arrays, expressions and graphs that the tests of displays show, and the checks that every output must pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any, ClassVar
from xml.etree import ElementTree

import numpy as np

from chunkscope.expr import Expr
from chunkscope.graph import Graph, GraphBuilder, Layer, Ragged, Strategy

HOSTILE = "<script>alert(1)</script>\"&'"
SVG = "{http://www.w3.org/2000/svg}"


def chunked(*chunks: Sequence[float], dtype: str = "float64", label: str | None = None) -> Any:
    """A small stand-in for an array with these chunks."""
    shape = tuple(sum(sizes) for sizes in chunks)
    return SimpleNamespace(
        shape=shape, dtype=np.dtype(dtype), chunks=tuple(tuple(sizes) for sizes in chunks), label=label
    )


def kernel(block: int, *inputs: Any) -> None:
    """A kernel that is never run here."""


class Names:
    """A kernel that names its rows, as that of delayed calls does."""

    def __init__(self, titles: list[str]) -> None:
        self.titles = titles

    def names(self) -> list[str]:
        return self.titles

    def __call__(self, block: int, /, *inputs: Any) -> None:
        """Never run here."""


def tree_graph(rows: int = 3, columns: int = 3, split: int = 4, label: str | None = None) -> Graph:
    """Random blocks, their sum with their transpose, and a tree of sums."""
    build = GraphBuilder()
    source = Layer("", "random", kernel, (rows, columns), Strategy.SOURCE, label=label, dtype="float64")
    (x,) = build.add(source, nbytes=800)
    (y,) = build.add(
        Layer("", "add", kernel, (rows, columns), detail="transpose, add"), [x, x[::-1]], nbytes=800
    )
    level = y.reshape(-1)
    while level.size > 1:
        count = -(-level.size // split)
        ptr = np.minimum(np.arange(count + 1) * split, level.size)
        (level,) = build.add(Layer("", "sum", kernel, (count,), Strategy.TREE), Ragged(ptr, level), nbytes=8)
    return build.freeze(level)


def call_graph(inputs: Sequence[Sequence[int]], names: Sequence[str]) -> Graph:
    """Delayed calls in one layer: call `i` reads the calls `inputs[i]`."""
    build = GraphBuilder()
    ptr = np.concatenate([[0], np.cumsum([len(row) for row in inputs])]).astype(np.int64)
    slots = np.array([number for row in inputs for number in row], dtype=np.int64)
    layer = Layer("calls-0", "call", Names(list(names)), (len(inputs),), Strategy.CALL)
    (places,) = build.add(layer, Ragged(ptr, slots), nbytes=64)
    return build.freeze(places[-1:])


@dataclass(frozen=True, eq=False)
class Ones(Expr):
    """A source."""

    chunks: tuple[tuple[int, ...], ...]
    dtype: str = "float64"
    op: ClassVar[str] = "ones"


@dataclass(frozen=True, eq=False)
class Add(Expr):
    """An operation of two inputs."""

    a: Expr
    b: Expr
    op: ClassVar[str] = "add"


@dataclass(frozen=True, eq=False)
class Sum(Expr):
    """An operation with a parameter."""

    a: Expr
    axis: int | None
    strategy: ClassVar[Strategy] = Strategy.TREE
    op: ClassVar[str] = "sum"


def svgs(html: str) -> list[ElementTree.Element]:
    """Every SVG in some HTML, parsed: fails where one is not well-formed XML."""
    found = re.findall(r"<svg.*?</svg>", html, flags=re.DOTALL)
    return [ElementTree.fromstring(text) for text in found]


def pictures(html: str) -> list[ElementTree.Element]:
    """The SVGs that are pictures, each checked for its role, title and description."""
    images = [svg for svg in svgs(html) if svg.get("aria-hidden") != "true"]
    for image in images:
        assert image.get("role") == "img"
        assert image.get("aria-label")
        assert [child.tag for child in image][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert image[0].text and image[1].text
    return images


def texts(root: ElementTree.Element, tag: str = "text") -> list[str]:
    """The text of every element of one kind."""
    return ["".join(element.itertext()) for element in root.iter(f"{SVG}{tag}")]


class _Page(HTMLParser):
    """Collects tags, ids and texts, and checks that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def safe_page(html: str) -> str:
    """The text of an HTML fragment that is well formed, carries no script, no id and nothing from elsewhere."""
    page = _Page()
    page.feed(html)
    page.close()
    assert not page.open
    assert "script" not in page.tags
    names = {name for name, _ in page.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("id", "src", "href")}
    assert "url(" not in html
    pictures(html)
    return "".join(page.words)
