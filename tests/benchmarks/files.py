"""The files of flights that the cases of tables read: written once by a process of their own, removed at the end.

They lie in a folder of the machine's temporary one, or in `CHUNKSCOPE_BENCH_DATA`, where they stay.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import chunkscope_datasets as datasets

VARIABLE = "CHUNKSCOPE_BENCH_DATA"
ROOT = Path(__file__).parents[2]
SAMPLE_ROWS = 1_000


def folder() -> Path:
    """Where they are."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else Path(tempfile.gettempdir()) / "chunkscope-benchmarks"


def csv(scale: int) -> Path:
    """One CSV file of `scale` years; 0 is a sample to warm up with."""
    return _made("csv", scale) / ("flights.csv" if scale else "sample.csv")


def parquet(scale: int) -> list[Path]:
    """One Parquet file for each year, each of twelve row groups; 0 is a sample to warm up with."""
    return sorted(_made("parquet", scale).glob("*.parquet"))


def remove() -> None:
    """Removes them all, unless their place was chosen."""
    if VARIABLE not in os.environ:
        shutil.rmtree(folder(), ignore_errors=True)


def _made(kind: str, scale: int) -> Path:
    """The folder of the files. Another process makes them, so that the measured one has never held their bytes."""
    made = folder() / f"{kind}-{scale}"
    if not made.is_dir():
        command = [sys.executable, "-m", "tests.benchmarks.files", kind, str(scale)]
        subprocess.run(command, cwd=ROOT, check=True)
    return made


def _make(kind: str, scale: int) -> None:
    target, part = folder() / f"{kind}-{scale}", folder() / f"{kind}-{scale}.new"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    if kind == "csv" and scale:
        datasets.flights("single", scale=scale, dest=part)
    elif kind == "csv":
        with open(csv(1), "rb") as lines:
            (part / "sample.csv").write_bytes(b"".join(next(lines) for _ in range(SAMPLE_ROWS + 1)))
    else:
        _make_parquet(part, scale)
    part.replace(target)


def _make_parquet(part: Path, scale: int) -> None:
    import pyarrow.parquet as pq

    months = datasets.flights("parquet", scale=max(scale, 1), dest=part / "months")
    if not scale:
        pq.write_table(pq.read_table(months[0]).slice(0, SAMPLE_ROWS), part / "sample.parquet")
    for first in range(0, 12 * scale, 12):
        with pq.ParquetWriter(part / f"{months[first].name[:4]}.parquet", pq.read_schema(months[0])) as year:
            for month in months[first : first + 12]:
                year.write_table(pq.read_table(month))
    shutil.rmtree(part / "months")


if __name__ == "__main__":
    _make(sys.argv[1], int(sys.argv[2]))
