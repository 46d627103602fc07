"""Checks of lesson 09: types, what reads which file, and how many bytes of a store one column costs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

import chunkscope.dataframe as cd
from chunkscope.errors import SchemaError

from ..attempt import Attempt, Raised, Wrong
from ..registry import check

LESSON = "09_dataframes"
NROWS = "a95f4946b144"
LONGEST = {"ex3": "94dc8371e93f", "ex5": "243401b60476"}
SHARE = 0.15
"""Of a store's bytes, what one column of 23 may cost."""
FIRST_FILES: dict[str, str] = {
    "ActualElapsedTime": "d6b8d7c0816e",
    "AirTime": "3b9b00919e8a",
    "ArrDelay": "625cb672764f",
    "ArrTime": "8f31b2b0c844",
    "CRSElapsedTime": "e1587886b322",
    "DepDelay": "337b331d6238",
    "DepTime": "81bbbbd27fc4",
}


@check(LESSON, "ex1")
def first_files(attempt: Attempt) -> str:
    """The first file that breaks each column of whole numbers."""
    found = attempt.plain("first_file", dict)
    attempt.expect(bool(found), "`first_file` is empty: no column has been compared yet")
    attempt.expect(
        "TailNum" not in found,
        "TailNum is text in ABQ.csv and no column of whole numbers. (LGA.csv has one flight, cancelled, with no "
        "aircraft: a column that is empty throughout is float64 for pandas)",
    )
    missing = sorted(set(FIRST_FILES) - set(found))
    attempt.expect(
        not missing,
        f"{len(found)} columns, in {', '.join(sorted(set(map(str, found.values()))))}; there is another one that these "
        "files do not show. Look at every file",
        "M14",
    )
    extra = sorted(set(map(str, found)) - set(FIRST_FILES))
    attempt.expect(not extra, f"{', '.join(extra)}: whole numbers in every file")
    for name, expected in FIRST_FILES.items():
        attempt.expect(
            attempt.is_known(name, str(found[name]), expected),
            f"{name} has gaps in {found[name]}, but an earlier file has some, too: keep the first one, not the last",
            "M14" if len(set(found.values())) == 1 else None,
        )
    files = sorted(set(found.values()))
    return f"Seven columns, broken by {', '.join(files)}: none of them at either end."


@check(LESSON, "ex2")
def size_of_a_sample(attempt: Attempt) -> str:
    """The number of rows that a sample of 4,000 bytes holds, as the learner's own function tells."""
    seen = int(attempt.number("seen"))
    noticed = attempt.value("is_noticed")
    attempt.expect(
        0 < seen < 2_000,
        f"`seen` is {seen:,}: with a gap in the last row, 1,999, nothing is noticed. "
        + ("Bytes are not rows: each row has ten" if seen == 4_000 else "The sample ends earlier"),
        "M13" if seen == 2_000 else None,
    )
    before, _ = attempt.watch(lambda: noticed(seen - 1))
    at, _ = attempt.watch(lambda: noticed(seen))
    attempt.expect(
        not at, f"`seen` is {seen}, but a gap in row {seen} is noticed: it looks further than that"
    )
    attempt.expect(
        before, f"`seen` is {seen}, but a gap in row {seen - 1} is not noticed either: it stops earlier"
    )
    return f"{seen} rows of ten bytes, and the line of names: whatever comes later may be anything."


@check(LESSON, "ex3")
def mended(attempt: Attempt) -> str:
    """A frame of all 105 files whose types hold."""
    fixed = attempt.lazy("fixed")
    attempt.expect(
        fixed.npartitions >= 100, f"`fixed` has {fixed.npartitions} partitions; 105 files are to be read"
    )
    _all_columns(attempt, fixed, "fixed")
    rows, _ = _measured(attempt, lambda: len(fixed))
    attempt.expect(
        attempt.is_known("rows", rows, NROWS), f"`fixed` has {rows:,} rows, not those of all the files"
    )
    attempt.expect(
        pd.api.types.is_numeric_dtype(fixed.dtypes["DepDelay"]),
        f"DepDelay is {fixed.dtypes['DepDelay']} now: a delay has to be a number, or its maximum is that of words",
    )
    longest, _ = _measured(attempt, lambda: fixed["DepDelay"].max().compute())
    attempt.expect(
        attempt.is_known("longest", int(longest), LONGEST[attempt.item]),
        f"The largest delay in it is {longest}",
    )
    return f"{rows:,} rows, and the longest delay is {int(longest):,} minutes: nearly a day."


@check(LESSON, "ex4")
def ten_years(attempt: Attempt) -> str:
    """A frame of ten files whose last rows can be shown."""
    years = attempt.lazy("years")
    _all_columns(attempt, years, "years")
    last, trace = _measured(attempt, years.tail)
    attempt.expect(
        set(last["Year"]) == {1999},
        f"The last rows are of {sorted(set(last['Year']))[0]}; all ten files are to be read",
        "M14",
    )
    attempt.expect(
        bool(last["TailNum"].notna().all()) and isinstance(last["TailNum"].iloc[0], str),
        f"TailNum shows {last['TailNum'].iloc[0]!r}; it should be text, such as N906XJ",
    )
    files = ", ".join(sorted(Path(path).name for path in trace.reads))
    read = sum(trace.read_bytes.values()) / 1e6
    return f"It works: for the last rows only the end of {files} was read, {read:.0f} MB."


@check(LESSON, "ex5")
def types_written_down(attempt: Attempt) -> str:
    """A Parquet store, read lazily, of which one column was read."""
    table = attempt.value("table")
    attempt.expect(
        not isinstance(table, pd.DataFrame),
        "`table` is a pandas frame: every column of every row has been read into memory. `cd.read_parquet` is lazy",
    )
    attempt.lazy("table")
    longest = attempt.number("longest")
    attempt.expect(
        attempt.is_known("longest", int(longest), LONGEST[attempt.item]),
        f"`longest` is {longest}; that is not the largest DepDelay",
    )
    folder = Path(attempt.value("target"))
    stored = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    attempt.expect(stored > 0, f"There is no Parquet file in {folder.name!r}")
    again = cd.read_parquet(folder)
    attempt.expect(
        dict(again.dtypes) == dict(table.dtypes) and len(again.columns) == 23,
        f"`table` has {len(table.columns)} columns; the store has {len(again.columns)}. All 23 are wanted",
    )
    read = {path: count for path, count in attempt.run.read_bytes.items() if path.endswith(".parquet")}
    attempt.expect(
        bool(read),
        "No Parquet file was read by a run of this cell: the maximum was worked out from the CSV files",
    )
    share = sum(read.values()) / stored
    indexed = any(str(name).startswith("__index_level") for name in _stored_columns(folder))
    attempt.expect(
        share < SHARE or not indexed,
        f"The value is right, but {share:.0%} of the store was read for it: the row numbers, of no meaning here, were "
        "stored as a column of their own and are read with every other. Write with `write_index=False`",
    )
    attempt.expect(
        share < SHARE,
        f"The value is right, but {share:.0%} of the store was read for it. Choose the column before you compute",
        "M12",
    )
    return f"Right, and {share:.1%} of the store was read: one column of 23, types included."


def _stored_columns(folder: Path) -> list[str]:
    names: list[str] = pq.read_schema(next(folder.rglob("*.parquet"))).names
    return names


def _all_columns(attempt: Attempt, frame: Any, name: str) -> None:
    attempt.expect(
        len(frame.columns) == 23, f"`{name}` has {len(frame.columns)} columns; all 23 should be there"
    )


def _measured(attempt: Attempt, work: Callable[[], Any]) -> tuple[Any, Any]:
    """Returns what `work` gives; types that do not hold become feedback, with the columns that are left."""
    try:
        return attempt.watch(work)
    except Raised as raised:
        if not isinstance(raised.error, SchemaError):
            raise
        table = raised.error.table
        left = ", ".join(f"{row.column} ({row.found}, not {row.expected})" for row in table)
        hidden = {row.column for row in table} == {"CRSElapsedTime"} and attempt.item == "ex3"
        where = Path(table[0].file).name if table else "a file"
        raise Wrong(
            f"Reading stops at {where}: {left}"
            + (". Head and tail work, and the middle does not" if hidden else ""),
            "M14" if hidden else "M13",
        ) from None
