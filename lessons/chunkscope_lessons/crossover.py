"""From which size on does one way of computing win? Measured where it is asked, for the flights, and never asserted."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from chunkscope_datasets import flights

from .pictures import Figure

Way = Callable[[list[str]], Any]
FEW_ROWS = 100
LAPS = 3
LONG_S = 2.0
"""What takes longer is measured once."""


@dataclass(frozen=True, slots=True)
class Crossover:
    """Seconds of each way at each size, on this machine, at this moment."""

    ways: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    """What was read, in words and in bytes."""
    seconds: tuple[tuple[float, ...], ...]
    """A row for each size, a column for each way."""

    @property
    def answer(self) -> str:
        """Where the last way begins to be the fastest and stays it, in words."""
        *others, last = self.ways
        wins = [row[-1] <= min(row[:-1]) for row in self.seconds]
        if all(wins):
            return f"the {last} was fastest at every size, from {self.sizes[0][0]} on"
        if not wins[-1]:
            return f"the {last} was not the fastest up to {self.sizes[-1][0]}: {' or '.join(others)} won"
        first = len(wins) - wins[::-1].index(False)
        return f"the {last} was fastest from {self.sizes[first][0]} on ({self.sizes[first][1] / 1e6:.1f} MB)"

    def _lines(self) -> list[list[str]]:
        head = ["what is read", "MB", *self.ways]
        return [head] + [
            [name, f"{nbytes / 1e6:.2f}", *(f"{second * 1e3:,.1f} ms" for second in row)]
            for (name, nbytes), row in zip(self.sizes, self.seconds, strict=True)
        ]

    def _figure(self) -> Figure:
        lines = self._lines()
        widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
        text = [
            "  ".join(field.rjust(width) for field, width in zip(line, widths, strict=True)) for line in lines
        ]
        said = f"On your machine, this time: {self.answer}."
        head = "".join(f'<th scope="col">{escape(field)}</th>' for field in lines[0])
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{escape(line[0])}</th>'
            + "".join(f'<td style="text-align:right">{escape(field)}</td>' for field in line[1:])
            + "</tr>"
            for line in lines[1:]
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return Figure("\n".join([*text, said]), f"{table}<p>{escape(said)}</p>")

    def __repr__(self) -> str:
        return repr(self._figure())

    def _repr_html_(self) -> str:
        return self._figure()._repr_html_()


def crossover(ways: Mapping[str, Way], years: int = 1) -> Crossover:
    """Returns the time of each way on a hundred rows, a month, a quarter, a year, and on, doubling, up to `years`.

    The smallest of three laps, one lap where it takes long. Each way is a function of a list of paths.
    """
    with tempfile.TemporaryDirectory() as folder:
        cases = _cases(Path(folder), years)
        seconds = tuple(tuple(_fastest(way, paths) for way in ways.values()) for _, paths in cases)
        sizes = tuple((name, sum(Path(path).stat().st_size for path in paths)) for name, paths in cases)
    return Crossover(tuple(ways), sizes, seconds)


def _cases(folder: Path, years: int) -> list[tuple[str, list[str]]]:
    paths = [str(path) for path in flights("by_month", scale=max(years, 1))]
    few = folder / "few.csv"
    with open(paths[0], "rb") as january:
        few.write_bytes(b"".join(next(january) for _ in range(FEW_ROWS + 1)))
    cases = [(f"{FEW_ROWS} rows", [str(few)]), ("a month", paths[:1]), ("a quarter", paths[:3])]
    count = 1
    while count <= years:
        cases.append(("a year" if count == 1 else f"{count} years", paths[: 12 * count]))
        count *= 2
    return cases


def _fastest(way: Way, paths: list[str], laps: int = LAPS) -> float:
    found: Sequence[float] = []
    while len(found) < laps and sum(found) < LONG_S:
        start = time.perf_counter()
        way(paths)
        found = [*found, time.perf_counter() - start]
    return min(found)
