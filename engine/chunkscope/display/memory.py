"""The page of a run's memory: who held how much at the peak, declared and measured, and the curve over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from chunkscope.display.markup import Markup, element, fragment, number, shorten
from chunkscope.display.tables import Bar, fact_table, row_table, swatch
from chunkscope.display.theme import category, wrap
from chunkscope.observe.memory import MemoryUse
from chunkscope.units import format_bytes, format_seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["memory_html", "memory_svg", "memory_table"]

WIDTH, HEIGHT, TOP, FOOT = 460.0, 150.0, 14.0, 130.0
INK = "#59636e"
LEAST = 0.01
"""Operations that never hold this share of the peak are drawn together."""


def memory_html(use: MemoryUse) -> str:
    """Facts, the stacked curve by operation, and the table of the peak."""
    forecast = use.forecast_bytes
    facts: list[tuple[str, object]] = [
        ("Peak, measured", f"{format_bytes(use.peak_bytes)}, {format_seconds(use.peak_at)} after the start"),
        (
            "Peak, forecast",
            "none: the sizes of blocks were guesses" if forecast is None else format_bytes(forecast),
        ),
    ]
    if use.run.budget is not None:
        facts.append(("Budget", format_bytes(use.run.budget)))
    facts += [(f"{one.name}, by itself", f"at most {one.words}") for one in use.workers]
    head = element("p", f"Memory of run {use.run.number}", class_="head")
    rows = element("div", fact_table(facts), memory_svg(use), class_="row")
    return str(wrap(fragment([head, rows, memory_table(use)])))


def memory_table(use: MemoryUse) -> Markup:
    """The operations by their share of the peak, the largest first."""
    peak = use.peak_bytes
    rows = [
        (
            fragment([swatch(use.names.index(row.op)), shorten(row.op, 40)]),
            row.ntasks,
            format_bytes(row.largest_block),
            Bar(row.measured / peak if peak else 0.0, format_bytes(row.measured)),
            format_bytes(row.temporaries) if row.temporaries else "",
            format_bytes(row.declared) if row.ntasks else "",
            format_bytes(row.highest),
        )
        for row in sorted(use.operations, key=lambda row: -row.measured)
    ]
    columns = (
        "Operation",
        "Tasks",
        "Largest block",
        "At the peak, measured",
        "of it temporaries",
        "At the peak, declared",
        "Its own highest",
    )
    return row_table(columns, rows)


def memory_svg(use: MemoryUse) -> Markup:
    """Bytes in use over time, one band for each operation, with the forecast peak and the budget as lines."""
    if not len(use.times) or not use.peak_bytes:
        return Markup()
    span = max(use.run.seconds, float(use.times[-1]), 1e-12)
    levels = [(use.forecast_bytes, "forecast peak"), (use.run.budget, "budget")]
    lines = [(float(v), words) for v, words in levels if v is not None and v < 4 * use.peak_bytes]
    top = max([float(use.peak_bytes), *(value for value, _ in lines)])
    order = np.argsort(-use.measured.max(axis=1), kind="stable")
    base = np.zeros(len(use.times))
    parts = [element("path", d=f"M0 {number(FOOT)}H{number(WIDTH)}", class_="edge", stroke=INK)]
    rest = np.zeros(len(use.times))
    for i in order.tolist():
        values = use.measured[i].astype(np.float64)
        if values.max() < LEAST * use.peak_bytes:
            rest += values
            continue
        tip = f"{shorten(use.names[i], 60)}: up to {format_bytes(int(values.max()))}"
        parts.append(_band(use.times / span, base, base + values, top, category(i), tip))
        base = base + values
    if rest.any():
        parts.append(_band(use.times / span, base, base + rest, top, "#8a8a8a", "all others"))
    late = use.peak_at > span / 2
    for value, words in lines:
        y = _height(value, top)
        parts.append(
            element(
                "path",
                d=f"M0 {number(y)}H{number(WIDTH)}",
                class_="edge",
                stroke=INK,
                stroke_dasharray="4 3",
            )
        )
        text = f"{words} {format_bytes(int(value))}"  # at the end where the peak is not
        parts.append(_words(text, 0.0, y - 3, "start") if late else _words(text, WIDTH, y - 3, "end"))
    x = WIDTH * use.peak_at / span
    parts.append(
        _words(f"▾ {format_bytes(use.peak_bytes)}", min(max(x, 30.0), WIDTH - 30), TOP - 4, "middle")
    )
    about = f"{format_bytes(use.peak_bytes)} at the peak, {format_seconds(use.peak_at)} after the start"
    return element(
        "svg",
        element("title", "Bytes in use by operation"),
        element("desc", about),
        *parts,
        _words("0 s", 0.0, HEIGHT - 6, "start"),
        _words(format_seconds(span), WIDTH, HEIGHT - 6, "end"),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"Bytes in use by operation: {about}",
        width=WIDTH,
        height=HEIGHT,
        viewBox=f"0 0 {number(WIDTH)} {number(HEIGHT)}",
        font_size="10",
    )


def _band(
    x: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    top: float,
    colour: str,
    tip: str,
) -> Markup:
    """A step band: each value holds from the moment before to its own."""
    at = np.concatenate([[0.0], x]) * WIDTH
    there = "".join(f"V{number(_height(v, top))}H{number(e)}" for v, e in zip(high, at[1:], strict=True))
    back = "".join(
        f"V{number(_height(v, top))}H{number(e)}" for v, e in zip(low[::-1], at[:-1][::-1], strict=True)
    )
    path = element(
        "path", d=f"M0 {number(FOOT)}{there}{back}z", fill=colour, class_="hot", fill_opacity="0.85"
    )
    return element("g", element("title", tip), path)


def _height(value: float, top: float) -> float:
    return FOOT - (FOOT - TOP) * float(value) / top


def _words(text: str, x: float, y: float, anchor: str) -> Markup:
    return element("text", text, x=x, y=y, class_="sub halo", fill=INK, text_anchor=anchor)
