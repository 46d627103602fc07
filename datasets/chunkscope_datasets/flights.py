"""Flights out of New York City, in several layouts and sizes: the one function that a learner calls."""

from pathlib import Path

from . import columnar, nested, nineties, original, yearly
from .columns import YEAR
from .places import data_dir
from .store import Recipe, build_once

LAYOUTS = (*yearly.LAYOUTS, "bts1990s", "jsonl", "parquet")
SOURCES = ("2013", "original")


def flights(
    layout: str | None = None,
    scale: int = 1,
    dest: str | Path | None = None,
    *,
    jitter: bool = False,
    source: str = "2013",
) -> list[Path]:
    """Returns the paths of the files, sorted; they are written on the first call and kept.

    Parameters
    ----------
    layout : how the flights are cut into files, "by_month" unless you say otherwise

        ================  =======================================================================
        "by_month"        CSV, 12 files for each year
        "by_destination"  CSV, 105 files of 1 to 17,283 rows (at scale 1)
        "by_carrier"      CSV, 16 files
        "single"          CSV, one file
        "jsonl"           lines of JSON, 12 files for each year; one line for each aircraft
        "parquet"         Parquet, 12 files for each year
        "bts1990s"        CSV, 10 files labelled 1990 to 1999, 3,329,478 rows, 255 MB; resampled
        ================  =======================================================================
    scale : how many years: 1 is the real 2013 (336,776 rows, 27 MB of CSV), k repeats it under the labels
        2013 … 2013+k-1, so that every count is k times as large and every mean the same; 37 is a gigabyte
    dest : a folder for the files, new or empty, instead of one in the cache
    jitter : adds noise to the delays, another one in each year, so that no two years are the same; the noise is the
        same on every machine
    source : "2013", or "original": downloads the files of 1990–1999 that many tutorials use, checks and
        extracts them; this is the only thing here that needs a network, and no lesson needs it

    Missing values are empty and whole numbers have no decimal point, as in the original files.
    `describe("flights")` and `describe("bts1990s")` tell what was derived and how.

    Raises ValueError for an unknown layout or a scale that is no positive whole number, NotEnoughDisk before
    writing anything, DatasetError when `dest` holds other files or a download is not what it should be.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in flights("by_month", dest=folder + "/data")][:2]
    ['2013-01.csv', '2013-02.csv']
    """
    if source not in SOURCES:
        raise ValueError(f"unknown source {source!r}; choose one of {', '.join(map(repr, SOURCES))}")
    if source == "original":
        if layout is not None or scale != 1 or jitter:
            raise ValueError("source='original' comes as it is: leave out layout, scale and jitter")
        return build_once(_folder(dest, original.FOLDER), original.recipe())
    layout = layout or "by_month"
    if layout not in LAYOUTS:
        raise ValueError(f"unknown layout {layout!r}; choose one of {', '.join(map(repr, LAYOUTS))}")
    if type(scale) is not int or not 1 <= scale <= 9999 - YEAR:
        raise ValueError(f"scale={scale!r}: a whole number of years from 1 to {9999 - YEAR} is needed")
    folder = f"flights-{layout}-x{scale}{'-jitter' if jitter else ''}"
    return build_once(_folder(dest, folder), recipe(layout, scale, jitter))


def recipe(layout: str, scale: int = 1, jitter: bool = False) -> Recipe:
    """Returns names, size and writer of one layout at one scale."""
    if layout == "bts1990s":
        if scale != 1 or jitter:
            raise ValueError("layout 'bts1990s' has its ten years already: leave out scale and jitter")
        return nineties.recipe()
    if layout == "jsonl":
        return nested.recipe(scale, jitter)
    if layout == "parquet":
        return columnar.recipe(scale, jitter)
    return yearly.recipe(layout, scale, jitter)


def _folder(dest: str | Path | None, name: str) -> Path:
    return data_dir() / name if dest is None else Path(dest).expanduser().absolute()
