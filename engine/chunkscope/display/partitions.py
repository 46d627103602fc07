"""The strip of a frame's partitions: a bar for each, as high as it has rows; where they are many, one for several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chunkscope.display.markup import Markup, element, number, shorten

__all__ = ["Partitions", "partition_strip", "strip_places"]

WIDTH, HEIGHT, FOOT = 480.0, 44.0, 16.0
MAX_BARS = 160
LOWEST = 2.0
"""The height of a bar without rows: it is there."""
WIDEST = 56.0
LABELLED = 16
"""Up to so many bars have their number below."""
FILL, DEEP, LINE, INK = "#a9bfce", "#7f9cb0", "#5d7f97", "#59636e"


@dataclass(frozen=True)
class Partitions:
    """What is known of the partitions of a frame."""

    count: int
    rows: tuple[int, ...] | None
    """Rows of each, or None where nobody knows."""
    exact: bool
    """Whether `rows` are counted."""
    places: tuple[str, ...]
    """Where each comes from; empty where that says nothing."""
    divisions: tuple[str, ...]
    """Index values between them, one more; empty where they are not known."""

    @classmethod
    def of(cls, x: Any) -> Partitions:
        """What a lazy frame tells by its public attributes."""
        count = int(x.npartitions)
        rows = getattr(x, "partition_rows", None)
        places = getattr(x, "partition_places", None) or ()
        known = bool(getattr(x, "known_divisions", False))
        divisions = tuple(str(value) for value in x.divisions) if known else ()
        return cls(
            count,
            tuple(int(n) for n in rows) if rows is not None and len(rows) == count else None,
            bool(getattr(x, "partition_rows_exact", False)),
            tuple(map(str, places)) if len(places) == count else (),
            divisions if len(divisions) == count + 1 else (),
        )

    @property
    def total(self) -> int | None:
        """Rows in all, None where they are not known."""
        return None if self.rows is None else sum(self.rows)

    def rows_words(self, rows: int | None) -> str:
        """A number of rows for people: "about 1,000 rows" where it is not counted."""
        if rows is None:
            return "an unknown number of rows"
        return f"{'' if self.exact else 'about '}{rows:,} {'row' if rows == 1 else 'rows'}"

    def about(self, first: int, last: int) -> str:
        """The partitions `first` to `last` in words: for hovering and for the text twin."""
        said = [f"partition {first}" if first == last else f"partitions {first:,} to {last:,}"]
        if self.rows is not None:
            some = self.rows[first : last + 1]
            if first == last or min(some) == max(some):
                said.append(self.rows_words(some[0]) + ("" if first == last else " each"))
            else:
                said.append(f"{'' if self.exact else 'about '}{min(some):,} to {max(some):,} rows each")
        if self.places:
            begin, end = shorten(self.places[first], 48), shorten(self.places[last], 48)
            said.append(begin if begin == end else f"{begin} to {end}")
        if self.divisions:
            said.append(
                f"index {shorten(self.divisions[first], 24)} to {shorten(self.divisions[last + 1], 24)}"
            )
        return " · ".join(said)

    def words(self) -> str:
        """All partitions in one line: "105, about 20,000 to 31,000 rows each"."""
        if self.rows is None or not self.rows:
            return f"{self.count:,}"
        low, high = min(self.rows), max(self.rows)
        sign = "" if self.exact else "about "
        if self.count == 1:
            return f"1, {self.rows_words(low)}"
        if low == high:
            return f"{self.count:,} of {self.rows_words(low)}"
        return f"{self.count:,} of {sign}{low:,} to {high:,} rows"


def partition_strip(parts: Partitions, about: str) -> Markup:
    """The strip; `about` is its text twin. Shades change with the file, so that its partitions are seen together."""
    each = _bin(parts.count)
    nbars = math.ceil(parts.count / each) if parts.count else 0
    step, gap = _pitch(nbars)
    heights = _heights(parts, each, nbars)
    shades = _shades(parts.places, each, nbars)
    bars: list[Markup] = []
    for bar in range(nbars):
        first, last = bar * each, min((bar + 1) * each, parts.count) - 1
        high = float(heights[bar])
        rect = element(
            "rect",
            element("title", parts.about(first, last)),
            x=number(bar * step + gap / 2),
            y=number(HEIGHT - high),
            width=f"{max(step - gap, 0.4):.2f}",
            height=number(high),
            class_="hot deep" if shades[bar] else "hot bar",
            fill=DEEP if shades[bar] else FILL,
        )
        bars.append(rect)
        if nbars <= LABELLED and step >= 14:
            bars.append(_label(str(first), bar * step + step / 2, "middle"))
    wide = nbars * step
    if nbars > LABELLED:
        bars += [_label("0", 0.0, "start"), _label(f"{parts.count - 1:,}", wide, "end")]
        if each > 1:
            bars.append(_label(f"a bar is {each:,} partitions", wide / 2, "middle"))
    base = element("path", d=f"M0 {number(HEIGHT)}H{number(wide)}", class_="line", stroke=LINE, fill="none")
    return element(
        "svg",
        element("title", "Partitions"),
        element("desc", about),
        *bars,
        base,
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_label=f"Partitions: {about}",
        width=wide + 1,
        height=HEIGHT + FOOT,
        viewBox=f"0 0 {number(wide + 1)} {number(HEIGHT + FOOT)}",
        font_size="10",
    )


def strip_places(parts: Partitions) -> dict[str, Any]:
    """Where the strip has its bars, for a front end that paints over them: pixels of the picture.

    "each": partitions of a bar; "step": distance of the bars, `gap` of it empty; "heights" from the base line up.
    """
    each = _bin(parts.count)
    nbars = math.ceil(parts.count / each) if parts.count else 0
    step, gap = _pitch(nbars)
    heights = [round(float(high), 1) for high in _heights(parts, each, nbars)]
    return {
        "form": "strip",
        "each": each,
        "step": round(step, 3),
        "gap": gap,
        "base": HEIGHT,
        "heights": heights,
    }


def _pitch(nbars: int) -> tuple[float, float]:
    """Distance of the bars, and how much of it stays empty."""
    step = min(WIDTH / max(nbars, 1), WIDEST)
    return step, 1.5 if step > 8 else 0.6 if step > 3 else 0.2


def _label(text: str, x: float, anchor: str) -> Markup:
    return element("text", text, x=x, y=HEIGHT + 12, class_="sub", fill=INK, text_anchor=anchor)


def _bin(count: int) -> int:
    """1, 2, 5, 10, 20 …: the first that makes at most MAX_BARS bars."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if count <= MAX_BARS * factor * power:
                return factor * power
        power *= 10


def _heights(parts: Partitions, each: int, nbars: int) -> np.ndarray[Any, Any]:
    """As high as the partitions of a bar have rows on average; all alike where that is not known."""
    if parts.rows is None or not nbars or max(parts.rows) == 0:
        return np.full(nbars, HEIGHT if parts.rows is None else LOWEST)
    starts = np.arange(nbars) * each
    counts = np.diff(np.append(starts, parts.count))
    mean = np.add.reduceat(np.array(parts.rows, dtype=np.float64), starts) / counts
    found: np.ndarray[Any, Any] = np.maximum(mean / mean.max() * HEIGHT, LOWEST)
    return found


def _shades(places: Sequence[str], each: int, nbars: int) -> list[bool]:
    """Which bars have the second shade: those of every other file, where files have more than one bar."""
    first = [places[bar * each] for bar in range(nbars)] if places else []
    if len(set(first)) in (0, 1, nbars):
        return [False] * nbars
    shades, on = [], False
    for bar in range(nbars):
        on = on != (bar > 0 and first[bar] != first[bar - 1])
        shades.append(on)
    return shades
