"""The flights as frames: what breaks the types of a sample, and the answers of the group-bys."""

from pathlib import Path
from typing import Any

import pandas as pd

from chunkscope_datasets import flights


def frame_facts() -> dict[str, Any]:
    """Returns the shape of the files by destination, of the 1990s, and the worst and best day of the week."""
    by_destination = {path.stem: _rows(path) for path in flights("by_destination")}
    decade = flights("bts1990s")
    months = flights("by_month")
    columns = ["DayOfWeek", "DepDelay", "Cancelled", "Dest"]
    year = pd.concat([pd.read_csv(path, usecols=columns) for path in months])
    weekdays = year.groupby("DayOfWeek")["DepDelay"].mean()
    return {
        "frames.files": len(by_destination),
        "frames.abq_rows": by_destination["ABQ"],
        "frames.smallest": min(by_destination.values()),
        "frames.largest": max(by_destination.values()),
        "nineties.rows": sum(map(_rows, decade)),
        "nineties.mb": round(sum(path.stat().st_size for path in decade) / 1e6),
        "sharing.one": len(months),
        "sharing.two": 2 * len(months),
        "flights.worst_weekday": round(float(weekdays.max()), 2),
        "flights.best_weekday": round(float(weekdays.min()), 2),
        "flights.longest_delay": int(year["DepDelay"].max()),
        "flights.left": int(year["DepDelay"].count()),
        "flights.cancelled": int(year["Cancelled"].sum()),
    }


def _rows(path: Path) -> int:
    with open(path, "rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1
