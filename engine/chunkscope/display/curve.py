"""The small curve of memory, task by task, that plans and runs show: bytes held, their forecast, and levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chunkscope.display.markup import Markup, element, number

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Level", "curve"]

WIDTH, HEIGHT = 420.0, 110.0
TOP, FOOT = 14.0, HEIGHT - 18
POINTS = 300
INK = "#59636e"


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line: a value and what it is."""

    value: float
    words: str


def curve(
    values: NDArray[Any],
    title: str,
    about: str,
    *,
    forecast: NDArray[Any] | None = None,
    total: int | None = None,
    levels: Sequence[Level] = (),
    ends: tuple[str, str] = ("", ""),
) -> Markup:
    """A step curve from zero, one step for each task, with the forecast of it as a dashed line above.

    `total`: steps of the whole width, where `values` are only the first; `ends` label the axis below. Long curves
    are thinned to the largest value of each stretch, so that a peak is never lost.
    """
    steps = max(len(values) if total is None else total, 1)
    tops = [float(np.max(line)) for line in (values, forecast) if line is not None and len(line)]
    top = max([*tops, *(level.value for level in levels if math.isfinite(level.value)), 1e-300])
    area = _steps(values, steps, top)
    parts = [
        element(
            "path",
            d=f"M0 {number(FOOT)}{area}V{number(FOOT)}z",
            class_="cell line",
            fill="#dbe8f1",
            stroke="#5d7f97",
        )
        if len(values)
        else Markup(),
        element("path", d=f"M0 {number(FOOT)}H{number(WIDTH)}", class_="edge", stroke=INK),
    ]
    if forecast is not None and len(forecast):
        line = f"M0 {number(FOOT)}{_steps(forecast, steps, top)}"
        parts.append(element("path", d=line, class_="edge", stroke=INK, fill="none", stroke_dasharray="2 2"))
    for level in levels:
        if math.isfinite(level.value):
            at = _height(level.value, top)
            parts.append(
                element(
                    "path",
                    d=f"M0 {number(at)}H{number(WIDTH)}",
                    class_="edge",
                    stroke=INK,
                    stroke_dasharray="4 3",
                )
            )
            parts.append(_words(level.words, WIDTH, at - 3, "end"))
    return element(
        "svg",
        element("title", title),
        element("desc", about),
        *parts,
        _words(ends[0], 0.0, HEIGHT - 4, "start"),
        _words(ends[1], WIDTH, HEIGHT - 4, "end"),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"{title}: {about}",
        width=WIDTH,
        height=HEIGHT,
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        font_size="10",
    )


def _height(value: float, top: float) -> float:
    return FOOT - (FOOT - TOP) * value / top


def _steps(values: NDArray[Any], steps: int, top: float) -> str:
    """The path of a step curve, after its start at the foot."""
    y = np.asarray(values, dtype=np.float64)
    ends = np.arange(1, len(y) + 1)
    if len(y) > POINTS:
        starts = np.arange(POINTS) * len(y) // POINTS
        y, ends = np.maximum.reduceat(y, starts), np.maximum.reduceat(ends, starts)
    return "".join(
        f"V{number(_height(value, top))}H{number(WIDTH * end / steps)}"
        for value, end in zip(y.tolist(), ends.tolist(), strict=True)
    )


def _words(text: str, x: float, y: float, anchor: str) -> Markup:
    return element("text", text, x=x, y=y, class_="sub halo", fill=INK, text_anchor=anchor)
