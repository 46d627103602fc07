"""Counts and means of the 2013 flights."""

from typing import Any

import pandas as pd

from chunkscope_datasets import flights


def flight_facts() -> dict[str, Any]:
    """Returns counts and means of the 2013 flights."""
    paths = flights("by_month")
    months = [pd.read_csv(path, usecols=["Origin", "DepDelay"]) for path in paths]
    year = pd.concat(months)
    means = year.groupby("Origin")["DepDelay"].mean()
    monthly = (
        pd.concat([month.groupby("Origin")["DepDelay"].mean() for month in months]).groupby("Origin").mean()
    )
    out: dict[str, Any] = {
        "flights.rows": len(year),
        "flights.january": len(months[0]),
        "flights.january_late": int((months[0]["DepDelay"] > 15).sum()),
        "flights.first_quarter": sum(map(len, months[:3])),
        "flights.mb": round(sum(path.stat().st_size for path in paths) / 1e6, 1),
    }
    for airport in sorted(means.index):
        out[f"flights.mean_{airport}"] = round(float(means[airport]), 3)
        out[f"flights.mean_of_means_{airport}"] = round(float(monthly[airport]), 3)
    return out
