"""Draws the days of 2013 that stand for the dates of 1990–1999, and writes them as `data/drawn_1990s.txt`.

Run as `python datasets/maintain/draw_1990s.py`. The result is bundled because NumPy's generators may give other
numbers in a later version; with NumPy 1.17 to 2.4 they give these.
"""

from pathlib import Path

import numpy as np

from chunkscope_datasets.columns import YEAR, dates
from chunkscope_datasets.nineties import DRAWN, YEARS

SEED = 1990
TARGET = Path(__file__).parents[1] / "chunkscope_datasets" / "data" / DRAWN


def main() -> None:
    """Writes one line for each year: the year, and a digit for each date."""
    weekdays = [(date.month, date.weekday()) for date in dates(YEAR)]
    wanted = [date for year in YEARS for date in dates(year)]
    alike = [weekdays.count((date.month, date.weekday())) for date in wanted]
    drawn = np.random.default_rng(SEED).integers(0, alike)
    digits = dict.fromkeys(YEARS, "")
    for date, number in zip(wanted, drawn.tolist(), strict=True):
        digits[date.year] += str(number)
    TARGET.write_text("".join(f"{year} {text}\n" for year, text in digits.items()), encoding="ascii")


if __name__ == "__main__":
    main()
