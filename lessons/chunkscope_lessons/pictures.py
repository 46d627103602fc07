"""Two pictures of small pandas results, bars and a heat map: HTML without scripts, each with its numbers in it.

They are tables, so that a screen reader reads them row by row; colour and length only repeat what is written.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from .outcome import Note

CIVIDIS = (
    (0, 32, 76), (33, 59, 110), (76, 85, 107), (108, 110, 114),
    (142, 138, 120), (179, 167, 112), (219, 199, 97), (255, 233, 69),
)  # fmt: skip
"""Even steps of a scale that reads the same with every kind of colour vision."""
INK_TURNS = 0.179
"""The luminance on which black and white are equally easy to read."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: its text and its HTML."""

    text: str
    page: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.page


def bars(numbers: Any, title: str) -> Figure | Note:
    """Returns a bar for each value of a pandas Series, as long as it is large.

    >>> bars(pd.Series([2.0, 4.0], index=["x", "y"]), "Z")
    Z
    x  2.00  ██████████
    y  4.00  ████████████████████
    """
    if not isinstance(numbers, pd.Series):
        return _nothing(numbers, "Series")
    top = max(numbers.abs().max(), 1e-300) if len(numbers) else 1.0
    rows, lines = [], []
    width = max((len(str(label)) for label in numbers.index), default=0)
    for label, value in zip(numbers.index, numbers.tolist(), strict=True):
        share = abs(float(value)) / top if pd.notna(value) else 0.0
        said = f"{value:,.2f}" if isinstance(value, float) else str(value)
        lines.append(f"{label!s:<{width}}  {said}  {'█' * round(20 * share)}".rstrip())
        rows.append(
            f'<tr><th scope="row" style="text-align:left">{escape(str(label))}</th>'
            f'<td style="text-align:right">{escape(said)}</td>'
            f'<td style="width:20em;text-align:left"><div style="background:#0072b2;height:0.8em;'
            f'width:{100 * share:.0f}%"></div></td></tr>'
        )
    return Figure("\n".join([title, *lines]), _table(title, (), rows))


def heat_map(table: Any, title: str) -> Figure | Note:
    """Returns a pandas frame of numbers with a colour for each, dark for small ones; missing ones stay empty."""
    if not isinstance(table, pd.DataFrame):
        return _nothing(table, "frame")
    numbers = table.to_numpy(dtype=float)
    known = numbers[np.isfinite(numbers)]
    low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
    rows = []
    for label, values in zip(table.index, numbers.tolist(), strict=True):
        cells = "".join(_cell(value, low, high) for value in values)
        rows.append(f'<tr><th scope="row">{escape(str(label))}</th>{cells}</tr>')
    head = ["" if table.index.name is None else str(table.index.name), *map(str, table.columns)]
    return Figure(f"{title}\n{table.round(1).to_string(na_rep='')}", _table(title, head, rows))


def _cell(value: float, low: float, high: float) -> str:
    if not math.isfinite(value):
        return "<td></td>"
    place = (value - low) / (high - low) if high > low else 0.0
    red, green, blue = _colour(place)
    ink = "#000" if _luminance(red, green, blue) > INK_TURNS else "#fff"
    style = f"background:rgb({red},{green},{blue});color:{ink};text-align:right;padding:2px 10px"
    return f'<td style="{style}">{value:.1f}</td>'


def _luminance(red: int, green: int, blue: int) -> float:
    """Returns the relative luminance, 0 to 1, that contrast ratios are made of."""
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 if c > 10 else c / 255 / 12.92 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _colour(place: float) -> tuple[int, int, int]:
    step = min(int(place * (len(CIVIDIS) - 1)), len(CIVIDIS) - 2)
    rest = place * (len(CIVIDIS) - 1) - step
    mixed = [round(a + (b - a) * rest) for a, b in zip(CIVIDIS[step], CIVIDIS[step + 1], strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _table(title: str, head: Sequence[str], rows: Sequence[str]) -> str:
    caption = f'<caption style="text-align:left;white-space:nowrap"><b>{escape(title)}</b></caption>'
    columns = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return f"<table>{caption}<thead><tr>{columns}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _nothing(found: Any, wanted: str) -> Note:
    kind = "still `...`" if found is ... else f"a {type(found).__name__}"
    return Note("Nothing to draw yet", (f"This needs a computed pandas {wanted}; what is there is {kind}.",))
