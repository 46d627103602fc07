"""The SVG of an array's chunks: a strip, a grid, a block, or a row of blocks, drawn to scale.

Up to `MAX_CELLS` chunks are drawn one by one and tell their slice on hover; beyond that lines stand for
boundaries, and beyond `axes.MAX_LINES` along an axis for every so many of them. One of the largest chunks is
marked, so that its size is seen beside the whole.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

from chunkscope.display.axes import Axis, axis_name, bytes_words, shape_words, whole
from chunkscope.display.markup import Markup, element, fragment, number
from chunkscope.units import format_count

__all__ = ["can_mark", "chunk_picture", "chunk_places"]

LONG = 168.0  # the longest side in pixels
SHORT = 34.0  # the shortest side: a thin array stays visible
MAX_CELLS = 64
MAX_BLOCKS = 4  # blocks drawn beside each other for a fourth dimension
FILL, LINE, MARK, INK, DIM = "#dbe8f1", "#5d7f97", "#f0b440", "#1f2328", "#59636e"


def chunk_picture(axes: Sequence[Axis], itemsize: int, about: str) -> Markup:
    """The picture of an array of up to four dimensions; `about` is its text twin."""
    if not axes:
        drawing = _scalar()
    elif len(axes) <= 2:
        drawing = _Flat(axes, itemsize).draw()
    else:
        drawing = _Deep(axes).draw()
    body, width, height = drawing
    return element(
        "svg",
        element("title", "Chunks of the array"),
        element("desc", about),
        body,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=about,
        width=math.ceil(width),
        height=math.ceil(height),
        viewBox=f"0 0 {math.ceil(width)} {math.ceil(height)}",
        font_size="11",
    )


def chunk_places(axes: Sequence[Axis]) -> dict[str, Any] | None:
    """Where the picture has the chunks, for a front end that paints over them; None where it draws none.

    "flat": left, top, width and height of the grid; "deep": those of the first block's front face, how far the depth
    goes to the right and up, the distance of the blocks, and how many are drawn. Pixels of the picture. "mark": the
    chunk that is marked.
    """
    if not axes or len(axes) > 4:
        return {"form": "flat", "box": [1, 1, SHORT, SHORT]} if not axes else None
    mark = {"mark": _marked_block(axes)} if can_mark(axes) else {}
    if len(axes) <= 2:
        flat = _Flat(axes, 1)
        box = [flat.shift + flat.left, flat.top, flat.width, flat.height]
        return {"form": "flat", "box": [round(side, 2) for side in box], **mark}
    deep = _Deep(axes)
    sides = [deep.left, deep.top + deep.dy, deep.width, deep.height, deep.dx, deep.dy, deep.pitch]
    return {"form": "deep", "box": [round(side, 2) for side in sides], "blocks": deep.shown, **mark}


def _marked_block(axes: Sequence[Axis]) -> int:
    number = 0
    for axis in axes:
        number = number * axis.nchunks + axis.widest
    return number


Drawing = tuple[Markup, float, float]


def can_mark(axes: Sequence[Axis]) -> bool:
    """Whether the picture marks one of the largest chunks: where it can be seen among the others."""
    if not axes or len(axes) > 4 or any(axis.nchunks == 0 for axis in axes):
        return not axes
    if len(axes) > 2:
        depth, rows, columns = axes[-3:]
        hidden = depth.widest and rows.widest and columns.widest != columns.nchunks - 1
        if hidden or (len(axes) == 4 and axes[0].widest >= MAX_BLOCKS):
            return False
    return max(axis.step for axis in axes[-3:]) == 1


def _scalar() -> Drawing:
    body = element(
        "rect", x=1, y=1, width=SHORT, height=SHORT, rx=3, class_="mark line", fill=MARK, stroke=LINE
    )
    return body, SHORT + 2, SHORT + 2


def _sides(axes: Sequence[Axis]) -> list[float]:
    """Side lengths in pixels, to one scale as far as thin sides stay visible."""
    lengths = [axis.length if math.isfinite(axis.length) else axis.nchunks * 10.0 for axis in axes]
    top = max(*lengths, 1.0)
    return [max(SHORT, LONG * length / top) for length in lengths]


def _label(
    axis: Axis, name: str, x: float, y: float, *, turned: bool = False, anchor: str = "middle"
) -> Markup:
    """The name of an axis and its length; turned labels read upwards."""
    return element(
        "text",
        element("tspan", f"{name} ", class_="sub", fill=DIM),
        whole(axis.length),
        x=x,
        y=y,
        class_="fg",
        fill=INK,
        text_anchor=anchor,
        transform=f"rotate(-90 {number(x)} {number(y)})" if turned else None,
    )


def _words_width(axis: Axis, name: str) -> float:
    """Width of a label in pixels, about."""
    return 6.4 * len(f"{name} {whole(axis.length)}")


def _room_beside(axis: Axis, name: str, height: float) -> float:
    """Free space above a side, and below it, so that its turned label, centred on it, is not cut off."""
    return max(1.0, (_words_width(axis, name) - height) / 2)


def _notes(axes: Sequence[Axis], names: Sequence[str]) -> list[str]:
    """What the picture leaves out, in words."""
    notes = []
    steps = [(name, axis.step) for name, axis in zip(names, axes, strict=True) if axis.step > 1]
    if steps:
        notes.append("a line stands for " + ", ".join(f"{step:,} chunks ({name})" for name, step in steps))
    if not all(axis.known for axis in axes):
        notes.append("sizes are known after the computation")
    return notes


def _caption(notes: Sequence[str], x: float, y: float) -> Markup:
    return fragment(
        element("text", note, x=x, y=y + 14 * i, class_="sub", fill=DIM, font_size="10")
        for i, note in enumerate(notes)
    )


class _Flat:
    """One or two dimensions: a strip or a grid."""

    def __init__(self, axes: Sequence[Axis], itemsize: int) -> None:
        self.axes, self.itemsize = axes, itemsize
        if len(axes) == 1:
            self.width, self.height = 2 * LONG, SHORT
            self.columns, self.rows = axes[0], Axis.of((1,))
        else:
            self.height, self.width = _sides(axes)
            self.rows, self.columns = axes
        self.left, self.top = 1.0, 1.0
        if len(axes) == 2:
            self.left, self.top = 20.0, _room_beside(self.rows, "rows", self.height)
        self.words = _words_width(self.columns, "axis 0" if len(axes) == 1 else "columns")
        self.shift = max(0.0, (self.words - self.width) / 2 - self.left)
        """A narrow picture makes room for its label."""

    def draw(self) -> Drawing:
        names = ["axis 0"] if len(self.axes) == 1 else [axis_name(i, 2) for i in range(2)]
        total = self.rows.nchunks * self.columns.nchunks
        body = [self._cells() if total <= MAX_CELLS else self._lines()]
        bottom = self.top + self.height
        body.append(_label(self.columns, names[-1], self.left + self.width / 2, bottom + 15))
        if len(self.axes) == 2:
            body.append(_label(self.rows, names[0], 12.0, self.top + self.height / 2, turned=True))
        notes = _notes(self.axes, names)
        body.append(_caption(notes, self.left, bottom + 31))
        words, shift = self.words, self.shift
        if shift:
            body = [element("g", *body, transform=f"translate({number(shift)} 0)")]
        right = self.left + max(
            self.width, (self.width + words) / 2, *(5.6 * len(note) for note in notes), 0.0
        )
        width = shift + right + 2
        foot = bottom + 20 + 14 * len(notes) + (4 if notes else 0)
        return fragment(body), width, max(foot, bottom + _room_beside(self.rows, names[0], self.height))

    def _cells(self) -> Markup:
        """A rectangle for each chunk, with its slice on hover."""
        cells = []
        marked = (self.rows.widest, self.columns.widest)
        for i, j in itertools.product(range(self.rows.nchunks), range(self.columns.nchunks)):
            (y0, y1), (x0, x1) = self.rows.span(i), self.columns.span(j)
            cells.append(
                element(
                    "rect",
                    element("title", self._tell(i, j)),
                    x=self.left + x0 * self.width,
                    y=self.top + y0 * self.height,
                    width=(x1 - x0) * self.width,
                    height=(y1 - y0) * self.height,
                    class_="mark hot" if (i, j) == marked else "hot",
                    fill=MARK if (i, j) == marked else None,
                )
            )
        return element("g", *cells, class_="cell line", fill=FILL, stroke=LINE, **self._dashes())

    def _tell(self, i: int, j: int) -> str:
        places = [(self.columns, j)] if len(self.axes) == 1 else [(self.rows, i), (self.columns, j)]
        sizes = [float(axis.sizes[k]) for axis, k in places]
        block = shape_words([float(k) for _, k in places])
        slices = ", ".join(axis.slice_words(k) for axis, k in places)
        nbytes = bytes_words(math.prod(sizes) * self.itemsize)
        return f"block {block}: [{slices}], shape {shape_words(sizes)}, {nbytes}"

    def _lines(self) -> Markup:
        """One rectangle, the boundaries as lines, and the marked chunk where it is wide enough to be seen."""
        path = [
            f"M{number(self.left + x * self.width)} {number(self.top)}v{number(self.height)}"
            for x in self.columns.lines
        ]
        path += [
            f"M{number(self.left)} {number(self.top + y * self.height)}h{number(self.width)}"
            for y in self.rows.lines
        ]
        parts = [element("rect", x=self.left, y=self.top, width=self.width, height=self.height)]
        if can_mark(self.axes):
            (y0, y1), (x0, x1) = self.rows.span(self.rows.widest), self.columns.span(self.columns.widest)
            parts.append(
                element(
                    "rect",
                    x=self.left + x0 * self.width,
                    y=self.top + y0 * self.height,
                    width=(x1 - x0) * self.width,
                    height=(y1 - y0) * self.height,
                    class_="mark",
                    fill=MARK,
                )
            )
        parts.append(element("path", d="".join(path), fill="none", stroke_width="0.6"))
        return element("g", *parts, class_="cell line", fill=FILL, stroke=LINE, **self._dashes())

    def _dashes(self) -> dict[str, object]:
        return {} if all(axis.known for axis in self.axes) else {"stroke_dasharray": "3 2"}


class _Deep:
    """Three dimensions as a block, four as a row of blocks: axis 0 of three goes into the depth."""

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = axes
        self.outer = axes[0] if len(axes) == 4 else None
        self.depth, self.rows, self.columns = axes[-3:]
        scale = 1.0 if self.outer is None else 0.55
        depth, self.height, self.width = (side * scale for side in _sides(axes[-3:]))
        self.dx, self.dy = depth * 0.5, depth * 0.36
        names = [axis_name(i, len(axes)) for i in range(len(axes))]
        self.label = _words_width(self.columns, names[-1])
        self.left = max(20.0, (self.label - self.width) / 2)
        self.top = max(3.0, _room_beside(self.rows, names[-2], self.height) - self.dy)
        self.shown = 1 if self.outer is None else min(self.outer.nchunks, MAX_BLOCKS)
        self.pitch = self.width + self.dx + 14

    def draw(self) -> Drawing:
        ndim = len(self.axes)
        names = [axis_name(i, ndim) for i in range(ndim)]
        label, left, top, shown, pitch = self.label, self.left, self.top, self.shown, self.pitch
        body = [
            self._block(left + i * pitch, top, marked=self.outer is None or i == self.outer.widest)
            for i in range(shown)
        ]
        bottom = top + self.dy + self.height
        right = left + (shown - 1) * pitch + self.width + self.dx
        last = left + (shown - 1) * pitch
        if self.outer is not None and self.outer.nchunks > shown:
            body.append(element("text", "…", x=right + 4, y=bottom - self.height / 2, class_="fg", fill=INK))
            right += 18
        body.append(_label(self.rows, names[-2], 12.0, bottom - self.height / 2, turned=True))
        body.append(_label(self.columns, names[-1], left + self.width / 2, bottom + 15))
        corner = last + self.width + self.dx / 2 + 7
        body.append(_label(self.depth, names[-3], corner, bottom - self.dy / 2 + 9, anchor="start"))
        right = max(right, corner + _words_width(self.depth, names[-3]), left + (self.width + label) / 2)
        notes = _notes(self.axes[-3:], names[-3:])
        if self.outer is not None:
            count = f"{format_count(self.outer.nchunks, 'block')} along axis 0 ({whole(self.outer.length)})"
            notes.insert(0, count + (f", {shown} drawn" if shown < self.outer.nchunks else ""))
        body.append(_caption(notes, left, bottom + 31))
        width = max(right + 2, *(5.6 * len(note) + left for note in notes), 60.0)
        foot = bottom + 20 + 14 * len(notes) + (4 if notes else 0)
        return fragment(body), width, max(foot, bottom + _room_beside(self.rows, names[-2], self.height))

    def _block(self, left: float, top: float, *, marked: bool) -> Markup:
        """A block with its front, top and right face; depth goes up and to the right."""

        def at(x: float, y: float, z: float) -> str:
            """The point at shares x (columns), y (rows) and z (depth)."""
            px = left + x * self.width + z * self.dx
            return f"{number(px)} {number(top + self.dy + y * self.height - z * self.dy)}"

        def face(*corners: tuple[float, float, float]) -> str:
            return "M" + "L".join(at(*corner) for corner in corners) + "z"

        fronts = [face((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0))]
        sides = [
            face((0, 0, 0), (1, 0, 0), (1, 0, 1), (0, 0, 1)),
            face((1, 0, 0), (1, 1, 0), (1, 1, 1), (1, 0, 1)),
        ]
        lines = [f"M{at(x, 1, 0)}L{at(x, 0, 0)}L{at(x, 0, 1)}" for x in self.columns.lines]
        lines += [f"M{at(0, y, 0)}L{at(1, y, 0)}L{at(1, y, 1)}" for y in self.rows.lines]
        lines += [f"M{at(0, 0, z)}L{at(1, 0, z)}L{at(1, 1, z)}" for z in self.depth.lines]
        parts = [element("path", d="".join(fronts)), element("path", d="".join(sides), fill_opacity="0.6")]
        faces = self._marked(face) if marked else ""
        if faces:
            parts.append(element("path", d=faces, class_="mark", fill=MARK))
        parts.append(element("path", d="".join(lines), fill="none", stroke_width="0.6"))
        known = all(axis.known for axis in self.axes)
        return element(
            "g",
            *parts,
            class_="cell line",
            fill=FILL,
            stroke=LINE,
            stroke_linejoin="round",
            stroke_dasharray=None if known else "3 2",
        )

    def _marked(self, face: Callable[..., str]) -> str:
        """What can be seen of the marked chunk on the three faces of its block; nothing where it lies
        inside.
        """
        if not can_mark(self.axes):
            return ""
        (x0, x1), (y0, y1), (z0, z1) = (
            axis.span(axis.widest) for axis in (self.columns, self.rows, self.depth)
        )
        path = face((x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0)) if self.depth.widest == 0 else ""
        if self.rows.widest == 0:
            path += face((x0, 0, z0), (x1, 0, z0), (x1, 0, z1), (x0, 0, z1))
        if self.columns.widest == self.columns.nchunks - 1:
            path += face((1, y0, z0), (1, y1, z0), (1, y1, z1), (1, y0, z1))
        return path
